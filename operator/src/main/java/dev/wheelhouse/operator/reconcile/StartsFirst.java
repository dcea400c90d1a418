package dev.wheelhouse.operator.reconcile;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets starts of runs go before the records of them, and before the first of them are executed. When a thousand times are
 * due in one minute, how late the last one starts is what people see; that a status follows a moment later they do not,
 * and those that are there already finish no later on average for letting the rest in first.
 */
@Singleton
public final class StartsFirst {
    /** A record waits no longer than this: a round may last only so long. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(8).toNanos();

    /**
     * Each request under way has a connection of its own, and a TLS handshake takes longer than to create a Run: a
     * thousand at once spent most of their time on handshakes.
     */
    private static final int AT_ONCE = 16;

    private final Semaphore permits = new Semaphore(AT_ONCE);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private int starting;

    /** Does what starts a run. */
    <T> T start(Supplier<T> start) {
        count(1);
        try {
            permits.acquireUninterruptibly();
            try {
                return start.get();
            } finally {
                permits.release();
            }
        } finally {
            count(-1);
        }
    }

    /** Whether something is being started now. */
    boolean starting() {
        lock.lock();
        try {
            return starting > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is being started, or for long enough. */
    void awaitTurn() {
        lock.lock();
        try {
            long left = PATIENCE_NANOS;
            while (starting > 0 && left > 0) {
                left = none.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void count(int change) {
        lock.lock();
        try {
            starting += change;
            if (starting == 0) {
                none.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
