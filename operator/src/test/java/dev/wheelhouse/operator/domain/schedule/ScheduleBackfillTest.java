package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A past period loses no time: what cannot run now waits, and says why. */
class ScheduleBackfillTest {
    private static Policy policy(String schedule, String from, String to, Consumer<ObjectNode> edit) {
        return Specs.policy(schedule, spec -> {
            spec.putObject("backfill").put("from", "2026-05-" + from + ":00Z").put("to", "2026-05-" + to + ":00Z");
            edit.accept(spec);
        });
    }

    @Test
    void aRefusedTimeWaitsAndSaysWhy() {
        var cluster = new QuietCluster(Specs.policy("0 * * * *")).at("04T10:40");
        cluster.policy = policy("0 * * * *", "04T08:00", "04T10:00", spec -> {});
        cluster.refusal = Reason.NotAllowed;
        cluster.look();
        assertEquals("NotAllowed: refused", cluster.state.backfill().waits());
        assertFalse(cluster.state.backfill().complete());
        int writes = cluster.writes;
        cluster.look().look();
        assertEquals(writes, cluster.writes, "said once");
        cluster.refusal = null;
        cluster.look();
        assertNull(cluster.state.backfill().waits());
        cluster.end("04 08:00", End.SUCCEEDED, 0).end("04 09:00", End.SUCCEEDED, 0);
        assertEquals(List.of("04 08:00", "04 09:00"), cluster.started);
        assertTrue(cluster.state.backfill().complete());
    }

    @Test
    void withoutMoneyItWaitsForTheNextPeriod() {
        Consumer<ObjectNode> limit = spec -> spec.putObject("spendLimit").put("costMicros", 100);
        var cluster = new QuietCluster(Specs.policy("0 12 * * *", limit)).at("04T12:00");
        cluster.policy = policy("0 12 * * *", "03T00:00", "04T00:00", limit);
        cluster.look();
        assertTrue(cluster.state.backfill().waits().startsWith("spec.spendLimit"), "all of it is set aside");
        cluster.end("04 12:00", End.SUCCEEDED, 100).at("04T13:00");
        assertEquals(List.of("04 12:00"), cluster.started);
        cluster.at("05T00:00");
        assertEquals(List.of("04 12:00", "03 12:00"), cluster.started);
        assertEquals(OptionalLong.of(100), cluster.ceiling);
    }

    @Test
    void moneyThatATimeTakesInTheSameLookIsNotSpentTwice() {
        Consumer<ObjectNode> limit = spec -> spec.putObject("spendLimit").put("costMicros", 100);
        var cluster = new QuietCluster(policy("0 12 * * *", "03T00:00", "04T00:00", limit)).at("04T12:00");
        assertEquals(List.of("04 12:00"), cluster.started);
        assertTrue(cluster.state.backfill().waits().startsWith("spec.spendLimit"));
    }

    @Test
    void timesAfterTheEndAndBeforeTheStartBelongToNobodyElse() {
        var ended = new QuietCluster(Specs.policy("0 * * * *", spec -> spec.put("endAt", "2026-05-04T11:00:00Z")));
        ended.at("04T11:00").at("04T15:30");
        ended.policy = policy("0 * * * *", "04T13:00", "04T15:00", spec -> spec.put("endAt", "2026-05-04T11:00:00Z"));
        ended.look().end("04 13:00", End.SUCCEEDED, 0).end("04 14:00", End.SUCCEEDED, 0);
        assertEquals(List.of("04 11:00", "04 13:00", "04 14:00"), ended.started);
        var enough = new QuietCluster(Specs.policy("0 * * * *", spec -> spec.put("maxRuns", 1)));
        enough.at("04T11:00").at("04T15:30");
        enough.policy = policy("0 * * * *", "04T14:00", "04T15:00", spec -> spec.put("maxRuns", 1));
        assertEquals("04 14:00", enough.look().started.getLast());
        Consumer<ObjectNode> later = spec -> spec.put("startAt", "2026-05-06T00:00:00Z");
        var early = new QuietCluster(Specs.policy("0 * * * *", later)).at("04T15:30");
        early.policy = policy("0 * * * *", "04T14:00", "04T15:00", later);
        assertEquals(List.of("04 14:00"), early.look().started);
    }

    @Test
    void aTimeThatIsDueIsLeftToTheSchedule() {
        var cluster = new QuietCluster(policy("0 * * * *", "04T09:00", "04T12:00", spec -> {})).at("04T11:00");
        assertEquals(List.of("04 11:00", "04 09:00"), cluster.started);
        cluster.end("04 09:00", End.SUCCEEDED, 0)
                .end("04 10:00", End.SUCCEEDED, 0)
                .look();
        assertEquals(List.of("04 11:00", "04 09:00", "04 10:00"), cluster.started);
        assertTrue(cluster.state.backfill().complete());
    }

