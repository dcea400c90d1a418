package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A daemon's day in a second, with a runtime in the same process: run while the image is built, so
 * that Java can keep the classes it needs in the form it wants them, and a sandbox starts sooner.
 */
public final class Rehearsal {
    private static final String CALL = "rehearsal";

    private Rehearsal() {}

    /** The only argument is an empty folder for what it writes. */
    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var token = Files.writeString(folder.resolve("token"), "rehearsal");
        Kernel.hide();
        try (var door = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var address = new InetSocketAddress(door.getInetAddress(), door.getLocalPort());
            var settings = new Settings(address, token, CALL, folder, folder, 0, Duration.ofHours(1));
            try (var daemon = Sandboxd.start(settings);
                    var socket = door.accept()) {
                converse(
                        new DataInputStream(socket.getInputStream()),
                        new DataOutputStream(socket.getOutputStream()),
                        "127.0.0.1:" + door.getLocalPort());
                daemon.awaitEnd();
            }
        }
    }

    private static void converse(DataInputStream in, DataOutputStream out, String address) throws IOException {
        Frames.read(in, Frames.MAX);
        Frames.write(out, new Frame.Welcome("session", List.of(address), "authority"));
        Frames.write(out, new Frame.Probe(List.of(new Frame.Target("nobody", "tcp", "127.0.0.1", 1))));
        Frames.write(out, new Frame.FileCall("file", new FileOp.Write("file", new byte[1], -1)));
        Frames.write(out, new Frame.FileCall("list", new FileOp.Glob("**")));
        Frames.write(
                out,
                new Frame.Start(CALL, List.of("/bin/sh", "-c", "echo done"), Map.of(), null, null, 10_000, 1 << 20));
        while (!(Frames.read(in, Frames.MAX) instanceof Frame.Exited)) {
            // until the command is over
        }
        Frames.write(out, new Frame.Find(CALL));
        while (!(Frames.read(in, Frames.MAX) instanceof Frame.Exited)) {
            // and was told once more
        }
        Frames.write(out, new Frame.Stop());
    }
}
