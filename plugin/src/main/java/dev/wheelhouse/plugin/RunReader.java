package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.List;

/** Reads Runs and their journals with the caller's rights. */
final class RunReader {
    private final KubernetesClient client;
    private final String namespace;

    RunReader(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** @throws CommandException if there is no such Run */
    Run run(String name) {
        Run run = client.resources(Run.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (run == null) {
            throw new CommandException("there is no Run '" + name + "' in namespace '" + namespace + "'");
        }
        return run;
    }

    /** Child Runs of any of these, oldest first. */
    List<Run> children(Collection<Run> parents) {
        String[] uids = parents.stream().map(run -> run.getMetadata().getUid()).toArray(String[]::new);
        return client.resources(Run.class)
                .inNamespace(namespace)
                .withLabelIn(Api.LABEL_PARENT, uids)
                .list()
                .getItems();
    }

    /** The journal as it is now. */
    StoredJournal journal(Run run) {
        refuseOtherStores(run);
        try {
            return StoredJournal.of(client.configMaps()
                    .inNamespace(namespace)
                    .withLabel(Api.LABEL_JOURNAL, run.getMetadata().getUid())
                    .withoutLabel(Api.LABEL_ARTIFACT)
                    .list()
                    .getItems());
        } catch (KubernetesClientException e) {
            throw e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                    ? new CommandException("the journal is kept in ConfigMaps, which you may not list in namespace '"
                            + namespace + "'; the role wheelhouse-view and the stock role view allow it")
                    : e;
        }
    }

    /** @throws CommandException if the journal is not in ConfigMaps */
    static void refuseOtherStores(Run run) {
        var status = run.getStatus();
        if (status != null
                && status.journal() != null
                && status.journal().store() == TenantSpec.Store.PersistentVolumeClaim) {
            throw new CommandException("the journal of this run is kept in files on the tenant's PersistentVolumeClaim"
                    + " (Tenant 'default', spec.journal.claimName), in the folder "
                    + run.getMetadata().getUid()
                    + "; the plugin reads only journals in ConfigMaps. The run's state is in 'kubectl describe arun "
                    + run.getMetadata().getName() + "'");
        }
    }

    KubernetesClient client() {
        return client;
    }

    String namespace() {
        return namespace;
    }
}
