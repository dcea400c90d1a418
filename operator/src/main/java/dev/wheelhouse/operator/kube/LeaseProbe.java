package dev.wheelhouse.operator.kube;

import dev.wheelhouse.operator.domain.HolderState;
import dev.wheelhouse.operator.domain.RunView;
import dev.wheelhouse.operator.domain.RuntimeDirectory;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.function.LongSupplier;

/**
 * Asks the API server about a process that looks lost, because a silent watch looks just like a silent process. If the
 * API server cannot be reached, the question stays open: nobody is declared lost for the operator's own trouble.
 */
public final class LeaseProbe {
    private final KubernetesClient client;
    private final RuntimeDirectory directory;
    private final LongSupplier nanoTime;

    public LeaseProbe(KubernetesClient client, RuntimeDirectory directory, LongSupplier nanoTime) {
        this.client = client;
        this.directory = directory;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether the holder of this run is lost, after a look.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server gives no answer
     */
    public synchronized boolean lost(RunView run) {
        // One look serves all runs of a process: whoever waited here may find the question answered.
        HolderState state = state(run);
        return state == HolderState.SUSPECT ? ask(run) : state == HolderState.LOST;
    }

    private boolean ask(RunView run) {
        String namespace = run.id().namespace();
        String known = directory.leaseVersion(namespace, run.pod()).orElse("");
        Lease lease = run.pod().isEmpty()
                ? null
                : client.leases().inNamespace(namespace).withName(run.pod()).get();
        if (lease != null && !known.equals(lease.getMetadata().getResourceVersion())) {
            directory.lease(RuntimeFacts.of(lease), nanoTime.getAsLong());
        }
        boolean renewed = lease != null
                && run.holder().equals(RuntimeFacts.of(lease).holder())
                && state(run) == HolderState.ALIVE;
        if (!renewed) {
            directory.confirmLost(run.holder());
        }
        return !renewed;
    }

    private HolderState state(RunView run) {
        return directory.state(run.id().namespace(), run.pod(), run.podUid(), run.holder(), nanoTime.getAsLong());
    }
}
