package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.sandbox.wire.Frame;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a sandbox answers to one call over one session, kept up to a bound: whatever more it sends is counted and dropped,
 * so a flood costs nothing but the sender's time. Thread-safe.
 */
final class Reply {
    /** What the waiter learns. */
    sealed interface News {
        /** The call is over: {@link Frame.Exited} or {@link Frame.FileDone}. */
        record Over(Frame.ToRuntime end) implements News {}

        /** What the daemon knows of the call. */
        record Known(Frame.State state) implements News {}

        /** The session is over, the call perhaps not. */
        record Cut() implements News {}

        /** Somebody woke the waiter. */
        record Woken() implements News {}

        /** Nothing came in time. */
        record Late() implements News {}
    }

    private final int maxBytes;
    private final Runnable heard;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private Frame.ToRuntime end;
    private Frame.State known;
    private boolean cut;
    private boolean woken;

    /**
     * @param maxBytes kept of each stream
     * @param heard run for each frame, by the thread that reads the session: must be quick
     */
    Reply(int maxBytes, Runnable heard) {
        this.maxBytes = maxBytes;
        this.heard = heard;
    }

    /** A frame of this call. */
    void take(Frame.ToRuntime frame) {
        heard.run();
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            switch (frame) {
                case Frame.Output output -> append(output);
                case Frame.Found found -> {
                    // All of the output follows, from its beginning.
                    stdout.reset();
                    stderr.reset();
                    known = found.state();
                }
                case Frame.Exited exited -> end = exited;
                case Frame.FileDone done -> end = done;
                case Frame.Hello _, Frame.Open _, Frame.Probed _, Frame.WhoIsThere _, Frame.Pong _ ->
                    throw new IllegalArgumentException("belongs to no call: " + frame);
            }
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void append(Frame.Output output) {
        ByteArrayOutputStream to = output.stderr() ? stderr : stdout;
        byte[] data = output.data();
        if (data != null) {
            to.write(data, 0, Math.min(data.length, maxBytes - to.size()));
        }
    }

    /** The session is over. */
    void cut() {
        lock.lock();
        try {
            cut = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the waiter look around. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for news; the end of the call comes before everything else.
     *
     * @param deadline on the clock of {@link System#nanoTime}
     */
    News await(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (end != null) {
                    return new News.Over(end);
                }
                if (known != null) {
                    Frame.State state = known;
                    known = null;
                    return new News.Known(state);
                }
                if (cut) {
                    return new News.Cut();
                }
                if (woken) {
                    woken = false;
                    return new News.Woken();
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return new News.Late();
                }
                news.await(left, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    byte[] stdout() {
        return bytes(stdout);
    }

    byte[] stderr() {
        return bytes(stderr);
    }

    private byte[] bytes(ByteArrayOutputStream from) {
        lock.lock();
        try {
            return from.toByteArray();
        } finally {
            lock.unlock();
        }
    }
}
