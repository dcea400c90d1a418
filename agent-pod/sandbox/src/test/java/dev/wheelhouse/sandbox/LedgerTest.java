package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.wheelhouse.sandbox.wire.Frame.FileDone;
import dev.wheelhouse.sandbox.wire.Frame.Start;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LedgerTest {
    @TempDir
    Path folder;

    private final Ledger ledger = new Ledger();

    @Test
    void anOperationOfTwoRuntimesAtOnceHappensOnce() throws Exception {
        var begun = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        var times = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> ledger.once("c1", "edit", () -> {
                times.incrementAndGet();
                begun.countDown();
                await(gate);
                return new FileDone("c1", null, null, false, 7, List.of());
            }));
            begun.await();
            var found = assertInstanceOf(Ledger.Entry.OfFiles.class, ledger.find("c1"));
            assertFalse(found.newest().isDone());
            var asked = new CompletableFuture<Thread>();
            var second = threads.submit(() -> {
                asked.complete(Thread.currentThread());
                return ledger.once("c1", "edit", () -> {
                    times.incrementAndGet();
                    return new FileDone("c1", "twice", null, false, 0, List.of());
                });
            });
            while (asked.get().getState() != Thread.State.WAITING && !second.isDone()) {
                Thread.onSpinWait();
            }
            gate.countDown();
            assertEquals(7, first.get().size());
            assertSame(first.get(), second.get());
            assertSame(first.get(), found.newest().get());
        }
        assertEquals(1, times.get());
    }

    @Test
    void whoWaitsForAnOperationThatBrokeOffIsTold() throws Exception {
        assertThrows(
                IllegalStateException.class,
                () -> ledger.once("c1", "edit", () -> {
                    throw new IllegalStateException("by test");
                }));
        assertEquals(
                "the operation broke off", ledger.once("c1", "edit", () -> null).error());
    }

    @Test
    void whatACommandWasGivenIsNotKeptWhenItIsOver() throws Exception {
        var commands = new Commands(
                new Settings(null, folder, "sandbox-1", folder, folder, 0, Duration.ZERO), new Processes());
        var given = ran(commands);
        while (given.get() != null) {
            System.gc();
        }
        assertInstanceOf(Ledger.Entry.OfCommand.class, ledger.find("c1"), "that it was is");
    }

    private WeakReference<Start> ran(Commands commands) throws InterruptedException {
        var start = new Start("c1", List.of("true"), Map.of(), null, new byte[1 << 20], 60_000, 1024);
        assertEquals(0, ledger.start(start, commands).awaitEnd().code());
        return new WeakReference<>(start);
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
