package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The sandbox pods of this namespace, watched from the first need on: a namespace without sandboxes costs nothing. Keeps
 * why pods that are gone went, for a while: the command that ran there wants to know.
 */
final class PodWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodWatch.class);
    private static final int MAX_GONE = 1024;

    private final KubernetesClient client;
    private final String namespace;
    private final Runnable changed;
    private final Map<String, SandboxPod> present = new ConcurrentHashMap<>();
    private final Map<String, SandboxPod> gone = new LinkedHashMap<>();
    private SharedIndexInformer<Pod> informer;

    /** @param changed called after each change, on a thread of the client: must be quick */
    PodWatch(KubernetesClient client, String namespace, Runnable changed) {
        this.client = client;
        this.namespace = namespace;
        this.changed = changed;
    }

    /** Begins to watch, unless it does; returns at once. */
    synchronized void start() {
        if (informer != null) {
            return;
        }
        informer = client.pods()
                .inNamespace(namespace)
                .withLabel(Api.LABEL_ROLE, "sandbox")
                .runnableInformer(0);
        informer.exceptionHandler((started, failure) -> {
            LOG.warnf("watch of sandbox pods: %s", failure.getMessage());
            return true;
        });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                seen(SandboxPod.of(pod));
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                seen(SandboxPod.of(pod));
            }

            @Override
            public void onDelete(Pod pod, boolean finalStateUnknown) {
                gone(SandboxPod.of(pod).deleted());
            }
        });
        informer.start().thenRun(changed);
    }

    private void seen(SandboxPod pod) {
        present.put(pod.uid(), pod);
        changed.run();
    }

    private void gone(SandboxPod pod) {
        synchronized (gone) {
            gone.put(pod.uid(), pod);
            while (gone.size() > MAX_GONE) {
                gone.remove(gone.keySet().iterator().next());
            }
        }
        present.remove(pod.uid());
        changed.run();
    }

    /** Whether all pods that exist are known, so that an unknown one does not exist. */
    synchronized boolean complete() {
        return informer != null && informer.hasSynced();
    }

    /** The pod, if it exists or its end is remembered. */
    Optional<SandboxPod> pod(String uid) {
        SandboxPod found = present.get(uid);
        if (found == null) {
            synchronized (gone) {
                found = gone.get(uid);
            }
        }
        return Optional.ofNullable(found);
    }

    Collection<SandboxPod> present() {
        return present.values();
    }

    @Override
    public synchronized void close() {
        if (informer != null) {
            informer.stop();
        }
    }
}
