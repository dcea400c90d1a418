package dev.wheelhouse.core.drive;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A virtual thread for each call. */
public final class VirtualThreads implements Parallel {
    @Override
    public <T> Scope<T> open() {
        return new ThreadScope<>();
    }

    private static final class ThreadScope<T> implements Scope<T> {
        private final long opened = System.nanoTime();
        private final BlockingQueue<Optional<T>> results = new LinkedBlockingQueue<>();
        private final Set<Thread> running = ConcurrentHashMap.newKeySet();

        @Override
        public Task start(Callable<T> call) {
            Thread thread = Thread.ofVirtual().unstarted(() -> run(call));
            running.add(thread);
            thread.start();
            return thread::interrupt;
        }

        private void run(Callable<T> call) {
            try {
                results.add(Optional.of(call.call()));
            } catch (Exception e) {
                throw new IllegalStateException("a parallel call must not throw", e);
            } finally {
                running.remove(Thread.currentThread());
            }
        }

        @Override
        public Optional<T> next(Duration atMost) throws InterruptedException {
            Optional<T> result = results.poll(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
            return result == null ? Optional.empty() : result;
        }

        @Override
        public void wake() {
            results.add(Optional.empty());
        }

        @Override
        public Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - opened);
        }

        @Override
        public void close() {
            running.forEach(Thread::interrupt);
        }
    }
}
