package dev.wheelhouse.operator.reconcile;

import java.util.function.LongSupplier;

/**
 * A budget of things that are nice to do but must not crowd out work: so many a second, and a few saved up.
 *
 * <p>Thread-safe.
 */
final class Pace {
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final double most;
    private final LongSupplier nanoTime;
    private double saved;
    private long last;

    Pace(double perSecond, double most, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.most = most;
        this.nanoTime = nanoTime;
        this.saved = most;
        this.last = nanoTime.getAsLong();
    }

    /** Whether one more may be done now. */
    synchronized boolean take() {
        long now = nanoTime.getAsLong();
        saved = Math.min(most, saved + (now - last) / NANOS * perSecond);
        last = now;
        if (saved < 1) {
            return false;
        }
        saved--;
        return true;
    }
}
