package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.RuntimeDeployment;
import dev.wheelhouse.operator.kube.RuntimeFacts;
import dev.wheelhouse.operator.kube.RuntimeObjects;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runtime Deployments of single runs ({@code isolation: Run}): made when the run has its place, deleted when it waits or
 * has ended. The ownerReference deletes what is left when the Run itself goes.
 */
public final class OwnRuntimes {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRuntimes.class);

    private record Own(String namespace, String name) {}

    private final RuntimeObjects objects;
    private final RuntimeDeployment deployments;
    private final Catalog catalog;
    private final Executor executor;
    /** By run UID: made here, or seen. */
    private final Map<String, Own> existing = new ConcurrentHashMap<>();

    public OwnRuntimes(RuntimeObjects objects, RuntimeDeployment deployments, Catalog catalog, Executor executor) {
        this.objects = objects;
        this.deployments = deployments;
        this.catalog = catalog;
        this.executor = executor;
    }

    /** The run needs its Deployment now. */
    void ensure(Run run) {
        String uid = run.getMetadata().getUid();
        if (existing.containsKey(uid)) {
            return;
        }
        String namespace = run.getMetadata().getNamespace();
        objects.ensureAccess(namespace, catalog.tenantOf(namespace));
        Deployment own = deployments.own(run, catalog.of(namespace));
        objects.create(own);
        existing.put(uid, new Own(namespace, own.getMetadata().getName()));
    }

    /** The run does not need its Deployment now. */
    void release(Run run) {
        String uid = run.getMetadata().getUid();
        if (existing.containsKey(uid)) {
            // Not on the thread of the watch that tells of the end.
            executor.execute(() -> delete(uid));
        }
    }

    private void delete(String uid) {
        Own own = existing.get(uid);
        if (own == null) {
            return;
        }
        try {
            objects.deleteDeployment(own.namespace(), own.name());
            existing.remove(uid, own);
        } catch (KubernetesClientException e) {
            LOG.warn("Deployment {} of a run that needs it no more stays for now: {}", own.name(), e.toString());
        }
    }

    /** A watch shows a Deployment. */
    public void seen(Deployment deployment) {
        String uid = RuntimeFacts.label(deployment, Api.LABEL_RUN_UID);
        if (!uid.isEmpty() && !deployment.isMarkedForDeletion()) {
            existing.put(
                    uid,
                    new Own(
                            deployment.getMetadata().getNamespace(),
                            deployment.getMetadata().getName()));
        }
    }

    /** A watch shows that a Deployment is gone. */
    public void gone(Deployment deployment) {
        existing.remove(RuntimeFacts.label(deployment, Api.LABEL_RUN_UID));
    }

    /** Deletes those whose run has ended, for an end may be missed while no operator is there. */
    public void sweep(Predicate<String> unfinished) {
        Collection<String> uids = existing.keySet();
        uids.stream().filter(unfinished.negate()).forEach(this::delete);
    }
}
