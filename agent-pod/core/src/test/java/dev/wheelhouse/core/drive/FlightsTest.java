package dev.wheelhouse.core.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.sim.Specs;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Calls that do not come back in time, by a clock of the test's own. */
class FlightsTest {
    private static final Entry.Note ENDED = new Entry.EgressEnded("c", "q", 0, 7, 0, "the command was over");

    private Duration now = Duration.ZERO;
    private boolean comesBack;
    private Notes notes;

    /** The tool does nothing until it is interrupted; then it tells how its request has ended, if it comes back at all. */
    private final ToolPort tool = new ToolPort() {
        @Override
        public ToolResult call(ToolInvocation invocation) {
            notes = invocation.notes();
            notes.write(ENDED, Notes.Receipt.NONE);
            return new ToolResult.Succeeded("too late to count");
        }

        @Override
        public Optional<ToolResult> lookup(ToolInvocation invocation) {
            return Optional.of(call(invocation));
        }
    };

    private final Parallel parallel = new Parallel() {
        @Override
        public <T> Scope<T> open() {
            return new Scope<>() {
                private final Queue<T> results = new ArrayDeque<>();

                @Override
                public Task start(Callable<T> call) {
                    return () -> {
                        if (comesBack) {
                            land(call);
                        }
                    };
                }

                private void land(Callable<T> call) {
                    try {
                        results.add(call.call());
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }

                @Override
                public Optional<T> next(Duration atMost) {
                    if (results.isEmpty()) {
                        now = now.plus(atMost);
                    }
                    return Optional.ofNullable(results.poll());
                }

                @Override
                public void wake() {}

                @Override
                public Duration elapsed() {
                    return now;
                }

                @Override
                public void close() {}
            };
        }
    };

    private Flights.Arrived arrivals() throws Exception {
        var ports = new Ports(null, null, tool, null, null, null, null, parallel, Observer.NONE);
        var pinned = Specs.tool("fetch", EffectClass.AT_MOST_ONCE);
        var invocation = new ToolInvocation(
                Specs.RUN,
                pinned,
                "c",
                null,
                "key",
                1,
                null,
                0,
                null,
                Limits.DEFAULT,
                Duration.ofSeconds(10),
                null,
                null,
                Notes.CLOSED);
        try (Flights flights = new Flights(ports, new Signals(() -> false))) {
            flights.start(invocation, false, 0);
            while (true) {
                Flights.Arrived arrived = flights.next();
                if (!arrived.landed().isEmpty()) {
                    assertTrue(flights.isEmpty());
                    return arrived;
                }
            }
        }
    }

    private static String reason(Flights.Arrived arrived) {
        return assertInstanceOf(
                        ToolResult.Unknown.class,
                        arrived.landed().getFirst().result().orElseThrow())
                .reason();
    }

    @Test
    void whatACallTellsAsItIsGivenUpComesBeforeItsOutcome() throws Exception {
        comesBack = true;
        Flights.Arrived arrived = arrivals();
        assertEquals(List.of(ENDED), arrived.notes());
        assertEquals("no answer within 10 s", reason(arrived));
        assertEquals(Duration.ofSeconds(15), now);
        notes.write(ENDED, new Notes.Receipt() {
            @Override
            public void refused() {
                notes = null;
            }
        });
        assertEquals(null, notes, "nothing is taken after the outcome");
    }

    @Test
    void aCallThatDoesNotComeBackIsNotWaitedForMuchLonger() throws Exception {
        Flights.Arrived arrived = arrivals();
        assertEquals(List.of(), arrived.notes());
        assertEquals("no answer within 10 s", reason(arrived));
        assertEquals(Duration.ofSeconds(21), now);
    }
}
