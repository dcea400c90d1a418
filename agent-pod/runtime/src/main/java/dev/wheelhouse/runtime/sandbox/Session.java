package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One connection of a sandbox that showed who it is. Its frames are read by one thread, which never waits for anybody
 * but the sandbox; whoever breaks the protocol or talks of nothing but unknown calls loses the connection.
 */
final class Session implements AutoCloseable {
    /** Longest time in which a sandbox must take what is sent to it. */
    private static final Duration SEND = Duration.ofSeconds(20);
    /** Silence after which the connection is taken for dead; pings make it speak. */
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private static final Duration PULSE = Duration.ofSeconds(5);
    /** Sum of what nobody waits for; a call that was given up may still send its output. */
    private static final long MAX_UNWANTED = 64L * 1024 * 1024;
    /** Time between two answers to who is there. */
    private static final Duration ASKED_AGAIN = Duration.ofMillis(200);

    /** Longer frames are the contents of files: taken only while a call waits for something, and few at once. */
    static final int LARGE = 96 * 1024;
    /** Longest time in which a large one must arrive. */
    private static final Duration RECEIVE = Duration.ofSeconds(20);
    /** Large ones under way at once, of all sandboxes: what they hold of this process's memory is bounded with it. */
    static final Semaphore PLACES = new Semaphore(32, true);

    private static final int MAX_PROBES = 64;
    private static final int BUFFER = 16 * 1024;

    private final SandboxPod pod;
    private final String secret;
    private final Socket socket;
    private final List<Frame.Target> targets;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final ReentrantLock sending = new ReentrantLock();
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final CompletableFuture<List<Frame.ProbeResult>> probed = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile long sendingSince;
    private volatile long receivingSince;
    private volatile long lastHeard = System.nanoTime();
    private volatile long lastAsked = System.nanoTime() - ASKED_AGAIN.toNanos();
    private long unwanted;

