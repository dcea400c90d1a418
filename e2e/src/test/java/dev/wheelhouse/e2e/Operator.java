package dev.wheelhouse.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** The operator as somebody who wants to harm it sees it. */
final class Operator {
    static final String NAMESPACE = "wheelhouse-system";
    private static final String DEPLOYMENT = "wheelhouse-operator";

    private Operator() {}

    /** Kills the process; its container starts again. Nothing happens if it is not running just now. */
    static void killProcess() {
        Processes.find(NAMESPACE).forEach(process -> process.signal("KILL"));
    }

    /** Deletes the pods without grace; others take their place. */
    static void deletePod() {
        pods().forEach(pod -> Cluster.kubectl(
                "-n",
                NAMESPACE,
                "delete",
                "pod",
                pod.getMetadata().getName(),
                "--grace-period=0",
                "--force",
                "--wait=false"));
    }

    static void scale(int replicas) {
        Cluster.client()
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(DEPLOYMENT)
                .scale(replicas);
    }

    static void awaitReady(int replicas) {
        Space.await(replicas + " ready operators", () -> {
            var status = Cluster.client()
                    .apps()
                    .deployments()
                    .inNamespace(NAMESPACE)
                    .withName(DEPLOYMENT)
                    .get()
                    .getStatus();
            return status.getReadyReplicas() != null
                    && status.getReadyReplicas() == replicas
                    && pods().size() == replicas;
        });
    }

    /** The process of the operator that leads, told by its Lease. */
    static Processes.InPod leader() {
        var lease = Cluster.client()
                .leases()
                .inNamespace(NAMESPACE)
                .withName(DEPLOYMENT)
                .get();
        if (lease == null) {
            throw new AssertionError("there is no Lease " + DEPLOYMENT + ": nobody leads");
        }
        String holder = lease.getSpec().getHolderIdentity();
        return Processes.find(NAMESPACE).stream()
                .filter(process -> holder.contains(process.pod()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the leader " + holder + " is no pod of the operator"));
    }

    private static List<Pod> pods() {
        return Cluster.client().pods().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith(DEPLOYMENT + "-"))
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }
}
