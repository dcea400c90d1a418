package dev.wheelhouse.operator.boot;

import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.SandboxApi;
import dev.wheelhouse.operator.kube.SandboxObjects;
import dev.wheelhouse.operator.reconcile.Clockwork;
import dev.wheelhouse.operator.reconcile.Gate;
import dev.wheelhouse.operator.reconcile.RunBook;
import dev.wheelhouse.operator.reconcile.SandboxActions;
import dev.wheelhouse.operator.reconcile.SandboxNetworks;
import dev.wheelhouse.operator.reconcile.SandboxWatch;
import dev.wheelhouse.operator.reconcile.Sandboxes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;

/** Who gets what, for sandboxes. */
public final class SandboxWiring {
    /** Where the operator serves chosen namespaces only, it has no right on objects of none: the chart binds. */
    @Produces
    @Singleton
    SandboxObjects sandboxObjects(KubernetesClient client, WheelhouseConfig config) {
        return new SandboxObjects(client, config.operator().namespaces().isEmpty());
    }

    @Produces
    @Singleton
    SandboxNetworks networks(SandboxObjects objects, RunBook book, Catalog catalog, Gate gate, Clockwork clock) {
        return new SandboxNetworks(objects, book, catalog, gate, Executors.newVirtualThreadPerTaskExecutor(), clock);
    }

    @Produces
    @Singleton
    SandboxActions sandboxActions(
            Catalog catalog,
            KubernetesClient client,
            SandboxObjects objects,
            Events events,
            MeterRegistry metrics,
            WheelhouseConfig config,
            Clockwork clock) {
        var images = config.sandbox();
        var api = new SandboxApi(client, images.daemonImage(), images.userNamespaces());
        return new SandboxActions(catalog, api, objects, events, metrics, clock);
    }

    /** Each write has a virtual thread of its own. */
    @Produces
    @Singleton
    Sandboxes sandboxes(SandboxActions actions, Gate gate, Clockwork clock) {
        return new Sandboxes(actions, gate, Executors.newVirtualThreadPerTaskExecutor(), clock);
    }

    @Produces
    @Singleton
    SandboxWatch sandboxWatch(
            Sandboxes sandboxes, SandboxActions actions, SandboxNetworks networks, SandboxObjects objects, Gate gate) {
        return new SandboxWatch(sandboxes, actions, networks, objects, gate);
    }
}
