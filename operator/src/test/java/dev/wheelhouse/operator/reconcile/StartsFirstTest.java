package dev.wheelhouse.operator.reconcile;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StartsFirstTest {
    private final StartsFirst order = new StartsFirst();

    @Test
    void aRecordWaitsForStartsUnderWay() throws InterruptedException {
        var told = new ConcurrentLinkedQueue<String>();
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Thread start = Thread.ofVirtual()
                .start(() -> order.start(() -> {
                    begun.countDown();
                    awaitUninterruptibly(go);
                    return told.add("started");
                }));
        begun.await();
        assertTrue(order.starting());
        Thread record = Thread.ofVirtual().start(() -> {
            order.awaitTurn();
            told.add("recorded");
        });
        await().until(() -> record.getState() == Thread.State.TIMED_WAITING);
        go.countDown();
        start.join();
        record.join();
        assertEquals(List.of("started", "recorded"), List.copyOf(told));
        assertFalse(order.starting());
    }

    @Test
    void onlySoManyAreStartedAtOnce() throws InterruptedException {
        var most = new AtomicInteger();
        var now = new AtomicInteger();
        List<Thread> starts = IntStream.range(0, 200)
                .mapToObj(n -> Thread.ofVirtual()
                        .start(() -> order.start(() -> {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            Thread.yield();
                            return now.decrementAndGet();
                        })))
                .toList();
        for (Thread start : starts) {
            start.join();
        }
        assertTrue(most.get() <= 16, () -> most + " at once");
        assertFalse(order.starting());
    }

    @Test
    void aStartThatFailsHoldsNobodyUp() {
        assertThrows(
                IllegalStateException.class,
                () -> order.start(() -> {
                    throw new IllegalStateException();
                }));
        order.awaitTurn();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
