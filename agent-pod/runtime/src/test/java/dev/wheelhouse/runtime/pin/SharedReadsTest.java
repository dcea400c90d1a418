package dev.wheelhouse.runtime.pin;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedReadsTest {
    private final SharedReads reads = new SharedReads();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger version = new AtomicInteger();

    @Test
    void whoeverAsksDuringAReadingGetsOneThatBeginsLater() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> first = threads.submit(() -> reads.read("agent", () -> held(hold)));
            await().until(() -> begun.get() == 1);
            version.set(1);
            AtomicInteger asking = new AtomicInteger();
            List<Future<Integer>> later = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                later.add(threads.submit(() -> {
                    asking.incrementAndGet();
                    return reads.read("agent", () -> held(hold));
                }));
            }
            await().until(() -> asking.get() == 50);
            hold.countDown();

            assertEquals(0, first.get());
            for (Future<Integer> answer : later) {
                assertEquals(1, answer.get());
            }
            assertTrue(begun.get() >= 2 && begun.get() < 51, "readings: " + begun.get());
        }
    }

    @Test
    void oneAfterTheOtherEachReadsAnew() {
        assertEquals(0, reads.read("agent", version::get));
        version.set(7);
        assertEquals(7, reads.read("agent", version::get));
    }

    @Test
    void differentObjectsDoNotWaitForEachOther() {
        assertEquals("ba", reads.read("one", () -> reads.<String>read("other", () -> "b") + "a"));
    }

    @Test
    void theFailureOfOneIsNotTheFailureOfThoseWhoShared() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> first = threads.submit(() -> reads.read("agent", () -> held(hold)));
            await().until(() -> begun.get() == 1);
            FutureTask<Integer> failing = new FutureTask<>(() -> reads.read("agent", () -> {
                throw new IllegalStateException("interrupted");
            }));
            Thread leader = Thread.ofPlatform().start(failing);
            await("it waits for the first").until(() -> leader.getState() == Thread.State.WAITING);
            Future<Integer> sharing = threads.submit(() -> reads.read("agent", version::get));
            hold.countDown();
            first.get();
            assertThrows(ExecutionException.class, failing::get);
            assertEquals(0, sharing.get());
        }
        assertEquals(3, reads.read("agent", () -> 3), "the line is free again");
    }

    private int held(CountDownLatch hold) {
        int seen = version.get();
        begun.incrementAndGet();
        try {
            hold.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return seen;
    }
}
