package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunTemplate;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.api.v1alpha1.TemplateText;
import dev.wheelhouse.api.v1alpha1.ThreadNames;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The Run that a person starts from a Schedule: marked as by hand, so that it stands for none of its times. */
final class ManualRun {
    private ManualRun() {}

    /**
     * Makes it.
     *
     * @param name null for a new one
     * @param requester the caller
     * @param now what {@code {{ scheduledTime }}} becomes
     */
    static Run of(Schedule schedule, String name, String requester, Instant now) {
        RunTemplate template = schedule.getSpec().runTemplate();
        Map<String, String> labels = new HashMap<>();
        Map<String, String> annotations = new HashMap<>();
        if (template.metadata() != null) {
            labels.putAll(Objects.requireNonNullElse(template.metadata().labels(), Map.of()));
            annotations.putAll(Objects.requireNonNullElse(template.metadata().annotations(), Map.of()));
        }
        labels.put(Api.LABEL_SCHEDULE_UID, schedule.getMetadata().getUid());
        annotations.put(Api.ANNOTATION_INSTANTIATE, "manual");
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(schedule.getMetadata().getNamespace())
                .withName(name)
                .withGenerateName(name == null ? schedule.getMetadata().getName() + "-" : null)
                .withLabels(labels)
                .withAnnotations(annotations)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                        .withKind("Schedule")
                        .withName(schedule.getMetadata().getName())
                        .withUid(schedule.getMetadata().getUid())
                        .withController(true)
                        .build())
                .build());
        RunTemplate.Spec spec = template.spec();
        run.setSpec(new RunSpec(
                spec.agent(),
                input(schedule, now),
                requester,
                spec.limits(),
                spec.isolation(),
                null,
                spec.activeDeadlineSeconds(),
                null,
                null,
                ThreadNames.of(schedule),
                null));
        return run;
    }

    private static String input(Schedule schedule, Instant now) {
        ScheduleStatus status = schedule.getStatus();
        ZoneId zone = zone(schedule);
        Map<String, String> values = new HashMap<>();
        values.put("scheduledTime", local(now.truncatedTo(ChronoUnit.SECONDS), zone));
        if (status != null && status.lastSuccessfulTime() != null) {
            values.put("lastSuccessfulTime", local(Instant.parse(status.lastSuccessfulTime()), zone));
        }
        if (status != null && status.lastResult() != null) {
            values.put("lastResult", status.lastResult());
        }
        return new TemplateText(schedule.getSpec().runTemplate().spec().input()).render(values);
    }

    static ZoneId zone(Schedule schedule) {
        String zone = Objects.requireNonNullElse(schedule.getSpec().timeZone(), "UTC");
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new CommandException("spec.timeZone '" + zone + "' of the Schedule is not known here");
        }
    }

    private static String local(Instant time, ZoneId zone) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time.atZone(zone));
    }
}
