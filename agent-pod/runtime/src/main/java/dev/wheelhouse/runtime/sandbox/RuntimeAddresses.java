package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Where the runtimes of this namespace wait for sandboxes. Any of them may hold the run that a sandbox works for, now or
 * after a takeover, so a sandbox keeps a session with each; it has no DNS to find them.
 */
final class RuntimeAddresses {
    private static final Logger LOG = Logger.getLogger(RuntimeAddresses.class);
    /** Sandboxes ask every other second, all of them: they share an answer. */
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private static final int MAX = 128;

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final String namespace;
    private final String ownPod;
    private List<Found> found = List.of();
    private long at;
    private boolean known;

    private record Found(String pod, String runUid, String address) {}

    RuntimeAddresses(KubernetesClient client, ApiPermits permits, String namespace, String ownPod) {
        this.client = client;
        this.permits = permits;
        this.namespace = namespace;
        this.ownPod = ownPod;
    }

    /**
     * Those that this sandbox may need.
     *
     * @param here address of this process as the sandbox reached it, as {@code host:port}
     */
    List<String> of(SandboxPod sandbox, String here) {
        List<String> addresses = new ArrayList<>();
        boolean listed = false;
        for (Found one : now()) {
            listed |= one.pod().equals(ownPod);
            if (one.runUid() == null || one.runUid().equals(sandbox.runUid())) {
                addresses.add(one.pod().equals(ownPod) ? here : one.address());
            }
        }
        if (!listed) {
            addresses.add(here);
        }
        return addresses.stream().distinct().limit(MAX).toList();
    }

    private synchronized List<Found> now() {
        if (known && System.nanoTime() - at < FRESH_NANOS) {
            return found;
        }
        try {
            found = permits
                    .call(() -> client.pods()
                            .inNamespace(namespace)
                            .withLabel(Api.LABEL_ROLE, "runtime")
                            .list()
                            .getItems())
                    .stream()
                    .filter(RuntimeAddresses::running)
                    .map(pod -> new Found(
                            pod.getMetadata().getName(),
                            pod.getMetadata().getLabels().get(Api.LABEL_RUN_UID),
                            host(pod.getStatus().getPodIP()) + ":" + Api.SANDBOX_PORT))
                    .toList();
        } catch (KubernetesClientException e) {
            LOG.debugf("runtimes of the namespace: %s", e.getMessage());
        }
        known = true;
        at = System.nanoTime();
        return found;
    }

    /** As an address with a port is written. */
    static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static boolean running(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && "Running".equals(pod.getStatus().getPhase())
                && pod.getStatus().getPodIP() != null
                && !pod.getStatus().getPodIP().isEmpty();
    }
}
