package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.kube.Events;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each thing is told, and none of them for ever. */
class ScheduleEventsTest {
    private final Schedule schedule = new Schedule();
    private StrictServer server;
    private KubernetesClient client;
    private ScheduleEvents events;
    private ScheduleStatus last;

    @BeforeEach
    void start() {
        server = new StrictServer();
        client = server.client(StrictServer.TEST_AGENT);
        events = new ScheduleEvents(new Events(client, Runnable::run, "test"));
        schedule.setMetadata(new ObjectMetaBuilder()
                .withNamespace(World.NS)
                .withName("s")
                .withUid("u")
                .build());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void everySecondTimeSkippedIsToldOnce() {
        for (int minute = 10; minute < 20; minute += 2) {
            become("lastScheduleTime: '2026-05-04T10:" + minute + ":00Z'");
            become("lastScheduleTime: '2026-05-04T10:" + minute + ":00Z', lastSkip: {reason: RunActive, time:"
                    + " '2026-05-04T10:" + (minute + 1) + ":00Z'}");
        }
        assertNull(only("RunActive").getSeries());
        become("lastSkip: {reason: QueueFull, time: '2026-05-04T10:21:00Z'}");
        only("QueueFull");
        become("lastScheduleTime: '2026-05-05T10:00:00Z', lastSkip: {reason: RunActive, time: '2026-05-05T10:01:00Z'}");
        assertEquals(2, only("RunActive").getSeries().getCount(), "another day, after runs that were started");
    }

    @Test
    void everyTimeMissedIsToldOnce() {
        for (int minute = 10; minute < 20; minute++) {
            become("counts: {missed: " + minute + "}, lastMissedTime: '2026-05-04T10:" + minute + ":00Z'");
        }
        assertNull(only("MissedSchedule").getSeries());
        become(
                "counts: {missed: 30}, lastScheduleTime: '2026-05-05T10:00:00Z', lastMissedTime: '2026-05-05T11:00:00Z'");
        assertEquals(2, only("MissedSchedule").getSeries().getCount());
    }

    @Test
    void aBackfillThatWaitsIsToldOnce() {
        become("backfill: {from: a, to: b, complete: false}");
        become("backfill: {from: a, to: b, complete: false, message: 'NotAllowed: no'}");
        become("backfill: {from: a, to: b, complete: false, message: 'NotAllowed: no'}, lastScheduleTime:"
                + " '2026-05-05T10:00:00Z'");
        assertEquals("NotAllowed: no", only("BackfillWaits").getNote());
    }

    /** A skip stays in the status until the next one. */
    private void become(String status) {
        String kept = !status.contains("lastSkip") && last != null && last.lastSkip() != null
                ? ", lastSkip: {reason: " + last.lastSkip().reason() + ", time: '"
                        + last.lastSkip().time() + "'}"
                : "";
        ScheduleStatus next = Serialization.unmarshal("---\n{" + status + kept + "}", ScheduleStatus.class);
        events.tell(schedule, last, next);
        last = next;
    }

    private Event only(String reason) {
        List<Event> seen = client.events().v1().events().inNamespace(World.NS).list().getItems().stream()
                .filter(event -> reason.equals(event.getReason()))
                .toList();
        assertEquals(1, seen.size(), seen::toString);
        return seen.getFirst();
    }
}
