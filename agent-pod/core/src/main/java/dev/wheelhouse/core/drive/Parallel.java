package dev.wheelhouse.core.drive;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Starts calls beside the run's own thread and waits for them. The simulator has its own, with a virtual clock. */
public interface Parallel {
    <T> Scope<T> open();

    /** Calls under way and their results, in the order in which they ended. */
    interface Scope<T> extends AutoCloseable {
        /** Starts a call. It must not throw. */
        Task start(Callable<T> call);

        /**
         * Waits for the next result.
         *
         * @return empty if none came in time, or if the scope was woken
         */
        Optional<T> next(Duration atMost) throws InterruptedException;

        /** Lets a waiting {@link #next}, or else the following one, return at once. Callable from any thread. */
        void wake();

        /** Time since the scope was opened, from a clock that cannot be set. */
        Duration elapsed();

        /** Interrupts what still runs and forgets it. */
        @Override
        void close();
    }

    /** A call under way. */
    interface Task {
        void interrupt();
    }
}
