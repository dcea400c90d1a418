package dev.wheelhouse.runtime.store;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Bounds the API requests of all runs of this process at once. Without it a burst of runs opens a connection each;
 * with it they queue here, in order, where waiting costs a parked virtual thread. The Lease does not queue.
 */
public final class ApiPermits {
    private final Semaphore free;
    private final Hurry hurry;

    /** @param atOnce requests under way at once */
    public ApiPermits(int atOnce) {
        this(atOnce, new Hurry());
    }

    /** @param atOnce requests under way at once */
    public ApiPermits(int atOnce, Hurry hurry) {
        this.free = new Semaphore(atOnce, true);
        this.hurry = hurry;
    }

    /** The runs that writes of other runs give way to. */
    public Hurry hurry() {
        return hurry;
    }

    /** Makes a request when its turn has come. Does not react to interrupts: a request half made helps nobody. */
    public <T> T call(Supplier<T> request) {
        free.acquireUninterruptibly();
        try {
            return request.get();
        } finally {
            free.release();
        }
    }

    /** Makes a write about what a run has done, as {@link #call}, but gives way first to other runs in a {@link Hurry}. */
    public <T> T callPolitely(String runUid, Supplier<T> write) {
        if (!hurry.has(runUid)) {
            hurry.giveWay();
        }
        return call(write);
    }
}
