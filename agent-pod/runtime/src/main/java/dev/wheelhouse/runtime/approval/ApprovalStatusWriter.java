package dev.wheelhouse.runtime.approval;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Writes Approval.status: the only class of the runtime that does. Always a locked PUT on what was just read. */
final class ApprovalStatusWriter {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final ApiPermits permits;

    ApprovalStatusWriter(KubernetesClient client, ApiPermits permits) {
        this.client = client;
        this.permits = permits;
    }

    /** What becomes of a status. Pure. */
    interface Change {
        ApprovalStatus of(Approval found);
    }

    /**
     * Writes once.
     *
     * @return false if somebody else changed or deleted it meanwhile
     * @throws KubernetesClientException if it is not known whether it was written, or it was refused
     */
    boolean write(Approval found, Change change) {
        Approval body = new Approval();
        body.setMetadata(found.getMetadata());
        body.setSpec(found.getSpec());
        body.setStatus(change.of(found));
        try {
            permits.call(() -> client.resource(body)
                    .inNamespace(found.getMetadata().getNamespace())
                    .updateStatus());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }
}
