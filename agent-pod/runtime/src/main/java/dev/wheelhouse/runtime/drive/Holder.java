package dev.wheelhouse.runtime.drive;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * One registration of this process as a holder of runs, from its Lease to its loss. It fences itself: counted from the
 * start of the last successful renewal, on a clock that cannot be set, it stops being allowed to act well before the
 * operator gives its runs to somebody else.
 */
public final class Holder {
    /** How long after the start of the last successful renewal an effect may still start. */
    public static final Duration MAY_ACT = Duration.ofSeconds(6);

    private final String id;
    private final LongSupplier nanoTime;
    private volatile long renewed;
    private volatile boolean lost;

    Holder(String id, LongSupplier nanoTime, long renewed) {
        this.id = id;
        this.nanoTime = nanoTime;
        this.renewed = renewed;
    }

    /** Value of {@code status.execution.holder} of the runs of this process. */
    public String id() {
        return id;
    }

    /**
     * Whether an effect, a journal append or a status write may start now. Once false, always false: whoever was told so
     * dropped its run, and a renewal that succeeds late must not keep the run in the name of this holder.
     */
    public boolean mayAct() {
        if (!lost && nanoTime.getAsLong() - renewed > MAY_ACT.toNanos()) {
            lost = true;
        }
        return !lost;
    }

    void renewed(long startedAt) {
        renewed = startedAt;
    }

    void lose() {
        lost = true;
    }

    @Override
    public String toString() {
        return id;
    }
}
