package dev.wheelhouse.runtime.store;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    /** When each of them no longer counts, by UID: not every way on which a call can fail passes by here. */
    private final Map<String, Long> until = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();
    /** So many were in a hurry at once since nobody was. */
    private final AtomicInteger most = new AtomicInteger(1);
    /** Until when others are taken to be in a hurry elsewhere. */
    private volatile long calm = System.nanoTime();

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
        until.put(runUid, System.nanoTime() + 2 * longestNanos);
        most.accumulateAndGet(until.size(), Math::max);
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
            calm = System.nanoTime() + eachNanos * (most.getAndSet(1) - 1);
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
        long now = System.nanoTime();
        long deadline = now + longestNanos;
        if (until.isEmpty() && calm - now <= 0) {
            return;
        }
        lock.lock();
        try {
            long left = Math.min(left(now), longestNanos);
            while (left > 0) {
                over.await(left, TimeUnit.NANOSECONDS);
                now = System.nanoTime();
                left = Math.min(left(now), deadline - now);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** As long as somebody is in a hurry, the longest; then the rest for those elsewhere. */
    private long left(long now) {
        until.values().removeIf(end -> end - now <= 0);
        return until.isEmpty() ? calm - now : longestNanos;
    }
}
