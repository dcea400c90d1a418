package dev.wheelhouse.operator.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.domain.schedule.Policy;
import dev.wheelhouse.operator.domain.schedule.ScheduleState;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Counts;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import dev.wheelhouse.operator.domain.schedule.Tally;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Counts by reason go into the status and come back, whichever version wrote it. */
class ScheduleCountsTest {
    private static final Instant NOW = Instant.parse("2026-05-04T12:00:30Z");

    @Test
    void whatIsWrittenIsReadAgain() {
        String counts = """
                {runs: 9, backfilled: 2, succeeded: 7, failed: 1,
                 missed: 5, missedByReason: [{reason: TooLate, count: 3}, {reason: Overtaken, count: 2}],
                 skipped: 4, skippedByReason: [{reason: RunActive, count: 4}]}""";
        Schedule schedule = schedule("counts: " + counts);
        ScheduleState state = read(schedule);
        var expected = new Counts(
                9,
                2,
                7,
                1,
                new Tally<>(5, Map.of(MissReason.TooLate, 3L, MissReason.Overtaken, 2L)),
                new Tally<>(4, Map.of(Reason.RunActive, 4L)));
        assertEquals(expected, state.counts());
        assertEquals(schedule.getStatus().counts(), write(schedule, state).counts());
    }

    @Test
    void anOldStatusHasTotalsWithoutReasons() {
        Schedule schedule = schedule("counts: {runs: 1, succeeded: 1, failed: 0, missed: 5, skipped: 4}");
        ScheduleState state = read(schedule);
        assertEquals(new Tally<MissReason>(5, Map.of()), state.counts().missed());
        assertNull(write(schedule, state).counts().missedByReason());
        ScheduleStatus.Counts after =
                write(schedule, state.skipped(NOW, Reason.RunActive, "busy")).counts();
        assertEquals(5, after.skipped());
        assertEquals(1, after.skippedByReason().getFirst().count());
        assertEquals(Counts.NONE, read(schedule("lastResult: x")).counts());
    }

    @Test
    void whatANewerVersionCountedStays() {
        Schedule schedule = schedule("""
                counts: {runs: 0, succeeded: 0, failed: 0, missed: 2, missedByReason: [{reason: Eclipse, count: 2}],
                  skipped: 3, skippedByReason: [{reason: Holiday, count: 2}, {reason: RunActive, count: 1}]}
                lastSkip: {time: '2026-05-04T11:00:00Z', reason: Holiday, message: shut}""".replace("\n", "\n  "));
        ScheduleState state = read(schedule);
        assertEquals(
                new Tally<>(3, Map.of(Reason.RunActive, 1L)), state.counts().skipped());
        assertNull(state.lastSkip(), "and does not keep the Schedule from being read");
        ScheduleStatus.Counts after =
                write(schedule, state.skipped(NOW, Reason.RunActive, "busy")).counts();
        assertEquals(4, after.skipped());
        assertEquals(
                Map.of("RunActive", 2L, "Holiday", 2L),
                after.skippedByReason().stream()
                        .collect(Collectors.toMap(
                                ScheduleStatus.ReasonCount::reason, ScheduleStatus.ReasonCount::count)));
        assertEquals(schedule.getStatus().counts().missedByReason(), after.missedByReason());
    }

    private static ScheduleState read(Schedule schedule) {
        return ScheduleStatuses.read(schedule, policy(schedule));
    }

    private static ScheduleStatus write(Schedule schedule, ScheduleState state) {
        return ScheduleStatuses.write(schedule, policy(schedule), state, NOW);
    }

    private static Policy policy(Schedule schedule) {
        return Policy.of(schedule.getSpec(), "u");
    }

    private static Schedule schedule(String status) {
        return Serialization.unmarshal("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: s, namespace: n, uid: u, generation: 1}
                spec: {schedule: "* * * * *", requester: amy, runTemplate: {spec: {agent: a, input: x}}}
                status:
                  decidedUntil: "2026-05-04T12:00:00Z"
                  %s
                """.formatted(status), Schedule.class);
    }
}
