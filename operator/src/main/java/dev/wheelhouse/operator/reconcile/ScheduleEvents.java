package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.kube.Events;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Events of Schedules: when one stops or begins to fire, when a time is skipped after one that was not, and when times
 * were missed. None for what goes as planned, and none for each of a long row of the same.
 */
final class ScheduleEvents {
    private static final Duration SOON = Duration.ofHours(1);

    private final Events events;

    ScheduleEvents(Events events) {
        this.events = events;
    }

    /** Says what changed between two statuses; {@code before} is null for a new Schedule. */
    void tell(Schedule schedule, ScheduleStatus before, ScheduleStatus after) {
        conditions(schedule, before, after);
        backfill(schedule, before, after);
        skips(schedule, before, after);
        if (missed(after) > missed(before)
                && !row(before == null ? null : before.lastMissedTime(), after.lastMissedTime(), after)) {
            events.emit(
                    schedule,
                    Events.Type.Warning,
                    "MissedSchedule",
                    "times were missed: see status.lastMissedTime and status.counts.missedByReason");
        }
    }

    private void conditions(Schedule schedule, ScheduleStatus before, ScheduleStatus after) {
        Condition ready = condition(after, ConditionType.READY).orElse(null);
        Condition was = condition(before, ConditionType.READY).orElse(null);
        if (ready != null && "False".equals(ready.getStatus()) && !sameReason(ready, was)) {
            events.emit(schedule, Events.Type.Warning, ready.getReason(), ready.getMessage());
        }
    }

    private void backfill(Schedule schedule, ScheduleStatus before, ScheduleStatus after) {
        if (waits(after) != null && waits(before) == null) {
            events.emit(schedule, Events.Type.Warning, "BackfillWaits", waits(after));
        }
    }

    private static String waits(ScheduleStatus status) {
        return status == null || status.backfill() == null
                ? null
                : status.backfill().message();
    }

    private void skips(Schedule schedule, ScheduleStatus before, ScheduleStatus after) {
        ScheduleStatus.Skip skip = after.lastSkip();
        ScheduleStatus.Skip last = before == null ? null : before.lastSkip();
        if (skip == null || skip.equals(last)) {
            return;
        }
        boolean row = last != null && last.reason().equals(skip.reason()) && row(last.time(), skip.time(), after);
        boolean told = condition(after, ConditionType.READY)
                .filter(ready -> skip.reason().equals(ready.getReason()))
                .isPresent();
        if (!row && !told) {
            // Without the name of a run: a note that differs each time would be a new Event each time.
            events.emit(schedule, Events.Type.Normal, skip.reason(), "a time was skipped: see status.lastSkip");
        }
    }

    /** Whether the second follows the first with no run between, or soon: it is then told already. */
    private static boolean row(String first, String second, ScheduleStatus after) {
        if (first == null || second == null) {
            return false;
        }
        String run = after.lastScheduleTime();
        return run == null
                || Instant.parse(first).isAfter(Instant.parse(run))
                || Instant.parse(first).plus(SOON).isAfter(Instant.parse(second));
    }

    private static boolean sameReason(Condition ready, Condition was) {
        return was != null && Objects.equals(ready.getReason(), was.getReason());
    }

    private static long missed(ScheduleStatus status) {
        return status == null || status.counts() == null ? 0 : status.counts().missed();
    }

    private static Optional<Condition> condition(ScheduleStatus status, String type) {
        return status == null || status.conditions() == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> type.equals(condition.getType()))
                        .findFirst();
    }
}
