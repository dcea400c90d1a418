package dev.wheelhouse.sandbox;

import java.util.concurrent.ThreadFactory;

/**
 * Threads of the kernel, with small stacks. A daemon has about a dozen while a command runs, and what a sandbox does first is all it does for many
 * runs: then the code that schedules virtual ones, interpreted, would cost a quarter of the daemon's time.
 */
final class Threads {
    private static final long STACK = 256 << 10;

    private Threads() {}

    /**
     * Starts one.
     *
     * @throws OutOfMemoryError if there is none to be had: what commands started may use up all there are
     */
    static Thread start(String name, Runnable task) {
        return builder().name(name).start(task);
    }

    static ThreadFactory factory() {
        return builder().factory();
    }

    private static Thread.Builder.OfPlatform builder() {
        return Thread.ofPlatform().daemon().stackSize(STACK);
    }
}
