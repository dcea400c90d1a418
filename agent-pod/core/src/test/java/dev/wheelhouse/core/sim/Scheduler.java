package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.drive.Parallel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Runs simulated processes one fiber at a time, with a clock of its own. Which fiber goes on is drawn from the seed, so
 * the same seed gives the same run.
 */
final class Scheduler {
    /** Ends the fibers of a process that crashed. An error, so that no code under test can swallow it. */
    static final class Crash extends Error {
        Crash() {
            super("simulated crash", null, false, false);
        }
    }

    /** A simulated process. */
    static final class Process {
        final int number;
        final Duration clockSkew;
        boolean dead;
        boolean frozen;

        Process(int number, Duration clockSkew) {
            this.number = number;
            this.clockSkew = clockSkew;
        }
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final RandomGenerator random;
    private final List<Fiber> fibers = new ArrayList<>();
    private final Semaphore turn = new Semaphore(0);
    private Fiber current;
    private Throwable defect;
    private long nanos;
    private int switches;

    final class Fiber {
        final Process process;
        private final Semaphore go = new Semaphore(0);
        private BooleanSupplier ready = () -> true;
        private long deadline = NEVER;
        private boolean interrupted;
        private boolean done;

        private Fiber(Process process, Runnable body) {
            this.process = process;
            fibers.add(this);
            Thread.ofVirtual().start(() -> live(body));
        }

        private void live(Runnable body) {
            go.acquireUninterruptibly();
            try {
                if (!process.dead) {
                    body.run();
                }
            } catch (Crash e) {
                // as intended
            } catch (Throwable e) {
                defect = e;
            } finally {
                done = true;
                turn.release();
            }
        }
    }

    Scheduler(RandomGenerator random) {
        this.random = random;
    }

    long nanos() {
        return nanos;
    }

    void spawn(Process process, Runnable body) {
        new Fiber(process, body);
    }

    /** Goes on until nothing can: everything ended, or waits for ever. */
    void run(Runnable stuck) {
        while (true) {
            fibers.removeIf(fiber -> fiber.done);
            List<Fiber> able = fibers.stream().filter(this::able).toList();
            if (able.isEmpty() && !advance()) {
                int before = fibers.size();
                stuck.run();
                if (fibers.size() == before && fibers.stream().noneMatch(this::able)) {
                    return;
                }
                continue;
            }
            if (!able.isEmpty()) {
                resume(able.get(able.size() == 1 ? 0 : random.nextInt(able.size())));
            }
        }
    }

    private boolean able(Fiber fiber) {
        return fiber.process.dead || (!fiber.process.frozen && (fiber.ready.getAsBoolean() || fiber.deadline <= nanos));
    }

    private boolean advance() {
        long next = fibers.stream()
                .filter(fiber -> !fiber.process.frozen)
                .mapToLong(fiber -> fiber.deadline)
                .min()
                .orElse(NEVER);
        if (next == NEVER) {
            return false;
        }
        nanos = Math.max(nanos, next);
        return true;
    }

    private void resume(Fiber fiber) {
        if (++switches > 200_000) {
            throw new AssertionError("livelock");
        }
        current = fiber;
        fiber.go.release();
        turn.acquireUninterruptibly();
        current = null;
        if (defect != null) {
            throw new AssertionError("a simulated process failed", defect);
        }
    }

    /** The running fiber lets others go first until the condition holds or the time has come. */
    void block(BooleanSupplier ready, long deadline) {
        Fiber self = current;
        self.ready = ready;
        self.deadline = deadline;
        turn.release();
        self.go.acquireUninterruptibly();
        if (self.process.dead) {
            throw new Crash();
        }
        self.ready = () -> true;
        self.deadline = NEVER;
    }

    Process process() {
        return current.process;
    }

    /** Sleeps in virtual time; ends early if somebody interrupts the fiber. */
    void sleep(Duration duration) throws InterruptedException {
        Fiber self = current;
        block(() -> self.interrupted, nanos + duration.toNanos());
        if (self.interrupted) {
            self.interrupted = false;
            throw new InterruptedException("simulated");
        }
    }

    /** For the process that asks. */
    Parallel parallel() {
        return new Parallel() {
            @Override
            public <T> Scope<T> open() {
                return new SimScope<>();
            }
        };
    }

    private final class SimScope<T> implements Parallel.Scope<T> {
        private final long opened = nanos;
        private final Queue<T> results = new ArrayDeque<>();
        private boolean woken;

        @Override
        public Parallel.Task start(Callable<T> call) {
            Fiber fiber = new Fiber(current.process, () -> {
                try {
                    results.add(call.call());
                } catch (Exception e) {
                    throw new AssertionError("a parallel call must not throw", e);
                }
            });
            return () -> fiber.interrupted = true;
        }

        @Override
        public Optional<T> next(Duration atMost) {
            long deadline = nanos + Math.max(0, atMost.toNanos());
            if (!atMost.isPositive()) {
                return Optional.ofNullable(results.poll());
            }
            block(() -> woken || !results.isEmpty(), deadline);
            woken = false;
            return Optional.ofNullable(results.poll());
        }

        @Override
        public void wake() {
            woken = true;
        }

        @Override
        public Duration elapsed() {
            return Duration.ofNanos(nanos - opened);
        }

        @Override
        public void close() {
            // A crashed process just stops; a living one closes only what it no longer uses.
        }
    }
}