    @Test
    void theBooksHaveNoMoreThanFiftyLines() {
        var cluster = new QuietCluster(Specs.policy("* * * * *"));
        for (int minute = 1; minute <= 50; minute++) {
            cluster.at(minute < 30 ? "04T10:" + (30 + minute) : "04T11:%02d".formatted(minute - 30));
        }
        assertEquals(50, cluster.state.active().size());
        cluster.policy = policy("* * * * *", "04T09:00", "04T09:02", spec -> {});
        cluster.look();
        assertEquals(50, cluster.started.size());
        cluster.end(cluster.started.getFirst(), End.SUCCEEDED, 0);
        assertEquals("04 09:00", cluster.started.getLast());
        cluster.at("04T11:21");
        assertEquals(50, cluster.state.active().size());
        assertEquals(Reason.ActiveLimit, cluster.state.lastSkip().reason());
    }

    /** Cost and success of a run that ended before anybody recorded its start. */
    @Test
    void aRunThatNobodySawIsCountedOnce() {
        Consumer<ObjectNode> limit = spec -> spec.putObject("spendLimit").put("costMicros", 1000);
        for (boolean cached : new boolean[] {true, false}) {
            for (boolean sure : new boolean[] {true, false}) {
                var cluster = new QuietCluster(policy("0 * * * *", "04T08:00", "04T10:00", limit));
                cluster.blind = !cached;
                cluster.backfilledUnseen(Instant.parse("2026-05-04T08:00:00Z"), 100);
                cluster.endUnseen("04 08:00", End.SUCCEEDED, 40);
                cluster.look(sure).look().look();
                assertEquals(List.of("04 09:00"), cluster.started);
                cluster.end("04 09:00", End.FAILED, 2).look();
                assertCounted(cluster, 1, 1, 42);
                assertEquals(2, cluster.state.backfill().runs());
                assertTrue(cluster.state.backfill().complete());
                // Nor again by another period that has the same times.
                cluster.policy = policy("0 * * * *", "04T07:00", "04T10:00", limit);
                cluster.look().end("04 07:00", End.SUCCEEDED, 1).look().look();
                assertCounted(cluster, 2, 1, 43);
                assertEquals(1, cluster.state.backfill().runs());
                assertTrue(cluster.state.backfill().complete());
            }
        }
    }

    @Test
    void aRunThatNobodySawAndThatGoesOnIsCountedOnce() {
        Consumer<ObjectNode> limit = spec -> spec.putObject("spendLimit").put("costMicros", 1000);
        var cluster = new QuietCluster(policy("0 * * * *", "04T08:00", "04T10:00", limit));
        cluster.backfilledUnseen(Instant.parse("2026-05-04T08:00:00Z"), 100);
        cluster.look(false).look();
        assertEquals(List.of(), cluster.started, "one after the other");
        assertEquals(100, cluster.state.reservedMicros());
        cluster.end("04 08:00", End.SUCCEEDED, 40).end("04 09:00", End.SUCCEEDED, 2);
        assertEquals(List.of("04 09:00"), cluster.started);
        assertCounted(cluster, 2, 0, 42);
        assertEquals(2, cluster.state.backfill().runs());
    }

    /** The period is another one by the time somebody looks: its run counts, and the new period loses no time by it. */
    @Test
    void aRunOfAPeriodThatIsNoLongerWantedIsCountedOnce() {
        Consumer<ObjectNode> limit = spec -> spec.putObject("spendLimit").put("costMicros", 1000);
        var cluster = new QuietCluster(policy("0 * * * *", "04T09:00", "04T10:00", limit));
        cluster.blind = true;
        cluster.backfilledUnseen(Instant.parse("2026-05-04T09:00:00Z"), 100);
        cluster.endUnseen("04 09:00", End.FAILED, 40);
        cluster.policy = policy("0 * * * *", "04T08:00", "04T10:00", limit);
        cluster.look(false);
        cluster.blind = false;
        cluster.end("04 08:00", End.SUCCEEDED, 2).look().look();
        assertEquals(List.of("04 08:00"), cluster.started);
        assertCounted(cluster, 1, 1, 42);
        assertEquals(1, cluster.state.backfill().runs());
        var gone = new QuietCluster(Specs.policy("0 * * * *", limit));
        gone.backfilledUnseen(Instant.parse("2026-05-04T09:00:00Z"), 100);
        gone.endUnseen("04 09:00", End.FAILED, 40);
        gone.look(false).look();
        assertCounted(gone, 0, 1, 40);
    }

    private static void assertCounted(QuietCluster cluster, int succeeded, int failed, long cost) {
        var counts = cluster.state.counts();
        assertEquals(succeeded, counts.succeeded(), counts::toString);
        assertEquals(failed, counts.failed(), counts::toString);
        assertEquals(succeeded + failed, counts.backfilled(), counts::toString);
        assertEquals(0, counts.runs(), "runs by time");
        assertEquals(cost, cluster.state.spend().costMicros());
        assertEquals(List.of(), cluster.state.active());
    }
}
