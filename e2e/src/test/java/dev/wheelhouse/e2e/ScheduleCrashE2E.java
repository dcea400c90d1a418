package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** The operator dies at the minute: what it had started is not started again, and what it had not is made good. */
@Isolated("it kills what all other tests need")
class ScheduleCrashE2E {
    private static final int MANY = 20;

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
        Space space = SPACES.open("tick").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("Model", "say", Manifest.scripted("- then: {text: said}\n"));
        space.create("Agent", "say", "model: say\ninstructions: Say it.");
        var schedules = new Schedules(space);
        List<String> names = IntStream.range(0, MANY).mapToObj(i -> "tick-" + i).toList();
        // Far enough ahead that all of them are there by then.
        Instant slot = Instant.ofEpochSecond(((System.currentTimeMillis() + 30_000) / 60_000 + 1) * 60);
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
}
