package dev.wheelhouse.runtime.drive;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** The thread that keeps the Lease. A platform thread of its own, so that no amount of runs can starve it. */
final class LeaseLoop {
    private final Registration registration;
    private final Thread thread;
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean draining;
    private volatile boolean stopped;

    LeaseLoop(Registration registration) {
        this.registration = registration;
        this.thread = Thread.ofPlatform()
                .name("lease")
                .daemon()
                .priority(Thread.MAX_PRIORITY)
                .unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    boolean alive() {
        return thread.isAlive();
    }

    /** Says on the Lease at once that no new run should come; it is kept alive. */
    void drain() {
        draining = true;
        LockSupport.unpark(thread);
    }

    /** Gives the Lease back and ends the thread. */
    void stop(Duration atMost) throws InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        released.await(atMost.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    private void loop() {
        try {
            boolean told = false;
            while (!stopped) {
                if (draining && !told) {
                    registration.drain();
                    told = true;
                }
                Duration pause = registration.tick();
                if (!stopped && draining == told) {
                    LockSupport.parkNanos(this, pause.toNanos());
                }
            }
            registration.release();
        } finally {
            released.countDown();
        }
    }
}
