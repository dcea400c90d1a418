package dev.wheelhouse.api.v1alpha1;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Who has a warm sandbox: a Lease with the pod's name, so that of all who want the pod one can create it, and nobody can
 * after. It is never changed, and goes with the pod.
 *
 * @param pod name of the pod
 * @param podUid its UID
 * @param run name of the run that has it; empty: nobody, the pod is about to be deleted
 * @param runUid UID of that run, or empty
 * @param key the run's {@link SandboxState.Request#key}, or empty
 * @param after UID of the pod that it replaces, or empty
 * @param maxSeconds how long the run may have it
 */
public record SandboxClaim(
        String pod, String podUid, String run, String runUid, String key, String after, int maxSeconds) {
    /** {@link Api#LABEL_ROLE} of these Leases. */
    public static final String ROLE = "sandbox-claim";
    /** The labels that select them all. */
    public static final Map<String, String> SELECTOR = Map.of(Api.LABEL_ROLE, ROLE);

    private static final String NOBODY = "nobody";

    /** Keeps everybody from a pod that is to be deleted. */
    public static SandboxClaim ofNobody(String pod, String podUid) {
        return new SandboxClaim(pod, podUid, "", "", "", "", 1);
    }

    /** Whether the pod is about to be deleted. */
    public boolean nobody() {
        return run.isEmpty();
    }

    /** The object that is created. */
    public Lease lease(String namespace, ZonedDateTime now) {
        LeaseBuilder lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(pod)
                .withNamespace(namespace)
                .withLabels(SELECTOR)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod)
                .withUid(podUid)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(nobody() ? NOBODY : run)
                .withLeaseDurationSeconds(maxSeconds)
                .withAcquireTime(now)
                .endSpec();
        return nobody()
                ? lease.build()
                : lease.editMetadata()
                        .addToLabels(Api.LABEL_RUN_UID, runUid)
                        .addToLabels(Api.LABEL_SANDBOX_KEY, key)
                        .addToAnnotations(Api.ANNOTATION_SANDBOX_AFTER, after)
                        .endMetadata()
                        .build();
    }

    /** Reads one; empty if it says too little to be one. */
    public static Optional<SandboxClaim> of(Lease lease) {
        var meta = lease.getMetadata();
        Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
        Map<String, String> annotations = Objects.requireNonNullElse(meta.getAnnotations(), Map.of());
        var spec = lease.getSpec();
        if (meta.getOwnerReferences() == null
                || meta.getOwnerReferences().size() != 1
                || spec == null
                || spec.getHolderIdentity() == null
                || spec.getLeaseDurationSeconds() == null) {
            return Optional.empty();
        }
        String uid = meta.getOwnerReferences().getFirst().getUid();
        String runUid = labels.getOrDefault(Api.LABEL_RUN_UID, "");
        String key = labels.getOrDefault(Api.LABEL_SANDBOX_KEY, "");
        return Optional.of(
                runUid.isEmpty() || key.isEmpty()
                        ? ofNobody(meta.getName(), uid)
                        : new SandboxClaim(
                                meta.getName(),
                                uid,
                                spec.getHolderIdentity(),
                                runUid,
                                key,
                                annotations.getOrDefault(Api.ANNOTATION_SANDBOX_AFTER, ""),
                                spec.getLeaseDurationSeconds()));
    }
}
