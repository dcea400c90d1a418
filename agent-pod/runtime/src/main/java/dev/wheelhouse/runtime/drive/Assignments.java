package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import org.jboss.logging.Logger;

/**
 * Watches the runs of one holder, and only those: the API server filters by {@code status.execution.holder}. Survives
 * any outage of the API server by listing and watching anew.
 */
final class Assignments implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Assignments.class);

    private final SharedIndexInformer<Run> informer;

    /** Receives changes, one at a time per run, on a thread of the client: must be quick. */
    interface Receiver {
        /** The run is this holder's, newly or still. */
        void assigned(Run run);

        /** The run is this holder's no more: taken away, given back or deleted. */
        void unassigned(Run run);
    }

    Assignments(KubernetesClient client, String namespace, Holder holder, Receiver receiver) {
        informer = client.resources(Run.class)
                .inNamespace(namespace)
                .withField(Api.FIELD_HOLDER, holder.id())
                .runnableInformer(0);
        informer.exceptionHandler((started, failure) -> {
            LOG.warnf("watch of the runs of %s: %s", holder, failure.getMessage());
            return true;
        });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Run run) {
                receiver.assigned(run);
            }

            @Override
            public void onUpdate(Run before, Run run) {
                receiver.assigned(run);
            }

            @Override
            public void onDelete(Run run, boolean finalStateUnknown) {
                receiver.unassigned(run);
            }
        });
        informer.start();
    }

    boolean watching() {
        return informer.isWatching();
    }

    @Override
    public void close() {
        informer.stop();
    }
}
