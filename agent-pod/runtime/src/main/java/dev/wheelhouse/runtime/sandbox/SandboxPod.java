package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.outbound.WellFormed;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A sandbox pod as the API server has it.
 *
 * @param key of who uses it; null while a warm one is nobody's, or its claim is all that says so
 * @param shape what kind of sandbox it is, see {@link dev.wheelhouse.api.v1alpha1.SandboxShape}
 * @param runUid of the run it was made for, or null
 * @param address of the pod; null before it has one
 * @param hostAddress of its node; null before it has one
 * @param created when it was made, RFC 3339
 * @param over whether nothing runs in it any more, or it is being ended
 * @param trouble why it is over, or why it does not start; null if nothing is known
 */
record SandboxPod(
        String name,
        String uid,
        String key,
        String shape,
        String runUid,
        String address,
        String hostAddress,
        String created,
        boolean over,
        String trouble) {
    private static final int MAX_TROUBLE = 300;

    static SandboxPod of(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels() == null
                ? Map.of()
                : pod.getMetadata().getLabels();
        PodStatus status = pod.getStatus();
        boolean ended = status != null && ("Failed".equals(status.getPhase()) || "Succeeded".equals(status.getPhase()));
        boolean deleted = pod.getMetadata().getDeletionTimestamp() != null;
        return new SandboxPod(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                labels.get(Api.LABEL_SANDBOX_KEY),
                labels.get(Api.LABEL_SANDBOX_SHAPE),
                labels.get(Api.LABEL_RUN_UID),
                status == null ? null : status.getPodIP(),
                status == null ? null : status.getHostIP(),
                pod.getMetadata().getCreationTimestamp() == null
                        ? ""
                        : pod.getMetadata().getCreationTimestamp(),
                ended || deleted,
                trouble(status, ended, deleted));
    }

    /** The same after it was deleted. */
    SandboxPod deleted() {
        String why = trouble == null ? "the pod was deleted" : trouble;
        return new SandboxPod(name, uid, key, shape, runUid, address, hostAddress, created, true, why);
    }

    private static String trouble(PodStatus status, boolean ended, boolean deleted) {
        if (status == null) {
            return deleted ? "the pod was deleted" : null;
        }
        Stream<String> known = ended || deleted
                ? Stream.of(text(status.getReason(), status.getMessage()), terminated(status))
                : Stream.of(unschedulable(status), waiting(status));
        String fallback = deleted ? "the pod was deleted" : ended ? "the pod ended" : null;
        return cut(known.filter(Objects::nonNull).findFirst().orElse(fallback));
    }

    private static String terminated(PodStatus status) {
        return containers(status)
                .flatMap(container -> Stream.ofNullable(container.getState()))
                .flatMap(state -> Stream.ofNullable(state.getTerminated()))
                .filter(end -> end.getExitCode() != null && end.getExitCode() != 0)
                .map(end -> text(end.getReason(), "exit code " + end.getExitCode()))
                .findFirst()
                .orElse(null);
    }

    private static String unschedulable(PodStatus status) {
        return Optional.ofNullable(status.getConditions()).orElse(List.of()).stream()
                .filter(c -> "PodScheduled".equals(c.getType()) && "False".equals(c.getStatus()))
                .map(c -> text(c.getReason(), c.getMessage()))
                .findFirst()
                .orElse(null);
    }

    private static String waiting(PodStatus status) {
        return containers(status)
                .flatMap(container -> Stream.ofNullable(container.getState()))
                .flatMap(state -> Stream.ofNullable(state.getWaiting()))
                .filter(why -> !"PodInitializing".equals(why.getReason()))
                .map(why -> text(why.getReason(), why.getMessage()))
                .findFirst()
                .orElse(null);
    }

    private static Stream<ContainerStatus> containers(PodStatus status) {
        return Stream.concat(
                Optional.ofNullable(status.getInitContainerStatuses()).orElse(List.of()).stream(),
                Optional.ofNullable(status.getContainerStatuses()).orElse(List.of()).stream());
    }

    private static String text(String reason, String message) {
        return reason == null || reason.isEmpty()
                ? message
                : message == null || message.isEmpty() ? reason : reason + ": " + message;
    }

    /** A container may choose its message. */
    private static String cut(String text) {
        if (text == null || text.length() <= MAX_TROUBLE) {
            return text;
        }
        return WellFormed.text(text.substring(0, MAX_TROUBLE - 1)) + "…";
    }
}
