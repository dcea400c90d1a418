package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What each field of a Schedule does, one at a time. The Schedule is created at 10:00:30 on May 4th, a Monday. */
class ScheduleRulesTest {
    private static QuietCluster hourly(Consumer<ObjectNode> edit) {
        return new QuietCluster(Specs.policy("0 * * * *", edit));
    }

    @Test
    void aFiringCostsTwoWritesOfTheSchedule() {
        var cluster = hourly(spec -> {}).at("04T10:30");
        int before = cluster.writes;
        cluster.at("04T11:00").end(cluster.only(), End.SUCCEEDED, 0).look();
        assertEquals(2, cluster.writes - before);
        assertEquals(List.of("04 11:00"), cluster.started);
    }

    @Test
    void forbidSkipsAndRunsTheNextTimeThatIsFree() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Forbid"));
        cluster.at("04T11:00").at("04T12:00");
        assertEquals(Reason.RunActive, cluster.state.lastSkip().reason());
        assertTrue(cluster.state.lastSkip().message().contains("04 11:00"));
        cluster.at("04T12:10").end("04 11:00", End.SUCCEEDED, 0);
        assertEquals(List.of("04 11:00"), cluster.started, "a skipped time is not made good");
        cluster.at("04T13:00");
        assertEquals(List.of("04 11:00", "04 13:00"), cluster.started);
        assertEquals(1, cluster.state.counts().skipped().total());
    }

    @Test
    void replaceCancelsAndStartsOnlyAfterTheEnd() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Replace"));
        cluster.at("04T11:00").at("04T12:00").at("04T12:01");
        assertEquals(List.of("04 11:00"), cluster.cancelled, "asked once");
        assertEquals(List.of("04 11:00"), cluster.started);
        cluster.end("04 11:00", End.CANCELLED, 0);
        assertEquals(List.of("04 11:00", "04 12:00"), cluster.started);
        assertEquals(0, cluster.state.counts().failed());
    }

    @Test
    void queueIsBoundedAndKeepsTheOrder() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue").put("queueLimit", 2));
        cluster.at("04T11:00").at("04T12:00").at("04T13:00").at("04T14:00");
        assertEquals(Reason.QueueFull, cluster.state.lastSkip().reason());
        assertEquals(2, cluster.state.queue().size());
        cluster.end("04 11:00", End.SUCCEEDED, 0)
                .look()
                .end("04 12:00", End.FAILED, 0)
                .look();
        assertEquals(List.of("04 11:00", "04 12:00", "04 13:00"), cluster.started);
    }

    @Test
    void aTimeThatIsTooLateCountsAsMissedOnce() {
        var cluster = hourly(spec -> spec.put("startingDeadlineSeconds", 60));
        cluster.at("04T11:02").at("04T11:03").at("04T11:30");
        assertEquals(List.of(), cluster.started);
        assertEquals(1, cluster.state.counts().missed().total());
        assertEquals(Instant.parse("2026-05-04T11:00:00Z"), cluster.state.lastMissed());
    }

    @Test
    void catchUpSaysWhatIsMadeGood() {
        assertEquals(List.of(), hourly(spec -> spec.put("catchUp", "None")).at("04T14:30").started);
        assertEquals(List.of("04 14:00"), hourly(spec -> {}).at("04T14:30").started);
        var all = hourly(spec -> spec.put("catchUp", "All").put("catchUpLimit", 3))
                .at("04T14:30");
        assertEquals(List.of("04 12:00", "04 13:00", "04 14:00"), all.started);
        assertEquals(1, all.state.counts().missed().total());
    }

    @Test
    void onResumeSaysWhatBecomesOfTimesThatPassedMeanwhile() {
        for (boolean latest : new boolean[] {false, true}) {
            var cluster = hourly(spec -> spec.put("suspend", true)).at("04T13:30");
            assertEquals(List.of(), cluster.started);
            assertEquals(Optional.of(Reason.Suspended), ScheduleMachine.halted(cluster.policy, cluster.state));
            cluster.policy = Specs.policy("0 * * * *", spec -> spec.put("onResume", latest ? "RunLatest" : "Skip"));
            cluster.generation++;
            cluster.at("04T13:40");
            assertEquals(latest ? List.of("04 13:00") : List.of(), cluster.started);
            assertEquals(latest ? 0 : 3, cluster.state.counts().skipped().total());
            cluster.at("04T14:00");
            assertEquals("04 14:00", cluster.started.getLast());
        }
    }

    @Test
    void otherTimesBeginAfreshAndRunningRunsStay() {
        var cluster = hourly(spec -> {}).at("04T11:00");
        cluster.policy = Specs.policy("30 * * * *");
        cluster.generation++;
        cluster.at("04T12:45");
        assertEquals(List.of("04 11:00"), cluster.started, "12:30 passed before the change was seen");
        assertEquals(1, cluster.state.active().size());
        assertEquals("04 13:30", cluster.at("04T13:30").started.getLast());
    }

    @Test
    void historyKeepsTheLatestAndWhatStillLocksATime() {
        var cluster = hourly(spec -> spec.put("successfulRunsHistoryLimit", 1).put("failedRunsHistoryLimit", 0));
        cluster.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0);
        cluster.at("04T12:00").end("04 12:00", End.SUCCEEDED, 0).look();
        assertEquals(Set.of("04 12:00"), cluster.runs.keySet());
        cluster.at("04T13:00").end("04 13:00", End.FAILED, 0).look();
        assertEquals(Set.of("04 12:00", "04 13:00"), cluster.runs.keySet(), "the last time's run is its lock");
        cluster.at("04T14:00").look();
        assertEquals(Set.of("04 12:00", "04 14:00"), cluster.runs.keySet());
    }

    @Test
    void timeToLiveDeletesWithinTheLimitsToo() {
        var cluster = hourly(spec -> spec.put("ttlSecondsAfterFinished", 600));
        cluster.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0).at("04T12:00");
        cluster.look();
        assertEquals(Set.of("04 12:00"), cluster.runs.keySet());
    }

    @Test
    void whatSomebodyWantsKeptStaysAndTakesNobodysPlace() {
        var cluster = hourly(spec -> spec.put("successfulRunsHistoryLimit", 1).put("ttlSecondsAfterFinished", 5000));
        cluster.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0).keep("04 11:00", true);
        cluster.at("04T12:00").end("04 12:00", End.SUCCEEDED, 0);
        cluster.at("04T13:00").end("04 13:00", End.SUCCEEDED, 0).look();
        assertEquals(Set.of("04 11:00", "04 13:00"), cluster.runs.keySet(), "beside the limit, after its time to live");
        cluster.keep("04 11:00", false);
        assertEquals(Set.of("04 13:00"), cluster.runs.keySet());
    }

    @Test
    void aRunAboutWhichSomebodyIsAskedStaysAndHoldsUpNoOther() {
        var cluster = hourly(spec -> spec.put("successfulRunsHistoryLimit", 0));
        for (int i = 0; i < 12; i++) {
            cluster.asked.add("asked-" + i);
            cluster.byHand("asked-" + i, End.SUCCEEDED);
        }
        cluster.now = cluster.now.minusSeconds(60);
        cluster.byHand("plain", End.SUCCEEDED);
        cluster.look();
        assertEquals(cluster.asked, cluster.runs.keySet());
        cluster.asked.clear();
        cluster.look().look();
        assertEquals(Set.of(), cluster.runs.keySet());
    }

    @Test
    void aRefusedStartIsSkippedWithItsReasonAndTheNextOneTried() {
        var cluster = hourly(spec -> {});
        cluster.refusal = Reason.NotAllowed;
        cluster.at("04T11:00").look().look();
        assertEquals(Reason.NotAllowed, cluster.state.lastSkip().reason());
        assertEquals(1, cluster.state.counts().skipped().total(), "told once, not at each look");
        cluster.refusal = null;
        assertEquals(List.of("04 12:00"), cluster.at("04T12:00").started);
    }

    @Test
    void aClockThatGoesBackFiresNothingAgain() {
        var cluster =
                hourly(spec -> {}).at("04T12:00").at("04T10:59").at("04T11:00").at("04T12:00");
        assertEquals(List.of("04 12:00"), cluster.started);
    }

    @Test
    void backfillRunsEachPastTimeOnceAndTheSamePeriodAgainNothing() {
        Consumer<ObjectNode> period = spec ->
                spec.putObject("backfill").put("from", "2026-05-04T07:00:00Z").put("to", "2026-05-04T10:00:00Z");
        var cluster = hourly(spec -> {}).at("04T10:30");
        cluster.policy = Specs.policy("0 * * * *", period);
        cluster.look().look();
        assertEquals(List.of("04 07:00"), cluster.started, "one after the other");
        cluster.end("04 07:00", End.SUCCEEDED, 0).end("04 08:00", End.FAILED, 0).end("04 09:00", End.SUCCEEDED, 0);
        cluster.look();
        assertEquals(List.of("04 07:00", "04 08:00", "04 09:00"), cluster.started);
        assertTrue(cluster.state.backfill().complete());
        assertEquals(3, cluster.state.backfill().runs());
        cluster.policy = Specs.policy("0 * * * *");
        cluster.look();
        cluster.policy = Specs.policy("0 * * * *", period);
        cluster.look().look().look();
        assertEquals(3, cluster.started.size());
        assertEquals("04 11:00", cluster.at("04T11:00").started.getLast(), "and its times go on");
    }

    @Test
    void backfillLeavesTimesAloneThatRan() {
        var cluster = hourly(spec -> {})
                .at("04T11:00")
                .end("04 11:00", End.SUCCEEDED, 0)
                .at("04T11:30");
        cluster.policy = Specs.policy(
                "0 * * * *",
                spec -> spec.putObject("backfill")
                        .put("from", "2026-05-04T10:00:00Z")
                        .put("to", "2026-05-05T00:00:00Z"));
        cluster.look().end("04 10:00", End.SUCCEEDED, 0).look().look();
        assertEquals(List.of("04 11:00", "04 10:00"), cluster.started);
        assertTrue(cluster.state.backfill().complete(), "times to come are left to the Schedule");
    }

    @Test
    void jitterIsTheSameForAUidAndWithinItsLimit() {
        var one = Policy.jitter(Specs.UID, 60);
        assertEquals(one, Policy.jitter(Specs.UID, 60));
        var spread = java.util.stream.IntStream.range(0, 1000)
                .mapToLong(i -> Policy.jitter(
                                java.util
                                        .UUID
                                        .nameUUIDFromBytes(new byte[] {(byte) i, (byte) (i >> 8)})
                                        .toString(),
                                60)
                        .toSeconds())
                .summaryStatistics();
        assertTrue(spread.getMin() >= 0 && spread.getMax() <= 60);
        assertTrue(spread.getMax() - spread.getMin() > 50, spread::toString);
    }
}
