package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.kube.Informers;
import dev.wheelhouse.operator.kube.Pruned;
import dev.wheelhouse.operator.kube.SandboxFacts;
import dev.wheelhouse.operator.kube.SandboxObjects;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What drives sandboxes: watches of their pods, of who takes warm ones, and of the policies around them, and the clock. */
public final class SandboxWatch {
    private final Sandboxes sandboxes;
    private final SandboxActions actions;
    private final SandboxNetworks networks;
    private final SandboxObjects objects;
    private final Gate gate;
    private volatile List<SharedIndexInformer<Pod>> pods = List.of();

    public SandboxWatch(
            Sandboxes sandboxes, SandboxActions actions, SandboxNetworks networks, SandboxObjects objects, Gate gate) {
        this.sandboxes = sandboxes;
        this.actions = actions;
        this.networks = networks;
        this.objects = objects;
        this.gate = gate;
    }

    /** Starts; does not wait for the API server. */
    void start(Informers informers, NamespaceRuntimes runtimes) {
        actions.runtimes(runtimes::up);

        pods = informers.watch(
                Pod.class, s -> s.withLabels(SandboxFacts.SELECTOR), Pruned::sandbox, sandboxes::seen, sandboxes::gone);
        informers.watch(
                Lease.class, s -> s.withLabels(SandboxClaim.SELECTOR), Pruned::claim, sandboxes::seen, sandboxes::gone);
        informers.watch(
                NetworkPolicy.class,
                s -> s.withLabels(SandboxObjects.selector()),
                UnaryOperator.identity(),
                networks::seen,
                networks::gone);
    }

    /** Something that sandboxes of the namespace depend on changed. */
    void touch(String namespace) {
        sandboxes.touch(namespace);
    }

    /** Starts what is due. Call it every half second or so. */
    void tick() {
        sandboxes.tick();
        networks.tick();
    }

    /** Looks at everything anew. Call it every few minutes, and when this operator begins to lead. */
    void resync(NamespaceRuntimes runtimes) {
        Map<String, Set<String>> names = pods.stream()
                .flatMap(informer -> informer.getStore().list().stream())
                .collect(Collectors.groupingBy(
                        pod -> pod.getMetadata().getNamespace(),
                        Collectors.mapping(pod -> pod.getMetadata().getName(), Collectors.toSet())));
        sandboxes.resync(names);
        if (gate.leading()) {
            objects.sweep(runtimes::used);
        }
    }
}
