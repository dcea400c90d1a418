package dev.wheelhouse.operator.reconcile;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Notices a controller that is alive but deaf: every new run must be looked at in reasonable time, and the clock that
 * drives the rest must tick.
 */
public final class Sentinel {
    private final LongSupplier nanoTime;
    private final Map<String, Long> expected = new ConcurrentHashMap<>();
    private volatile long ticked;
    private volatile long leadingSince;

    public Sentinel(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.ticked = nanoTime.getAsLong();
        this.leadingSince = ticked;
    }

    /** A new run was seen, and should be reconciled soon. */
    void expect(String uid) {
        expected.putIfAbsent(uid, nanoTime.getAsLong());
    }

    /** It was, or is gone. */
    void served(String uid) {
        expected.remove(uid);
    }

    /** The clock that drives the rest is alive. */
    public void tick() {
        ticked = nanoTime.getAsLong();
    }

    /** Reconciling begins now. */
    public void leads() {
        leadingSince = nanoTime.getAsLong();
    }

    /** How long the clock has been silent. */
    public Duration silence() {
        return Duration.ofNanos(nanoTime.getAsLong() - ticked);
    }

    /** How long the run that waits longest to be looked at has waited while this operator leads. */
    public Duration longestWait() {
        long now = nanoTime.getAsLong();
        long oldest = expected.values().stream()
                .mapToLong(seen -> now - Math.max(seen, leadingSince))
                .max()
                .orElse(0);
        return Duration.ofNanos(Math.max(0, oldest));
    }
}
