package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.operator.domain.Definitions;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.SandboxObjects;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the network of namespaces with sandboxes closed: the policies are there before the first sandbox, and whoever
 * edits or deletes one gets it back.
 */
public final class SandboxNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxNetworks.class);
    /** Between two corrections of a namespace, lest two controllers fight as fast as they can. */
    private static final Duration BETWEEN_CORRECTIONS = Duration.ofSeconds(5);

    private final SandboxObjects objects;
    private final RunBook book;
    private final Catalog catalog;
    private final Gate gate;
    private final Executor executor;
    private final Clockwork clock;
    private final Map<String, Long> corrected = new ConcurrentHashMap<>();

    public SandboxNetworks(
            SandboxObjects objects, RunBook book, Catalog catalog, Gate gate, Executor executor, Clockwork clock) {
        this.objects = objects;
        this.book = book;
        this.catalog = catalog;
        this.gate = gate;
        this.executor = executor;
        this.clock = clock;
    }

    /** Makes what a namespace needs that has, or may soon have, sandboxes. */
    void ensure(String namespace, Definitions defs, Optional<Tenant> tenant) {
        if (wanted(defs)) {
            objects.ensure(namespace, tenant);
        }
    }

    private static boolean wanted(Definitions defs) {
        TenantSandbox.Warm warm =
                defs.tenant().sandbox() == null ? null : defs.tenant().sandbox().warm();
        boolean kept = warm != null && warm.replicas() != null && warm.replicas() > 0;
        return kept || defs.agents().stream().anyMatch(agent -> agent.sandbox() != null);
    }

    /** A watch shows a policy. */
    public void seen(NetworkPolicy policy) {
        if (SandboxObjects.drifted(policy)) {
            correct(policy.getMetadata().getNamespace());
        }
    }

    /** A watch shows that a policy is gone, or does not carry our labels any more. */
    public void gone(NetworkPolicy policy) {
        correct(policy.getMetadata().getNamespace());
    }

    private void correct(String namespace) {
        objects.doubt(namespace);
        long now = clock.nanoTime().getAsLong();
        Long last = corrected.get(namespace);
        if (last != null && now - last < BETWEEN_CORRECTIONS.toNanos()) {
            return; // The next tick sees to it.
        }
        corrected.put(namespace, now);
        executor.execute(() -> repair(namespace));
    }

    /** Not in a namespace that is not used any more: there it is we who delete. */
    private void repair(String namespace) {
        boolean used =
                catalog.of(namespace).used() || !book.admission(namespace).isEmpty();
        if (!gate.leading() || !used) {
            return;
        }
        try {
            objects.ensure(namespace, catalog.tenantOf(namespace));
        } catch (KubernetesClientException e) {
            LOG.warn("Network policies of namespace {} are not as they should be: {}", namespace, e.toString());
            corrected.put(namespace, clock.nanoTime().getAsLong());
        }
    }

    /** Corrects what had to wait. Call it every second or so. */
    public void tick() {
        long now = clock.nanoTime().getAsLong();
        corrected.entrySet().removeIf(e -> {
            boolean due = now - e.getValue() >= BETWEEN_CORRECTIONS.toNanos();
            if (due) {
                executor.execute(() -> repair(e.getKey()));
            }
            return due;
        });
    }

    /** The namespace's objects may be gone. */
    void doubt(String namespace) {
        objects.doubt(namespace);
    }

    /** The namespace is not used any more. */
    void remove(String namespace) {
        objects.deleteAll(namespace);
    }
}
