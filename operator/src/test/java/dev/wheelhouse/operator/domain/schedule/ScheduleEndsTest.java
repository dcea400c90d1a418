package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What stops a Schedule: failures, money, its end. It is created at 10:00:30 on May 4th, a Monday. */
class ScheduleEndsTest {
    private static QuietCluster hourly(Consumer<ObjectNode> edit) {
        return new QuietCluster(Specs.policy("0 * * * *", edit));
    }

    @Test
    void repeatedFailureSuspendsUntilTheSpecChangesOrARunByHandSucceeds() {
        for (boolean byHand : new boolean[] {false, true}) {
            var cluster = hourly(spec -> spec.putObject("stopAfter").put("failures", 2));
            cluster.at("04T11:00").end("04 11:00", End.FAILED, 0);
            cluster.at("04T12:00").end("04 12:00", End.FAILED, 0).at("04T13:00");
            assertEquals(Optional.of(Reason.RepeatedFailures), ScheduleMachine.halted(cluster.policy, cluster.state));
            assertEquals(2, cluster.started.size());
            cluster.now = Instant.parse("2026-05-04T13:10:00Z");
            if (byHand) {
                cluster.byHand("try", End.SUCCEEDED);
            } else {
                cluster.generation++;
            }
            cluster.look();
            assertEquals(Optional.empty(), ScheduleMachine.halted(cluster.policy, cluster.state));
            assertEquals("04 14:00", cluster.at("04T14:00").started.getLast());
        }
    }

    @Test
    void aSuccessBetweenFailuresAndACancelledRunDoNotStop() {
        var cluster = hourly(spec -> spec.putObject("stopAfter").put("failures", 2));
        cluster.at("04T11:00").end("04 11:00", End.FAILED, 0);
        cluster.at("04T12:00").end("04 12:00", End.CANCELLED, 0);
        cluster.at("04T13:00").end("04 13:00", End.SUCCEEDED, 0);
        cluster.at("04T14:00").end("04 14:00", End.FAILED, 0);
        assertEquals("04 15:00", cluster.at("04T15:00").started.getLast());
    }

    @Test
    void maxRunsAndEnoughSuccessesComplete() {
        var max = hourly(spec -> spec.put("maxRuns", 2))
                .at("04T11:00")
                .at("04T12:00")
                .at("04T13:00");
        assertEquals(2, max.started.size());
        assertTrue(ScheduleMachine.complete(max.policy, max.state));
        var enough = hourly(spec -> spec.putObject("stopAfter").put("successes", 1));
        enough.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0).at("04T12:00");
        assertEquals(1, enough.started.size());
        assertTrue(ScheduleMachine.complete(enough.policy, enough.state));
    }

    @Test
    void nothingAfterItsEnd() {
        var cluster = hourly(spec -> spec.put("endAt", "2026-05-04T12:00:00Z"));
        cluster.at("04T11:00").at("04T12:00").at("04T13:00");
        assertEquals(List.of("04 11:00", "04 12:00"), cluster.started);
        assertTrue(ScheduleMachine.complete(cluster.policy, cluster.state));
    }

    @Test
    void spendLimitHoldsForRunsTogetherAndPerPeriod() {
        var cluster = hourly(spec -> spec.putObject("spendLimit").put("costMicros", 100));
        cluster.at("04T11:00");
        assertEquals(OptionalLong.of(100), cluster.ceiling);
        cluster.at("04T12:00");
        assertEquals(Reason.SpendLimit, cluster.state.lastSkip().reason(), "all of it is set aside");
        cluster.end("04 11:00", End.SUCCEEDED, 60).at("04T13:00");
        assertEquals(OptionalLong.of(40), cluster.ceiling);
        cluster.end("04 13:00", End.FAILED, 40).at("04T14:00");
        assertEquals(List.of("04 11:00", "04 13:00"), cluster.started);
        assertEquals(2, cluster.state.counts().skipped().total());
        cluster.at("05T00:00");
        assertEquals(OptionalLong.of(100), cluster.ceiling, "a new day");
    }

    @Test
    void whatARunMayCostIsSetAsideEvenIfItsStartWasNotRecorded() {
        var cluster = hourly(spec -> spec.putObject("spendLimit").put("costMicros", 100));
        cluster.startedUnseen(Instant.parse("2026-05-04T11:00:00Z"), 80);
        cluster.at("04T12:00");
        assertEquals(OptionalLong.of(20), cluster.ceiling);
        assertEquals(2, cluster.state.counts().runs());
    }

    @Test
    void theSpendingPeriodIsThatOfTheZone() {
        Instant evening = Instant.parse("2026-05-31T22:30:00Z");
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        for (var period : dev.wheelhouse.api.v1alpha1.ScheduleSpec.Period.values()) {
            Instant expected = Instant.parse(
                    switch (period) {
                        case Day, Month -> "2026-05-31T22:00:00Z";
                        case Week -> "2026-05-31T22:00:00Z";
                    });
            assertEquals(expected, Spending.periodStart(period, evening, berlin));
        }
        assertEquals(
                Instant.parse("2026-05-24T22:00:00Z"),
                Spending.periodStart(
                        dev.wheelhouse.api.v1alpha1.ScheduleSpec.Period.Week, evening.minusSeconds(3600), berlin));
    }
}
