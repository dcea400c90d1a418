package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManualRunTest {
    private static final Instant NOW = Instant.parse("2026-11-24T07:30:12.345Z");

    @Test
    void itIsMarkedAsByHandAndStandsForNoTime() {
        Run run = ManualRun.of(schedule(""), null, "amy", NOW);
        assertEquals("report-", run.getMetadata().getGenerateName());
        assertNull(run.getMetadata().getName());
        assertEquals(
                Map.of("team", "sea", "wheelhouse.dev/schedule-uid", "uid-1"),
                run.getMetadata().getLabels());
        assertEquals(
                Map.of("wheelhouse.dev/instantiate", "manual"),
                run.getMetadata().getAnnotations());
        assertEquals("uid-1", run.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals("amy", run.getSpec().requester());
        assertEquals("clerk", run.getSpec().agent());
        assertEquals(7, run.getSpec().limits().steps());
    }

    @Test
    void itsInputKnowsWhatTheScheduleKnows() {
        assertEquals(
                "2026-11-24T08:30:12+01:00, last , said ",
                ManualRun.of(schedule(""), "now", "amy", NOW).getSpec().input());
        assertEquals(
                "2026-11-24T08:30:12+01:00, last 2026-11-23T08:31:00+01:00, said {{ scheduledTime }}",
                ManualRun.of(
                                schedule(
                                        "lastSuccessfulTime: '2026-11-23T07:31:00Z', lastResult: '{{ scheduledTime }}'"),
                                "now",
                                "amy",
                                NOW)
                        .getSpec()
                        .input());
    }

    @Test
    void itIsInTheScheduleSThreadIfThatHasOne() {
        assertNull(ManualRun.of(schedule(""), null, "amy", NOW).getSpec().thread());
        var json = Serialization.asJson(schedule("")).replace("\"requester\"", "\"thread\":\"Same\",\"requester\"");
        Run run = ManualRun.of(Serialization.unmarshal(json, Schedule.class), null, "amy", NOW);
        assertEquals("report", run.getSpec().thread());
    }

    @Test
    void anUnknownZoneIsSaid() {
        Schedule schedule = schedule("");
        var json = Serialization.asJson(schedule).replace("Europe/Berlin", "Mars/Olympus");
        assertThrows(
                CommandException.class,
                () -> ManualRun.of(Serialization.unmarshal(json, Schedule.class), "now", "amy", NOW));
    }

    private static Schedule schedule(String status) {
        return Serialization.unmarshal("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: report, namespace: shop, uid: uid-1}
                spec:
                  schedule: "30 8 * * *"
                  timeZone: Europe/Berlin
                  requester: bob
                  runTemplate:
                    metadata: {labels: {team: sea}}
                    spec:
                      agent: clerk
                      limits: {steps: 7}
                      input: "{{ scheduledTime }}, last {{ lastSuccessfulTime }}, said {{ lastResult }}"
                status: {%s}
                """.formatted(status), Schedule.class);
    }
}
