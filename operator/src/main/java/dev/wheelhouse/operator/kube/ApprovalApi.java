package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** What is asked of the API server about single Approvals, because the caches do not have it. */
public final class ApprovalApi {
    private final KubernetesClient client;

    public ApprovalApi(KubernetesClient client) {
        this.client = client;
    }

    /** Whether an Approval of this name exists and is not settled. */
    public boolean pending(String namespace, String name) {
        Approval approval = client.resources(Approval.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        return approval != null && !ApprovalViews.settled(approval);
    }

    /** The whole request, of which the caches keep only a part; it never changes. Empty if the object is gone. */
    public Optional<ApprovalRequest> request(Approval approval) {
        Approval whole = client.resources(Approval.class)
                .inNamespace(approval.getMetadata().getNamespace())
                .withName(approval.getMetadata().getName())
                .get();
        return Optional.ofNullable(whole)
                .filter(live -> live.getMetadata()
                        .getUid()
                        .equals(approval.getMetadata().getUid()))
                .map(live -> live.getSpec().request());
    }

    /** This question of this run, if it still waits for a decision or for the use of one. */
    public Optional<Approval> open(String namespace, String name, String runUid) {
        Approval approval = client.resources(Approval.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        return Optional.ofNullable(approval)
                .filter(live -> live.getSpec().request().run().uid().equals(runUid))
                .filter(live ->
                        !ApprovalViews.settled(live) || live.getStatus().phase() == ApprovalStatus.Phase.Approved);
    }
}
