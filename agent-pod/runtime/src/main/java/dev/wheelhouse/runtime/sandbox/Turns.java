package dev.wheelhouse.runtime.sandbox;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Calls at the same time that must do something one after the other, such as those of one run. Thread-safe. */
final class Turns {
    private final Map<String, Turn> turns = new ConcurrentHashMap<>();

    private record Turn(ReentrantLock lock, AtomicInteger users) {}

    /** What is done in a turn. */
    @FunctionalInterface
    interface Work<T, E extends Exception> {
        T run() throws InterruptedException, E;
    }

    /** Does it when nobody else with this key does, in the order of coming. */
    <T, E extends Exception> T take(String key, Work<T, E> work) throws InterruptedException, E {
        return with(key, lock -> {
            lock.lockInterruptibly();
            try {
                return work.run();
            } finally {
                lock.unlock();
            }
        });
    }

    /** Does it if nobody else with this key does, or else nothing. */
    <T, E extends Exception> Optional<T> takeIfFree(String key, Work<Optional<T>, E> work)
            throws InterruptedException, E {
        return with(key, lock -> {
            if (!lock.tryLock()) {
                return Optional.empty();
            }
            try {
                return work.run();
            } finally {
                lock.unlock();
            }
        });
    }

    private interface Locked<T, E extends Exception> {
        T with(ReentrantLock lock) throws InterruptedException, E;
    }

    private <T, E extends Exception> T with(String key, Locked<T, E> work) throws InterruptedException, E {
        Turn turn = turns.compute(key, (k, present) -> {
            Turn mine = present == null ? new Turn(new ReentrantLock(true), new AtomicInteger()) : present;
            mine.users().incrementAndGet();
            return mine;
        });
        try {
            return work.with(turn.lock());
        } finally {
            turns.computeIfPresent(key, (k, t) -> t.users().decrementAndGet() == 0 ? null : t);
        }
    }
}
