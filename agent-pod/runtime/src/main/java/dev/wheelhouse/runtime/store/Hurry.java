package dev.wheelhouse.runtime.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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

    /**
     * How much longer a write gives way for each further run that was in a hurry at the same time: the other runtimes of
     * the namespace probably have as many, cannot be seen from here, and are not all as quick.
     */
    private static final Duration EACH = Duration.ofMillis(20);

    private final long longestNanos;
    private final long eachNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** When each of them no longer counts, by UID: not every way on which a call can fail passes by here. */
    private final Map<String, Long> until = new HashMap<>();
    /** So many were in a hurry at once since nobody was. */
    private int most;
    /** Until when others are taken to be in a hurry elsewhere. */
    private long calmFrom = System.nanoTime();

    public Hurry() {
        this(GIVES_WAY, EACH);
    }

    /**
     * @param longest that a write gives way
     * @param each of several at once that it gives way longer for, when the last of them is over
     */
    public Hurry(Duration longest, Duration each) {
        this.longestNanos = longest.toNanos();
        this.eachNanos = each.toNanos();
    }

    /** The run has a command to start: time to take its sandbox and to record the intent. */
    public void begin(String runUid) {
        lock.lock();
        try {
            long now = System.nanoTime();
            anybody(now);
            until.put(runUid, now + 2 * longestNanos);
            most = Math.max(most, until.size());
        } finally {
            lock.unlock();
        }
    }

    /** Its command was sent: time to begin, after which one that says nothing is taken to run. */
    public void sent(String runUid) {
        lock.lock();
        try {
            until.computeIfPresent(runUid, (_, _) -> System.nanoTime() + longestNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Its command runs, or is not going to. */
    public void over(String runUid) {
        lock.lock();
        try {
            long now = System.nanoTime();
            int others = most - 1;
            if (until.remove(runUid) == null || anybody(now)) {
                return;
            }
            long end = now + others * eachNanos;
            calmFrom = end - calmFrom > 0 ? end : calmFrom;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether others give way to this run. */
    public boolean has(String runUid) {
        lock.lock();
        try {
            Long end = until.get(runUid);
            return end != null && end - System.nanoTime() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no run is in a hurry, or a short while if there always is one, or not at all if interrupted. */
    void giveWay() {
        lock.lock();
        try {
            long now = System.nanoTime();
            long deadline = now + longestNanos;
            long left = left(now, deadline);
            while (left > 0) {
                changed.await(left, TimeUnit.NANOSECONDS);
                left = left(System.nanoTime(), deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody gives way now. */
    boolean calm() {
        lock.lock();
        try {
            long now = System.nanoTime();
            return left(now, now + longestNanos) <= 0;
        } finally {
            lock.unlock();
        }
    }

    /** As long as somebody is in a hurry, until the deadline; then for those elsewhere. */
    private long left(long now, long deadline) {
        return Math.min(anybody(now) ? Long.MAX_VALUE : calmFrom - now, deadline - now);
    }

    private boolean anybody(long now) {
        until.values().removeIf(end -> end - now <= 0);
        if (until.isEmpty()) {
            most = 0;
        }
        return !until.isEmpty();
    }
}
