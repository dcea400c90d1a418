package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * A sandbox's daemon that does what a test says. Its pod's ledger outlives its connections; commands do not end by
 * themselves unless {@link Pod#answers} says how.
 */
final class FakeDaemon implements AutoCloseable {
    /** What of a daemon outlives its connections. */
    static final class Pod {
        final String name;
        final Map<String, Frame.ToRuntime> ended = new ConcurrentHashMap<>();
        final List<String> started = new CopyOnWriteArrayList<>();
        final List<Frame> heard = new CopyOnWriteArrayList<>();
        final Map<String, byte[]> files = new ConcurrentHashMap<>();
        volatile boolean reaches;
        volatile boolean answers = true;
        /** Opened: file operations are answered. */
        volatile CountDownLatch gate = new CountDownLatch(0);

        Pod(String name) {
            this.name = name;
        }

        List<Frame.Start> starts() {
            return heard.stream()
                    .filter(Frame.Start.class::isInstance)
                    .map(Frame.Start.class::cast)
                    .toList();
        }
    }

    private final Pod pod;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    volatile Frame.Welcome welcome;
    volatile Frame.Refused refused;
    volatile boolean over;

    FakeDaemon(int port, Pod pod, String token) throws IOException {
        this.pod = pod;
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        say(new Frame.Hello(Frames.VERSION, token, pod.name));
        Thread.ofVirtual().start(this::listen);
    }

    synchronized void say(Frame frame) throws IOException {
        Frames.write(out, frame);
    }

    synchronized void sayBytes(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void end(String callId, String output) throws IOException {
        say(new Frame.Output(callId, false, output.getBytes(StandardCharsets.UTF_8)));
        Frame.Exited exited = exited(callId, 0, output.length());
        pod.ended.put(callId, exited);
        say(exited);
    }

    static Frame.Exited exited(String callId, int code, long bytes) {
        return new Frame.Exited(callId, code, null, false, false, 7, bytes, 0, false, null, null, null);
    }

    private void listen() {
        try {
            while (true) {
                Frame frame = Frames.read(in, Frames.MAX);
                pod.heard.add(frame);
                switch (frame) {
                    case Frame.Welcome said -> welcome = said;
                    case Frame.Refused said -> refused = said;
                    case Frame.Probe(var targets) ->
                        say(new Frame.Probed(targets.stream()
                                .map(t -> new Frame.ProbeResult(t.name(), pod.reaches, "by test"))
                                .toList()));
                    case Frame.Start start -> start(start);
                    case Frame.Find(var callId) -> find(callId);
                    case Frame.FileCall(var callId, var op) -> {
                        pod.gate.await();
                        say(file(callId, op));
                    }
                    case Frame.Ping(var n) -> say(new Frame.Pong(n));
                    default -> {
                        // Tests look at what was heard.
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            over = true;
        }
    }

    private void start(Frame.Start start) throws IOException {
        if (pod.ended.containsKey(start.callId()) || pod.started.contains(start.callId())) {
            find(start.callId());
            return;
        }
        pod.started.add(start.callId());
        if (pod.answers) {
            end(start.callId(), "ran " + start.argv().getLast());
        }
    }

    private void find(String callId) throws IOException {
        Frame.ToRuntime ended = pod.ended.get(callId);
        Frame.State state = ended != null
                ? Frame.State.ENDED
                : pod.started.contains(callId) ? Frame.State.RUNNING : Frame.State.UNKNOWN;
        say(new Frame.Found(callId, state));
        if (ended != null) {
            say(new Frame.Output(callId, false, "replayed".getBytes(StandardCharsets.UTF_8)));
            say(ended);
        }
    }

    private Frame.FileDone file(String callId, FileOp op) {
        return switch (op) {
            case FileOp.Upload(var path, var offset, var content, var last) -> {
                byte[] before = offset == 0 ? new byte[0] : pod.files.getOrDefault(path, new byte[0]);
                byte[] whole = new byte[before.length + content.length];
                System.arraycopy(before, 0, whole, 0, before.length);
                System.arraycopy(content, 0, whole, before.length, content.length);
                pod.files.put(path, whole);
                yield done(callId, null, null, whole.length);
            }
            case FileOp.Read(var path, var offset, var max) -> {
                byte[] whole = pod.files.get(path);
                if (whole == null) {
                    yield done(callId, path + " does not exist", null, 0);
                }
                int from = (int) Math.min(offset, whole.length);
                int to = Math.min(whole.length, from + max);
                yield done(callId, null, Arrays.copyOfRange(whole, from, to), whole.length);
            }
            case FileOp.Write(var path, var content, var mode) -> {
                pod.files.put(path, content);
                yield done(callId, null, null, content.length);
            }
            default -> done(callId, null, null, 0);
        };
    }

    private static Frame.FileDone done(String callId, String error, byte[] content, long size) {
        return new Frame.FileDone(callId, error, content, false, size, new ArrayList<>());
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
