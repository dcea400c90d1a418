package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Bounds the API requests of all runs of this process at once. Without it a burst of runs opens a connection each;
 * with it they queue here, in order but for the runs in a {@link Hurry}, where waiting costs a parked virtual thread.
 * The Lease does not queue.
 */
public final class ApiPermits {
    private final Semaphore free;
    private final Hurry hurry;

    /** @param atOnce requests under way at once */
    public ApiPermits(int atOnce) {
        this(atOnce, new Hurry());
    }

    ApiPermits(int atOnce, Hurry hurry) {
        this.free = new Semaphore(atOnce, true);
        this.hurry = hurry;
    }

    /** The runs that go first. */
    public Hurry hurry() {
        return hurry;
    }

    /** Makes a request of a run when its turn has come; as {@link #call(Supplier)}, but at once if it is in a hurry. */
    public <T> T call(RunId run, Supplier<T> request) {
        return hurry.has(run) ? whenFree(request) : call(request);
    }

    /** Makes a request when its turn has come. Does not react to interrupts: a request half made helps nobody. */
    public <T> T call(Supplier<T> request) {
        hurry.giveWay();
        return whenFree(request);
    }

    private <T> T whenFree(Supplier<T> request) {
        free.acquireUninterruptibly();
        try {
            return request.get();
        } finally {
            free.release();
        }
    }
}
