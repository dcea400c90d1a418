package dev.wheelhouse.runtime.outbound;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A blocking call that its caller can walk away from. Client libraries block in ways that do not all react to an
 * interrupt or to a peer that sends one byte a second; this bounds all of them alike.
 */
public final class Abandonable {
    private Abandonable() {}

    /**
     * Runs the work on a virtual thread of its own, which is interrupted (closing the socket it reads) when the limit
     * passes or the caller is interrupted.
     *
     * @throws TimeoutException if the limit passed
     * @throws ExecutionException with what the work threw
     * @throws InterruptedException if the caller was interrupted
     */
    public static <T> T call(Duration limit, Callable<T> work)
            throws InterruptedException, TimeoutException, ExecutionException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().name("outbound").start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            task.cancel(true);
        }
    }
}
