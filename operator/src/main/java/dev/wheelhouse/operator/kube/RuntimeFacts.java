package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.operator.domain.RuntimeDirectory.LeaseFacts;
import dev.wheelhouse.operator.domain.RuntimeDirectory.PodFacts;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Reads runtime Pods and Leases into the domain's terms. */
public final class RuntimeFacts {
    /** The label that selects everything of a runtime. */
    public static final Map<String, String> SELECTOR = Map.of(Api.LABEL_ROLE, "runtime");

    /** Name of the one container of a runtime pod. */
    static final String CONTAINER = "runtime";

    private static final int DEFAULT_LEASE_SECONDS = 8;

    private RuntimeFacts() {}

    public static PodFacts of(Pod pod) {
        boolean running = pod.getStatus() != null
                && pod.getStatus().getContainerStatuses() != null
                && pod.getStatus().getContainerStatuses().stream()
                        .anyMatch(c -> CONTAINER.equals(c.getName())
                                && c.getState() != null
                                && c.getState().getRunning() != null);
        return new PodFacts(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                running,
                pod.isMarkedForDeletion(),
                label(pod, Api.LABEL_RUN_UID));
    }

    public static LeaseFacts of(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        Integer seconds = spec == null ? null : spec.getLeaseDurationSeconds();
        Map<String, String> annotations = lease.getMetadata().getAnnotations();
        return new LeaseFacts(
                lease.getMetadata().getNamespace(),
                lease.getMetadata().getName(),
                spec == null ? "" : Objects.requireNonNullElse(spec.getHolderIdentity(), ""),
                Duration.ofSeconds(seconds == null ? DEFAULT_LEASE_SECONDS : seconds),
                annotations != null && "true".equals(annotations.get(Api.ANNOTATION_DRAINING)),
                lease.getMetadata().getResourceVersion());
    }

    /** The label's value, or empty. */
    public static String label(HasMetadata object, String name) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(name, "");
    }
}
