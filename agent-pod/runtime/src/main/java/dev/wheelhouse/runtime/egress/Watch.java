package dev.wheelhouse.runtime.egress;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes the sockets of a connection when it takes too long. Socket timeouts alone do not: they bound one read, so a
 * byte now and then goes on for ever, and no write at all.
 */
final class Watch implements AutoCloseable {
    private final Duration idle;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile long idleAt;
    private volatile long totalAt;
    private volatile boolean over;
    private volatile boolean late;
    private volatile boolean cut;

    Watch(Duration idle) {
        this.idle = idle;
        progress();
        totalAt = idleAt;
        thread = Thread.ofVirtual().name("egress-watch").start(this::watch);
    }

    private void watch() {
        while (!over) {
            long left = Math.min(idleAt - System.nanoTime(), totalAt - System.nanoTime());
            if (left <= 0) {
                late = true;
                sockets.forEach(Watch::close);
                return;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    /** From now on, so much time in all. */
    void within(Duration total) {
        progress();
        totalAt = System.nanoTime() + total.toNanos();
        LockSupport.unpark(thread);
    }

    /** A byte moved. */
    void progress() {
        idleAt = System.nanoTime() + idle.toNanos();
    }

    /** Closes this one too; the bare one, as closing TLS writes and may block. */
    void guard(Socket socket) {
        sockets.add(socket);
        if (late || cut) {
            close(socket);
        }
    }

    /** Closes everything now. */
    void cut() {
        cut = true;
        sockets.forEach(Watch::close);
    }

    boolean isCut() {
        return cut;
    }

    void release(Socket socket) {
        sockets.remove(socket);
    }

    /** Whether time was up. */
    boolean late() {
        return late;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use to anybody any more.
        }
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
    }
}