    /**
     * @param secret by which connections of its egress are known
     * @param targets what it is to probe
     */
    Session(SandboxPod pod, String secret, Socket socket, List<Frame.Target> targets) throws IOException {
        this.targets = targets;
        this.pod = pod;
        this.secret = secret;
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER));
    }

    /** The pod as it was when it connected. */
    SandboxPod pod() {
        return pod;
    }

    String secret() {
        return secret;
    }

    List<Frame.Target> targets() {
        return targets;
    }

    /** Whether this is its address. */
    boolean from(InetAddress address) {
        return address.equals(socket.getInetAddress());
    }

    boolean open() {
        return !closed;
    }

    /**
     * Reads until the connection is over; then every waiter is told.
     *
     * @param welcome the answer to a sandbox that asks who is there
     */
    void serve(Supplier<Frame.Welcome> welcome) throws IOException, InterruptedException {
        Thread pulse = Thread.ofVirtual().name("pulse").start(this::pulse);
        try {
            while (!closed) {
                Frame frame = next();
                lastHeard = System.nanoTime();
                if (frame == null) {
                    continue;
                }
                if (!(frame instanceof Frame.ToRuntime said)) {
                    throw new IOException(
                            "a sandbox does not say " + frame.getClass().getSimpleName());
                }
                heard(said, welcome);
            }
        } finally {
            close();
            pulse.interrupt();
        }
    }

    /** The next frame, or null if that was a large one that nobody waits for. */
    private Frame next() throws IOException, InterruptedException {
        // How long it may be is looked at when it comes: a call may have begun since the one before.
        in.mark(Integer.BYTES);
        int length = in.readInt();
        in.reset();
        if (length <= LARGE || length > Frames.MAX) {
            return Frames.read(in, LARGE);
        }
        if (replies.isEmpty()) {
            in.skipNBytes((long) Integer.BYTES + length);
            unwanted(length);
            return null;
        }
        return large();
    }

    private Frame large() throws IOException, InterruptedException {
        if (!PLACES.tryAcquire(RECEIVE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException("too many large frames of others are under way");
        }
        try {
            receivingSince = System.nanoTime();
            return Frames.read(in, Frames.MAX);
        } finally {
            receivingSince = 0;
            PLACES.release();
        }
    }

    private void heard(Frame.ToRuntime frame, Supplier<Frame.Welcome> welcome)
            throws IOException, InterruptedException {
        switch (frame) {
            case Frame.Output output -> pass(output.callId(), output);
            case Frame.Found found -> pass(found.callId(), found);
            case Frame.Exited exited -> pass(exited.callId(), exited);
            case Frame.FileDone done -> pass(done.callId(), done);
            case Frame.Probed(var results) -> {
                if (results.size() > MAX_PROBES) {
                    throw new IOException("too many probes");
                }
                probed.complete(results);
            }
            case Frame.WhoIsThere _ -> {
                long early = ASKED_AGAIN.toNanos() - (System.nanoTime() - lastAsked);
                if (early > 0) {
                    TimeUnit.NANOSECONDS.sleep(early);
                }
                lastAsked = System.nanoTime();
                send(welcome.get());
            }
            case Frame.Pong _ -> {
                // Being heard is all it is for.
            }
            case Frame.Hello _, Frame.Open _ -> throw new IOException("said hello twice");
        }
    }

    private void pass(String callId, Frame.ToRuntime frame) throws IOException {
        Reply reply = callId == null ? null : replies.get(callId);
        if (reply != null) {
            reply.take(frame);
            return;
        }
        unwanted(1024 + (frame instanceof Frame.Output output && output.data() != null ? output.data().length : 0));
    }

    private void unwanted(int bytes) throws IOException {
        unwanted += bytes;
        if (unwanted > MAX_UNWANTED) {
            throw new IOException("too much about calls that nobody waits for");
        }
    }

    /** Sends a frame, or closes the connection: a sandbox that does not listen is of no use. */
    void send(Frame.ToSandbox frame) throws IOException {
        sending.lock();
        try {
            if (closed) {
                throw new IOException("the session is over");
            }
            sendingSince = System.nanoTime();
            Frames.write(out, frame);
        } catch (IOException e) {
            close();
            throw e;
        } finally {
            sendingSince = 0;
            sending.unlock();
        }
    }

    private void pulse() {
        try {
            for (long n = 1; !closed; n++) {
                Thread.sleep(PULSE);
                long since = sendingSince;
                long receiving = receivingSince;
                long now = System.nanoTime();
                if ((since != 0 && now - since > SEND.toNanos())
                        || (receiving != 0 && now - receiving > RECEIVE.toNanos())
                        || now - lastHeard > SILENCE.toNanos()) {
                    close();
                } else if (since == 0) {
                    send(new Frame.Ping(n));
                }
            }
        } catch (IOException e) {
            // Closed by send.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on frames of this call go to this reply. One waiter per call: the latest counts. */
    void attach(String callId, Reply reply) {
        replies.put(callId, reply);
        if (closed) {
            reply.cut();
        }
    }

    void detach(String callId, Reply reply) {
        replies.remove(callId, reply);
    }

    /** What its probes found, or that it did not say in time. */
    RunDesk.Network network(Duration atMost) throws InterruptedException {
        try {
            return Isolation.judge(targets, Optional.of(probed.get(atMost.toMillis(), TimeUnit.MILLISECONDS)));
        } catch (TimeoutException | ExecutionException e) {
            return Isolation.judge(targets, Optional.empty());
        }
    }

    /** The same, if it is known by now. */
    Optional<RunDesk.Network> networkNow() {
        return probed.isDone() && !probed.isCompletedExceptionally()
                ? Optional.of(Isolation.judge(targets, Optional.of(probed.join())))
                : Optional.empty();
    }

    @Override
    public void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed as far as it can be.
        }
        probed.completeExceptionally(new IOException("the session is over"));
        replies.values().forEach(Reply::cut);
    }

    @Override
    public String toString() {
        return "session of " + pod.name();
    }
}
