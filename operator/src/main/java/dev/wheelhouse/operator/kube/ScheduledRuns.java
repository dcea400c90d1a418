package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.RunTemplate;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ThreadNames;
import dev.wheelhouse.operator.domain.schedule.Child;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.RunNames;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Runs of Schedules: how they look, and what of them the decisions need. */
public final class ScheduledRuns {
    private static final String BACKFILL = "backfill";
    private static final DateTimeFormatter LABEL_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private ScheduledRuns() {}

    /**
     * The Run of {@code schedule} for {@code slot}.
     *
     * @param backfill its number if it is one of a backfill; empty if its time has come
     */
    public static Run of(
            Schedule schedule, Instant slot, OptionalLong backfill, String input, OptionalLong costMicros) {
        RunTemplate template = schedule.getSpec().runTemplate();
        Map<String, String> labels = new HashMap<>();
        Map<String, String> annotations = new HashMap<>();
        if (template.metadata() != null) {
            labels.putAll(orEmpty(template.metadata().labels()));
            annotations.putAll(orEmpty(template.metadata().annotations()));
        }
        labels.put(Api.LABEL_SCHEDULE_UID, schedule.getMetadata().getUid());
        labels.put(Api.LABEL_SCHEDULED_TIME, LABEL_TIME.format(slot));
        annotations.put(Api.ANNOTATION_SCHEDULED_TIME, slot.toString());
        backfill.ifPresent(number -> {
            annotations.put(Api.ANNOTATION_INSTANTIATE, BACKFILL);
            annotations.put(Api.ANNOTATION_BACKFILL_NUMBER, Long.toString(number));
        });
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(schedule.getMetadata().getNamespace())
                .withName(RunNames.of(schedule.getMetadata().getName(), slot))
                .withLabels(labels)
                .withAnnotations(annotations)
                .withOwnerReferences(owner(schedule))
                .build());
        RunTemplate.Spec spec = template.spec();
        run.setSpec(new RunSpec(
                spec.agent(),
                input,
                schedule.getSpec().requester(),
                limits(spec.limits(), costMicros),
                spec.isolation(),
                false,
                spec.activeDeadlineSeconds(),
                null,
                null,
                ThreadNames.of(schedule),
                null));
        return run;
    }

    /** The run as the decisions see it; empty if {@code scheduleUid} does not own it. */
    public static Optional<Child> child(Run run, String schedule, String scheduleUid) {
        ObjectMeta meta = run.getMetadata();
        if (owner(meta).filter(owner -> owner.getUid().equals(scheduleUid)).isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> annotations = orEmpty(meta.getAnnotations());
        Instant slot = Times.parse(annotations.get(Api.ANNOTATION_SCHEDULED_TIME));
        Origin origin = origin(meta.getName(), schedule, slot, annotations.get(Api.ANNOTATION_INSTANTIATE));
        RunStatus status = run.getStatus();
        Instant ended = status == null ? null : Times.parse(status.completionTime());
        Long cost =
                status == null || status.usage() == null ? null : status.usage().costMicros();
        return Optional.of(new Child(
                meta.getName(),
                meta.getUid(),
                origin,
                origin == Origin.MANUAL ? null : slot,
                ended == null ? null : end(status),
                ended,
                cost == null ? 0 : cost,
                run.getSpec() == null ? 0 : limit(run.getSpec().limits()),
                status == null ? null : cut(status.result()),
                run.getSpec() != null && Boolean.TRUE.equals(run.getSpec().cancel()),
                number(annotations.get(Api.ANNOTATION_BACKFILL_NUMBER)),
                RunViews.kept(run)));
    }

    private static long number(String text) {
        return text == null || !text.matches("[0-9]{1,18}") ? 0 : Long.parseLong(text);
    }

    /** Owner of a run that is a Schedule. */
    public static Optional<OwnerReference> owner(ObjectMeta meta) {
        List<OwnerReference> owners = meta.getOwnerReferences() == null ? List.of() : meta.getOwnerReferences();
        return owners.stream()
                .filter(owner -> "Schedule".equals(owner.getKind()))
                .findFirst();
    }

    private static long limit(Limits limits) {
        return limits == null || limits.costMicros() == null ? 0 : limits.costMicros();
    }

    /** Only the name that a time has makes a run the run of that time: an annotation can be written by anybody. */
    private static Origin origin(String name, String schedule, Instant slot, String instantiate) {
        if (slot == null || !name.equals(RunNames.of(schedule, slot))) {
            return Origin.MANUAL;
        }
        return BACKFILL.equals(instantiate) ? Origin.BACKFILL : Origin.TIME;
    }

    private static End end(RunStatus status) {
        return switch (status.phase()) {
            case Succeeded -> End.SUCCEEDED;
            case Cancelled -> End.CANCELLED;
            case Failed, Pending, Queued, Running, Waiting -> End.FAILED;
            case null -> End.FAILED;
        };
    }

    private static Limits limits(Limits limits, OptionalLong costMicros) {
        if (costMicros.isEmpty()) {
            return limits;
        }
        long left = costMicros.getAsLong();
        if (limits == null) {
            return new Limits(null, null, null, left, null, null, null, null);
        }
        long cost = limits.costMicros() == null ? left : Math.min(left, limits.costMicros());
        return new Limits(
                limits.steps(),
                limits.toolCalls(),
                limits.tokens(),
                cost,
                limits.seconds(),
                limits.repairs(),
                limits.identicalCalls(),
                limits.depth());
    }

    private static OwnerReference owner(Schedule schedule) {
        return new OwnerReferenceBuilder()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("Schedule")
                .withName(schedule.getMetadata().getName())
                .withUid(schedule.getMetadata().getUid())
                .withController(true)
                // Whoever deletes a Schedule in the foreground waits for its runs. Needs update on
                // schedules/finalizers.
                .withBlockOwnerDeletion(true)
                .build();
    }

    private static String cut(String result) {
        return result == null || result.length() <= 4096 ? result : result.substring(0, 4096);
    }

    private static <K, V> Map<K, V> orEmpty(Map<K, V> map) {
        return map == null ? Map.of() : map;
    }
}
