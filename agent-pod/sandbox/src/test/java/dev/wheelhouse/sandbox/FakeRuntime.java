package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The other side of the daemon: says welcome to everybody and lets a test talk. Egress connections are echoed. */
final class FakeRuntime implements AutoCloseable {
    static final String CA = "-----BEGIN CERTIFICATE-----\nthe proxy's\n-----END CERTIFICATE-----";
    private static final long PATIENCE_SECONDS = 30;

    private final ServerSocket door;
    private final Thread acceptor;
    private final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
    private volatile List<String> others = List.of();
    private final BlockingQueue<Frame.Hello> refused = new LinkedBlockingQueue<>();
    private volatile String refusal;
    private volatile String ca = CA;

    FakeRuntime() throws IOException {
        this(0);
    }

    FakeRuntime(int port) throws IOException {
        door = new ServerSocket();
        door.setReuseAddress(true);
        door.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        acceptor = Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /** Told in every welcome from now on, besides this one. */
    void knows(FakeRuntime... runtimes) {
        others = Stream.of(runtimes).map(FakeRuntime::address).toList();
    }

    /** Said in every welcome from now on. */
    void shows(String pem) {
        ca = pem;
    }

    void refuses(String reason) {
        refusal = reason;
    }

    /** The next that was refused. */
    Frame.Hello refused() throws InterruptedException {
        var hello = refused.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(hello, "nobody came");
        return hello;
    }

    /** The next session; the daemon has read the welcome. */
    Peer session() throws IOException, InterruptedException {
        var peer = peers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(peer, "nobody came");
        peer.say(new Frame.Ping(0));
        assertEquals(new Frame.Pong(0), peer.next());
        return peer;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        door.close();
        acceptor.join(); // the port is free only when it let go
    }

    private void accept() {
        try {
            while (true) {
                var socket = door.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new DataInputStream(socket.getInputStream());
            var out = new DataOutputStream(socket.getOutputStream());
            switch (Frames.read(in, Frames.MAX)) {
                case Frame.Open(var session) -> {
                    out.write((session + ":").getBytes(StandardCharsets.UTF_8));
                    in.transferTo(out);
                    socket.shutdownOutput();
                }
                case Frame.Hello hello
                when refusal != null -> {
                    Frames.write(out, new Frame.Refused(refusal));
                    refused.add(hello);
                }
                case Frame.Hello hello -> new Peer(socket, in, out, hello).serve();
                default -> throw new IOException("neither Hello nor Open");
            }
        } catch (IOException e) {
            // The test sees that nothing comes.
        }
    }

    /** One session, seen from the runtime. */
    final class Peer {
        final Frame.Hello hello;
        private final Socket socket;
        private final DataInputStream in;
        private final DataOutputStream out;
        private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();

        Peer(Socket socket, DataInputStream in, DataOutputStream out, Frame.Hello hello) {
            this.socket = socket;
            this.in = in;
            this.out = out;
            this.hello = hello;
        }

        private void serve() throws IOException {
            welcome();
            peers.add(this);
            while (true) {
                var frame = Frames.read(in, Frames.MAX);
                if (frame instanceof Frame.WhoIsThere) {
                    welcome();
                } else {
                    frames.add(frame);
                }
            }
        }

        private void welcome() throws IOException {
            var all = new ArrayList<>(List.of(address()));
            all.addAll(others);
            say(new Frame.Welcome("secret-" + port(), all, ca));
        }

        synchronized void say(Frame frame) throws IOException {
            Frames.write(out, frame);
        }

        synchronized void sayBytes(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        void hangUp() throws IOException {
            socket.close();
        }

        /** The next frame. */
        Frame next() throws InterruptedException {
            var frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(frame, "nothing came");
            return frame;
        }

        <T extends Frame> T next(Class<T> kind) throws InterruptedException {
            return assertInstanceOf(kind, next());
        }

        /** Follows a call to its end. */
        Result result(String callId) throws InterruptedException {
            return until(callId, result -> result.end != null);
        }

        /** Follows a call until what came satisfies the condition. */
        Result until(String callId, Predicate<Result> enough) throws InterruptedException {
            var result = new Result();
            while (!enough.test(result)) {
                switch (next()) {
                    case Frame.Output(var id, var stderr, var data)
                    when id.equals(callId) -> (stderr ? result.stderr : result.stdout).writeBytes(data);
                    case Frame.Exited end when end.callId().equals(callId) -> result.end = end;
                    default -> {
                        // of another call
                    }
                }
            }
            return result;
        }

        Result run(Frame.Start start) throws IOException, InterruptedException {
            say(start);
            return result(start.callId());
        }
    }

    static final class Result {
        final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        Frame.Exited end;

        String out() {
            return stdout.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return stderr.toString(StandardCharsets.UTF_8);
        }
    }
}
