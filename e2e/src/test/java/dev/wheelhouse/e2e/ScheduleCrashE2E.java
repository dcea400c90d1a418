package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The operator dies at the minute, or freezes and wakes when another has taken over: what it had started is not started
 * again, and what it had not is made good.
 */
@Isolated("it kills what all other tests need")
class ScheduleCrashE2E {
    private static final int MANY = 20;
    /** More than are started between the first Run and the signal. */
    private static final int VERY_MANY = 60;

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @BeforeAll
    static void require() {
        Processes.require();
    }

    @AfterEach
    void healthyAgain() {
        Operator.scale(1);
        Operator.awaitReady(1);
    }

    @Test
    void operator_killed_at_the_minute_fires_nothing_twice_and_loses_nothing() {
        Space space = talking("tick");
        var schedules = new Schedules(space);
        List<String> names = IntStream.range(0, MANY).mapToObj(i -> "tick-" + i).toList();
        Instant slot = minuteToCome();
        String fields =
                "startAt: '" + slot + "'\ncatchUp: All\nconcurrencyPolicy: Queue\nsuccessfulRunsHistoryLimit: 20";
        names.forEach(name -> schedules.create(name, "* * * * *", "say", fields));
        Space.await(
                () -> "the minute " + slot,
                Duration.ofSeconds(120),
                () -> space.runs().stream().anyMatch(run -> Schedules.slot(run).equals(slot.toString())));
        // In the middle of twenty firings.
        Operator.killProcess();
        Operator.awaitReady(1);
        names.forEach(name -> schedules.await(
                name,
                "the minute after",
                seen -> seen.lastScheduleTime() != null
                        && Instant.parse(seen.lastScheduleTime()).isAfter(slot)));
        for (String name : names) {
            List<String> slots =
                    schedules.runs(name).stream().map(Schedules::slot).toList();
            assertEquals(slots.stream().distinct().toList(), slots, name);
            assertEquals(slot.toString(), slots.getFirst(), name);
            Instant first = Instant.parse(slots.getFirst());
            List<String> expected = IntStream.range(0, slots.size())
                    .mapToObj(i -> first.plusSeconds(60L * i).toString())
                    .toList();
            assertEquals(expected, slots, () -> name + " left no minute out");
            var counts = schedules.get(name).getStatus().counts();
            assertTrue(counts.runs() >= slots.size() - 1, counts::toString);
        }
    }

    @Test
    void two_operators_of_which_the_leader_freezes_at_the_minute_and_wakes_start_one_run_each() {
        Operator.scale(2);
        Operator.awaitReady(2);
        Space space = talking("two");
        var schedules = new Schedules(space);
        List<String> names =
                IntStream.range(0, VERY_MANY).mapToObj(i -> "two-" + i).toList();
        Instant slot = minuteToCome();
        String fields = "startAt: '" + slot + "'\nendAt: '" + slot.plusSeconds(30)
                + "'\ncatchUp: All\nconcurrencyPolicy: Queue\nsuccessfulRunsHistoryLimit: 20";
        names.forEach(name -> schedules.create(name, "* * * * *", "say", fields));
        var leader = Operator.leader();
        awaitFirstRun(space, slot);
        // In the middle of sixty firings.
        leader.signal("STOP");
        try {
            Space.await(
                    "the other operator to lead", () -> !Operator.leader().pod().equals(leader.pod()));
        } finally {
            // It goes on with what it was about to do, while the other makes good what it had left.
            leader.signal("CONT");
        }
        for (String name : names) {
            var status = schedules.await(
                    name,
                    "complete",
                    seen -> Schedules.is(seen, "Complete", "True", "NoMoreTimes")
                            && Integer.valueOf(0).equals(seen.activeRuns()));
            assertEquals(
                    List.of(slot.toString()),
                    schedules.runs(name).stream().map(Schedules::slot).toList(),
                    name);
            var counts = status.counts();
            assertEquals(1, counts.runs(), () -> name + " " + counts);
            assertEquals(1, counts.succeeded(), () -> name + " " + counts);
            assertEquals(0, counts.missed() + counts.skipped(), () -> name + " " + counts);
        }
        assertEquals(VERY_MANY, space.runs().size());
    }

    private static Space talking(String purpose) {
        Space space = SPACES.open(purpose).tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("Model", "say", Manifest.scripted("- then: {text: said}\n"));
        return space.create("Agent", "say", "model: say\ninstructions: Say it.");
    }

    /** A minute far enough ahead that all Schedules are there by then. */
    private static Instant minuteToCome() {
        return Instant.ofEpochSecond(((System.currentTimeMillis() + 20_000) / 60_000 + 1) * 60);
    }

    /** Waits until the minute's first run is there, and not a moment longer. */
    private static void awaitFirstRun(Space space, Instant slot) {
        Space.await(
                () -> "almost " + slot,
                Duration.ofSeconds(120),
                () -> Instant.now().isAfter(slot.minusSeconds(1)));
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !space.runs().isEmpty());
    }
}
