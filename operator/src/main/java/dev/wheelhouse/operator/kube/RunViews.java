package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.RunView;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads Run objects into the domain's terms. Tolerates whatever is missing. */
public final class RunViews {
    private RunViews() {}

    public static RunId id(HasMetadata object) {
        var meta = object.getMetadata();
        return new RunId(meta.getNamespace(), meta.getName(), meta.getUid());
    }

    /** Whether somebody wants it to stay when it has ended. */
    public static boolean kept(Run run) {
        Map<String, String> labels = run.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(Api.LABEL_KEEP));
    }

    public static RunView of(Run run) {
        RunSpec spec = run.getSpec();
        RunStatus status = run.getStatus();
        Execution execution = status == null ? null : status.execution();
        return new RunView(
                id(run),
                Objects.requireNonNullElse(Times.parse(run.getMetadata().getCreationTimestamp()), Instant.EPOCH),
                run.isMarkedForDeletion(),
                spec.agent(),
                spec.isolation() == Isolation.Run,
                Boolean.TRUE.equals(spec.cancel()),
                spec.activeDeadlineSeconds(),
                spec.limits() != null && spec.limits().costMicros() != null,
                status == null ? null : status.phase(),
                execution == null || execution.epoch() == null ? 0 : execution.epoch(),
                execution == null ? "" : Objects.requireNonNullElse(execution.holder(), ""),
                execution == null ? "" : Objects.requireNonNullElse(execution.pod(), ""),
                execution == null ? "" : Objects.requireNonNullElse(execution.podUID(), ""),
                status != null && Conditions.is(status.conditions(), ConditionType.ACCEPTED, "False"),
                status == null ? null : Times.parse(status.startTime()),
                status == null ? null : waiting(status.waitingFor()));
    }

    private static RunView.Wait waiting(WaitingFor waiting) {
        // A kind that this version does not know is left to a newer operator, as if a person had to decide.
        return waiting == null
                ? null
                : new RunView.Wait(
                        Objects.requireNonNullElse(waiting.kind(), WaitingFor.Kind.InDoubt),
                        Objects.requireNonNullElse(waiting.names(), List.of()),
                        Times.parse(waiting.since()),
                        Times.parse(waiting.retryAt()));
    }
}
