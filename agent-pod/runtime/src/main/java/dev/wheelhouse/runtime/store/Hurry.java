package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs whose command is on its way to a sandbox. Their requests go first: a command that has not begun costs its whole
 * run time, while what the others write is about something that has happened already. Thread-safe.
 */
public final class Hurry {
    /** Longest that a request gives way, however many commands begin meanwhile. */
    private static final Duration GIVES_WAY = Duration.ofMillis(250);

    private final long longestNanos;
    /** When each of them no longer counts, by UID: not every way on which a call can fail passes by here. */
    private final Map<String, Long> until = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();

    public Hurry() {
        this(GIVES_WAY);
    }

    /** @param longest that a request gives way, and four times that is the longest that a run is in a hurry */
    Hurry(Duration longest) {
        this.longestNanos = longest.toNanos();
    }

    /** The run has a command to start. */
    public void begin(RunId run) {
        until.put(run.uid(), System.nanoTime() + 4 * longestNanos);
    }

    /** Its command runs, or is not going to. */
    public void over(RunId run) {
        if (until.remove(run.uid()) == null || !until.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the requests of this run go first. */
    public boolean has(RunId run) {
        return until.containsKey(run.uid());
    }

    /** Waits until no run is in a hurry, or a short while if there always is one, or not at all if interrupted. */
    void giveWay() {
        if (until.isEmpty()) {
            return;
        }
        long deadline = System.nanoTime() + longestNanos;
        lock.lock();
        try {
            long now = System.nanoTime();
            while (anybody(now) && deadline - now > 0) {
                over.await(deadline - now, TimeUnit.NANOSECONDS);
                now = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private boolean anybody(long now) {
        until.values().removeIf(end -> end - now <= 0);
        return !until.isEmpty();
    }
}
