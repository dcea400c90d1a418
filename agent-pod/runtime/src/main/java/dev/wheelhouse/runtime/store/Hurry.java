package dev.wheelhouse.runtime.store;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs whose command is on its way to a sandbox. What other runs write meanwhile about what has happened already gives
 * way to them for a moment: a command that has not begun costs its whole run time. Thread-safe.
 */
public final class Hurry {
    /** Longest that a write gives way, however many commands begin meanwhile: two processors begin 20 of them in 200 to 350 ms. */
    private static final Duration GIVES_WAY = Duration.ofMillis(400);

    private final long longestNanos;
    /** When each of them no longer counts, by UID: not every way on which a call can fail passes by here. */
    private final Map<String, Long> until = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();

    public Hurry() {
        this(GIVES_WAY);
    }

    /** @param longest that a write gives way */
    public Hurry(Duration longest) {
        this.longestNanos = longest.toNanos();
    }

    /** The run has a command to start: time to take its sandbox and to record the intent. */
    public void begin(String runUid) {
        until.put(runUid, System.nanoTime() + 2 * longestNanos);
    }

    /** Its command was sent: time to begin, after which one that says nothing is taken to run. */
    public void sent(String runUid) {
        until.computeIfPresent(runUid, (_, _) -> System.nanoTime() + longestNanos);
    }

    /** Its command runs, or is not going to. */
    public void over(String runUid) {
        if (until.remove(runUid) == null || !until.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether others give way to this run. */
    public boolean has(String runUid) {
        Long end = until.get(runUid);
        return end != null && end - System.nanoTime() > 0;
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
