package dev.wheelhouse.operator.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.operator.domain.schedule.Child;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduledRunsTest {
    private static final Instant SLOT = Instant.parse("2026-11-25T02:28:00Z");

    @ParameterizedTest
    @CsvSource({
        "'', 100, 100",
        "'limits: {costMicros: 40},', 100, 40",
        "'limits: {costMicros: 400, steps: 3},', 100, 100"
    })
    void aRunMayCostWhatIsLeftAndNoMoreThanItsTemplateSays(String limits, long left, long expected) {
        Run run = ScheduledRuns.of(schedule(limits), SLOT, OptionalLong.empty(), "x", OptionalLong.of(left));
        assertEquals(expected, run.getSpec().limits().costMicros());
        assertEquals(limits.contains("steps") ? 3 : null, run.getSpec().limits().steps());
        Child seen = ScheduledRuns.child(Pruned.scheduled(stored(run)), "nightly", "uid-1")
                .orElseThrow();
        assertEquals(expected, seen.limitMicros(), "as the cache has it");
    }

    @Test
    void withoutACeilingTheTemplateSLimitsStay() {
        assertNull(ScheduledRuns.of(schedule(""), SLOT, OptionalLong.empty(), "x", OptionalLong.empty())
                .getSpec()
                .limits());
    }

    @Test
    void aRunIsThatOfATimeByItsNameAndItsMarkTogether() {
        Run run = stored(ScheduledRuns.of(schedule(""), SLOT, OptionalLong.empty(), "x", OptionalLong.empty()));
        assertEquals("nightly-htf84", run.getMetadata().getName());
        assertEquals(Origin.TIME, origin(run));
        Run past = stored(ScheduledRuns.of(schedule(""), SLOT, OptionalLong.of(7), "x", OptionalLong.empty()));
        assertEquals(Origin.BACKFILL, origin(past));
        Child seen =
                ScheduledRuns.child(Pruned.scheduled(past), "nightly", "uid-1").orElseThrow();
        assertEquals(7, seen.number(), "as the cache has it");
        for (String mark : new String[] {"2026-11-25T02:29:00Z", "soon", null}) {
            run.getMetadata().getAnnotations().put(Api.ANNOTATION_SCHEDULED_TIME, mark);
            assertEquals(Origin.MANUAL, origin(run), mark);
        }
        assertTrue(ScheduledRuns.child(run, "nightly", "uid-of-one-before").isEmpty());
    }

    @Test
    void theMarksAreNotTheTemplateSToSet() {
        Schedule schedule = Serialization.unmarshal(
                Serialization.asJson(schedule(""))
                        .replace(
                                "\"runTemplate\":{",
                                "\"runTemplate\":{\"metadata\":{\"labels\":{\"team\":\"sea\",\""
                                        + Api.LABEL_SCHEDULE_UID + "\":\"x\"},\"annotations\":{\""
                                        + Api.ANNOTATION_SCHEDULED_TIME + "\":\"x\"}},"),
                Schedule.class);
        Run run = ScheduledRuns.of(schedule, SLOT, OptionalLong.empty(), "x", OptionalLong.empty());
        assertEquals("sea", run.getMetadata().getLabels().get("team"));
        assertEquals("uid-1", run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID));
        assertEquals(SLOT.toString(), run.getMetadata().getAnnotations().get(Api.ANNOTATION_SCHEDULED_TIME));
    }

    @Test
    void theLabelKeepsARunAsTheCacheHasIt() {
        for (String value : new String[] {"true", "false", null}) {
            Run run = stored(ScheduledRuns.of(schedule(""), SLOT, OptionalLong.empty(), "x", OptionalLong.empty()));
            run.getMetadata().getLabels().put(Api.LABEL_KEEP, value);
            assertEquals(
                    "true".equals(value),
                    ScheduledRuns.child(Pruned.scheduled(run), "nightly", "uid-1")
                            .orElseThrow()
                            .kept(),
                    value);
        }
    }

    @Test
    void aDeletionOfTheScheduleInTheForegroundWaitsForItsRuns() {
        Run run = ScheduledRuns.of(schedule(""), SLOT, OptionalLong.empty(), "x", OptionalLong.empty());
        var owner = run.getMetadata().getOwnerReferences().getFirst();
        assertEquals(true, owner.getBlockOwnerDeletion());
        assertEquals(true, owner.getController());
    }

    private static Origin origin(Run run) {
        return ScheduledRuns.child(run, "nightly", "uid-1").orElseThrow().origin();
    }

    private static Run stored(Run run) {
        run.getMetadata().setUid("uid-of-the-run");
        return run;
    }

    private static Schedule schedule(String limits) {
        return Serialization.unmarshal("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: nightly, namespace: n, uid: uid-1}
                spec: {schedule: "28 2 * * *", requester: amy, runTemplate: {spec: {agent: a, %s input: x}}}
                """.formatted(limits), Schedule.class);
    }
}
