package dev.wheelhouse.e2e;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus.ReasonCount;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Schedules of a namespace as a test looks at them. */
record Schedules(Space space) {
    /** A minute to come, one more if the machine is busy, and some. */
    private static final Duration PATIENCE = Duration.ofSeconds(200);

    /** A Schedule whose runs are of this agent; {@code fields} are further fields of its spec. */
    Schedules create(String name, String expression, String agent, String fields) {
        space.create("Schedule", name, spec(expression, agent, fields));
        return this;
    }

    static String spec(String expression, String agent, String fields) {
        return "schedule: '" + expression + "'\nrunTemplate: {spec: {agent: " + agent
                + ", input: 'for {{ scheduledTime }}'}}\n" + fields;
    }

    Schedule get(String name) {
        return Cluster.client()
                .resources(Schedule.class)
                .inNamespace(space.name())
                .withName(name)
                .get();
    }

    /** Waits until the status is as asked; fails with what it is instead. */
    ScheduleStatus await(String name, String what, Predicate<ScheduleStatus> is) {
        var last = new AtomicReference<ScheduleStatus>();
        Space.await(() -> name + " " + what + ", but it is " + last.get(), PATIENCE, () -> {
            last.set(get(name).getStatus());
            return last.get() != null && is.test(last.get());
        });
        return last.get();
    }

    /** Runs that the Schedule owns, in the order of their times; those without one first. */
    List<Run> runs(String name) {
        String uid = get(name).getMetadata().getUid();
        return Cluster.client()
                .resources(Run.class)
                .inNamespace(space.name())
                .withLabel(Api.LABEL_SCHEDULE_UID, uid)
                .list()
                .getItems()
                .stream()
                .sorted(java.util.Comparator.comparing(Schedules::slot))
                .toList();
    }

    /** Time that a run was started for; empty if none. */
    static String slot(Run run) {
        return run.getMetadata().getAnnotations().getOrDefault(Api.ANNOTATION_SCHEDULED_TIME, "");
    }

    /** Name that the Run of a time must have, by the documented rule. */
    static String runName(String schedule, String slot) {
        return schedule + "-"
                + Long.toString(Instant.parse(slot).getEpochSecond() / 60, 36).toLowerCase(Locale.ROOT);
    }

    static boolean is(ScheduleStatus status, String condition, String value, String reason) {
        return status.conditions() != null
                && status.conditions().stream()
                        .filter(seen -> seen.getType().equals(condition))
                        .anyMatch(seen -> seen.getStatus().equals(value)
                                && seen.getReason().equals(reason));
    }

    /** How many times were skipped for this reason. */
    static long skipped(ScheduleStatus status, String reason) {
        return Objects.requireNonNullElse(status.counts().skippedByReason(), List.<ReasonCount>of()).stream()
                .filter(skipped -> skipped.reason().equals(reason))
                .mapToLong(ReasonCount::count)
                .sum();
    }

    static String message(ScheduleStatus status, String condition) {
        return status.conditions().stream()
                .filter(seen -> seen.getType().equals(condition))
                .map(Condition::getMessage)
                .findFirst()
                .orElse("");
    }
}
