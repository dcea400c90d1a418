package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.operator.domain.schedule.Policy;
import dev.wheelhouse.operator.kube.ScheduleStatuses;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a Schedule is looked at next. */
class ScheduleDelayTest {
    private static final Instant NOW = Instant.parse("2026-05-04T12:00:30Z");

    @ParameterizedTest
    @CsvSource({
        // The last decided time, a condition that is true, and the seconds until the next look.
        "12:00, Ready, 30",
        // A time is left: at once.
        "11:00, Ready, 0",
        // It will never be decided, and must not keep anybody busy.
        "11:00, Complete, 180",
        "11:00, Suspended, 180"
    })
    void next(String decided, String condition, long seconds) {
        Schedule schedule = Serialization.unmarshal("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: s, namespace: n, uid: u, generation: 1}
                spec: {schedule: "* * * * *", requester: amy, runTemplate: {spec: {agent: a, input: x}}}
                status:
                  decidedUntil: "2026-05-04T%s:00Z"
                  conditions: [{type: %s, status: "True"}]
                """.formatted(decided, condition), Schedule.class);
        Policy policy = Policy.of(schedule.getSpec(), "u");
        Duration delay = ScheduleReconciler.delay(policy, ScheduleStatuses.read(schedule, policy), NOW);
        assertEquals(seconds, delay.toSeconds());
        assertTrue(delay.isPositive());
    }
}
