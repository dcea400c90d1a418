package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.runtime.store.ApiPermits;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The requests to the API server that are made for whoever knocks. Runs share the permits for them, so who connects over
 * and over must not use these up: an address has some requests at once, enough for a sandbox that is just coming up and
 * for the reconnects of an honest one, and one a second in the long run. Thread-safe.
 */
final class KnockBudget {
    private static final long EACH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int AT_ONCE = 60;
    /** Under way together, for all addresses: the permits left are those of runs. */
    private static final int TOGETHER = 8;
    /** More than there are sandboxes. A forgotten address has all of its budget again. */
    private static final int REMEMBERED = 4096;

    private final ApiPermits permits;
    private final LongSupplier nanoTime;
    private final Semaphore together = new Semaphore(TOGETHER, true);
    private final Map<InetAddress, Budget> budgets = new LinkedHashMap<>(16, 0.75f, true);

    KnockBudget(ApiPermits permits, LongSupplier nanoTime) {
        this.permits = permits;
        this.nanoTime = nanoTime;
    }

    /** What one address may still ask; its lock lets it ask one thing at a time, so that many of it do not queue. */
    private static final class Budget {
        private final ReentrantLock lock = new ReentrantLock(true);
        private long spentUntil;

        private Budget(long now) {
            spentUntil = now;
        }

        private synchronized boolean spend(long now) {
            if (spentUntil - now < 0) {
                spentUntil = now;
            }
            if (spentUntil - now > (AT_ONCE - 1) * EACH_NANOS) {
                return false;
            }
            spentUntil += EACH_NANOS;
            return true;
        }
    }

    /** Makes a request for this address, or refuses to. */
    <T> T ask(InetAddress from, Supplier<T> request) throws Identity.NotAdmitted {
        Budget budget = of(from);
        if (!budget.spend(nanoTime.getAsLong())) {
            throw new Identity.NotAdmitted("this address connects too often");
        }
        budget.lock.lock();
        together.acquireUninterruptibly();
        try {
            return permits.call(request);
        } finally {
            together.release();
            budget.lock.unlock();
        }
    }

    private synchronized Budget of(InetAddress from) {
        Budget budget = budgets.computeIfAbsent(from, address -> new Budget(nanoTime.getAsLong()));
        if (budgets.size() > REMEMBERED) {
            budgets.remove(budgets.keySet().iterator().next());
        }
        return budget;
    }
}
