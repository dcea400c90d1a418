package dev.wheelhouse.core.drive;

import java.time.Duration;

/** Sleeps that signals cut short. */
final class Pause implements AutoCloseable {
    private final Parallel.Scope<Void> timer;
    private final Runnable unsubscribe;

    Pause(Parallel parallel, Signals signals) {
        timer = parallel.open();
        unsubscribe = signals.onChange(timer::wake);
    }

    /** Sleeps for so long, or less if a signal comes. */
    void sleep(Duration duration) throws InterruptedException {
        if (duration.isPositive()) {
            timer.next(duration);
        }
    }

    @Override
    public void close() {
        unsubscribe.run();
        timer.close();
    }
}
