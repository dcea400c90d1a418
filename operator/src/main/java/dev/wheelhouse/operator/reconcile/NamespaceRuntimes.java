package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.operator.domain.Admission;
import dev.wheelhouse.operator.domain.Definitions;
import dev.wheelhouse.operator.domain.RuntimePlan;
import dev.wheelhouse.operator.domain.RuntimePlan.Action;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.LeavingNamespace;
import dev.wheelhouse.operator.kube.RuntimeDeployment;
import dev.wheelhouse.operator.kube.RuntimeObjects;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The shared runtime Deployment of each namespace: made on first need, kept as wanted, scaled to zero when idle, removed
 * when the namespace is not used any more. A namespace is no object that a controller could reconcile, and may have no
 * Tenant, so this keeps a small queue of its own: each namespace at most once in it, at most one pass at a time.
 */
public final class NamespaceRuntimes {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceRuntimes.class);
    private static final Duration RETRY = Duration.ofSeconds(2);
    /** Between two corrections of somebody else's edits, lest two controllers fight as fast as they can. */
    private static final Duration BETWEEN_CORRECTIONS = Duration.ofSeconds(10);

    private static final class State {
        boolean dirty;
        boolean busy;
        long dueAt = Long.MAX_VALUE;
        /** When a run last needed the runtime; at first, when this operator began to look. */
        long needed;

        Deployment seen;
        /** Generation after our own last write; 0 if none was made by this process. */
        long ownGeneration;

        long corrected = Long.MIN_VALUE;
    }

    private final RunBook book;
    private final Catalog catalog;
    private final RuntimeDeployment deployments;
    private final RuntimeObjects objects;
    private final SandboxNetworks networks;
    private final Gate gate;
    private final Executor executor;
    private final Clockwork clock;
    private final Map<String, State> states = new ConcurrentHashMap<>();

    public NamespaceRuntimes(
            RunBook book,
            Catalog catalog,
            RuntimeDeployment deployments,
            RuntimeObjects objects,
            SandboxNetworks networks,
            Gate gate,
            Executor executor,
            Clockwork clock) {
        this.book = book;
        this.catalog = catalog;
        this.deployments = deployments;
        this.objects = objects;
        this.networks = networks;
        this.gate = gate;
        this.executor = executor;
        this.clock = clock;
    }

    /** Something of the namespace changed. */
    public void touch(String namespace) {
        State state = state(namespace);
        synchronized (state) {
            state.dirty = true;
        }
        start(namespace, state);
    }

    /** A run misses the runtime; of a crowd of them, only the first makes work. */
    public void need(String namespace) {
        State state = state(namespace);
        boolean coming;
        synchronized (state) {
            state.needed = clock.nanoTime().getAsLong();
            coming = state.seen != null && replicas(state.seen) > 0;
        }
        if (!coming) {
            touch(namespace);
        }
    }

    /** A watch shows the namespace's Deployment. */
    public void seen(Deployment deployment) {
        if (shared(deployment)) {
            State state = state(deployment.getMetadata().getNamespace());
            synchronized (state) {
                state.seen = deployment;
            }
            touch(deployment.getMetadata().getNamespace());
        }
    }

    /** A watch shows that the namespace's Deployment is gone. */
    public void gone(Deployment deployment) {
        if (shared(deployment)) {
            String namespace = deployment.getMetadata().getNamespace();
            State state = state(namespace);
            synchronized (state) {
                state.seen = null;
                state.ownGeneration = 0;
            }
            // Whoever deleted it, such as the garbage collector after a Tenant, may have deleted its account too.
            objects.doubtAccess(namespace);
            networks.doubt(namespace);
            touch(namespace);
        }
    }

    /** Whether the namespace's shared runtime has pods, or soon will. */
    boolean up(String namespace) {
        State state = states.get(namespace);
        if (state == null) {
            return false;
        }
        synchronized (state) {
            return state.seen != null && replicas(state.seen) > 0;
        }
    }

    /** Whether anything of ours may be in the namespace. */
    boolean used(String namespace) {
        return up(namespace)
                || catalog.of(namespace).used()
                || !book.admission(namespace).isEmpty();
    }

    private static boolean shared(Deployment deployment) {
        return Api.RUNTIME_NAME.equals(deployment.getMetadata().getName());
    }

    /** Starts what is due. Call it every second or so. */
    public void tick() {
        Set<String> namespaces = new HashSet<>(states.keySet());
        long now = clock.nanoTime().getAsLong();
        for (String namespace : namespaces) {
            State state = state(namespace);
            synchronized (state) {
                if (state.dueAt != Long.MAX_VALUE && now - state.dueAt >= 0) {
                    state.dirty = true;
                }
            }
            start(namespace, state);
        }
    }

    /** Looks at every known namespace anew. Call it every few minutes, against whatever was missed. */
    public void resync() {
        Set<String> namespaces = new HashSet<>(states.keySet());
        namespaces.addAll(book.namespaces());
        namespaces.forEach(objects::doubtAccess);
        namespaces.forEach(networks::doubt);
        namespaces.forEach(this::touch);
    }

    private void start(String namespace, State state) {
        synchronized (state) {
            if (!state.dirty || state.busy || !gate.leading()) {
                return;
            }
            state.dirty = false;
            state.busy = true;
            state.dueAt = Long.MAX_VALUE;
        }
        executor.execute(() -> run(namespace, state));
    }

    private void run(String namespace, State state) {
        Optional<Duration> again;
        try {
            again = pass(namespace, state);
        } catch (KubernetesClientException e) {
            boolean leaving = LeavingNamespace.refused(e);
            LOG.atLevel(leaving ? Level.DEBUG : Level.WARN)
                    .log("Runtime of namespace {} is not as it should be, trying again: {}", namespace, e.toString());
            again = Optional.of(leaving ? BETWEEN_CORRECTIONS : RETRY);
        } catch (RuntimeException e) {
            // Whatever it was, such as a Tenant that makes no sense: the namespace must not be left for good.
            LOG.warn("Runtime of namespace {} could not be decided on, trying again", namespace, e);
            again = Optional.of(BETWEEN_CORRECTIONS);
        }
        synchronized (state) {
            state.busy = false;
            long now = clock.nanoTime().getAsLong();
            again.ifPresent(after -> state.dueAt = now + after.toNanos());
        }
        start(namespace, state);
    }

    private Optional<Duration> pass(String namespace, State state) {
        Definitions defs = catalog.of(namespace);
        TenantSpec tenant = defs.tenant();
        Admission admission = book.admission(namespace);
        Deployment seen;
        Duration idle;
        boolean needed = tenant.isolation() != Isolation.Run && admission.needsSharedRuntime();
        synchronized (state) {
            long now = clock.nanoTime().getAsLong();
            state.needed = needed ? now : state.needed;
            idle = Duration.ofNanos(now - state.needed);
            seen = state.seen;
        }
        Action action = RuntimePlan.decide(new RuntimePlan.Situation(
                needed,
                defs.used() || !admission.isEmpty(),
                tenant.runtime().replicas(),
                idle,
                Duration.ofSeconds(tenant.runtime().idleSeconds()),
                seen != null,
                seen == null ? 0 : replicas(seen)));
        return switch (action) {
            case Action.Nothing ignored -> Optional.empty();
            case Action.Remove ignored -> {
                objects.deleteAll(namespace);
                networks.remove(namespace);
                yield Optional.empty();
            }
            case Action.Keep keep -> {
                Optional<Tenant> owner = catalog.tenantOf(namespace);
                objects.ensureAccess(namespace, owner);
                networks.ensure(namespace, defs, owner);
                Deployment desired = deployments.shared(namespace, keep.replicas(), defs, owner);
                yield apply(state, seen, desired).or(keep::lookAgain);
            }
        };
    }

    private Optional<Duration> apply(State state, Deployment seen, Deployment desired) {
        if (seen == null) {
            objects.create(desired);
            return Optional.empty();
        }
        boolean same = hash(desired).equals(hash(seen));
        synchronized (state) {
            long generation = generation(seen);
            boolean edited = state.ownGeneration != 0 && generation > state.ownGeneration;
            if (same && !edited && replicas(seen) == replicas(desired)) {
                state.ownGeneration = generation;
                return Optional.empty();
            }
            long now = clock.nanoTime().getAsLong();
            if (same && state.corrected != Long.MIN_VALUE) {
                Duration left = BETWEEN_CORRECTIONS.minusNanos(now - state.corrected);
                if (left.isPositive()) {
                    return Optional.of(left);
                }
            }
            state.corrected = same ? now : state.corrected;
        }
        Deployment updated = objects.update(seen, desired);
        synchronized (state) {
            // The watch may have shown meanwhile that it is gone, or what somebody else made of it since.
            String uid = updated.getMetadata().getUid();
            if (state.seen != null && state.seen.getMetadata().getUid().equals(uid)) {
                state.ownGeneration = generation(updated);
                state.seen = generation(state.seen) <= state.ownGeneration ? updated : state.seen;
            }
        }
        return Optional.empty();
    }

    private static long generation(Deployment deployment) {
        Long generation = deployment.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private static String hash(Deployment deployment) {
        Map<String, String> annotations = deployment.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(RuntimeDeployment.ANNOTATION_HASH, "");
    }

    private static int replicas(Deployment deployment) {
        Integer replicas = deployment.getSpec().getReplicas();
        return replicas == null ? 1 : replicas;
    }

    private State state(String namespace) {
        return states.computeIfAbsent(namespace, n -> {
            State state = new State();
            state.needed = clock.nanoTime().getAsLong();
            return state;
        });
    }
}
