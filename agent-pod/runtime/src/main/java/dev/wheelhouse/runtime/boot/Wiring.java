package dev.wheelhouse.runtime.boot;

import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.approval.CelConditions;
import dev.wheelhouse.runtime.approval.Notifier;
import dev.wheelhouse.runtime.drive.HeldDesk;
import dev.wheelhouse.runtime.drive.PodIdentity;
import dev.wheelhouse.runtime.drive.RunHost;
import dev.wheelhouse.runtime.model.ModelRouter;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.pin.Pinner;
import dev.wheelhouse.runtime.pin.PinsNow;
import dev.wheelhouse.runtime.sandbox.SandboxHost;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.store.FileJournalStore;
import dev.wheelhouse.runtime.store.JournalSweep;
import dev.wheelhouse.runtime.tool.McpServers;
import dev.wheelhouse.runtime.tool.ToolRouter;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** Puts the parts together: the one place that knows which adapter stands behind which port. */
@ApplicationScoped
class Wiring {
    @Produces
    @Singleton
    ApiPermits permits(RuntimeConfig config) {
        return new ApiPermits(config.apiRequests());
    }

    @Produces
    @Singleton
    Notifier notifier(RuntimeConfig config, KubernetesClient client, ApiPermits permits) {
        return new Notifier(
                client,
                permits,
                config.pod().namespace(),
                new SecretFiles(config.secretsDir()),
                new Http(),
                InstantSource.system());
    }

    @Produces
    @Singleton
    HeldDesk desk() {
        return new HeldDesk();
    }

    @Produces
    @Singleton
    SandboxHost sandboxes(
            RuntimeConfig config, KubernetesClient client, ApiPermits permits, HeldDesk desk, MeterRegistry registry) {
        return new SandboxHost(new SandboxHost.Parts(
                client,
                permits,
                pod(config),
                desk,
                new SecretFiles(config.secretsDir()),
                registry,
                config.sandboxPort(),
                System.getenv()));
    }

    @Produces
    @Singleton
    RunHost host(
            RuntimeConfig config,
            TenantLimits limits,
            KubernetesClient client,
            ApiPermits permits,
            Notifier notifier,
            HeldDesk desk,
            SandboxHost sandboxes,
            MeterRegistry registry) {
        CelConditions conditions = new CelConditions();
        Optional<Path> claim = config.journalDir();
        JournalStore store = claim.<JournalStore>map(FileJournalStore::new)
                .orElseGet(() -> new ConfigMapJournalStore(client, permits));
        SecretFiles secrets = new SecretFiles(config.secretsDir());
        Http http = new Http();
        McpServers servers = new McpServers(secrets);
        return new RunHost(new RunHost.Parts(
                client,
                leaseClient(client, config),
                permits,
                pod(config),
                store,
                claim.isPresent() ? TenantSpec.Store.PersistentVolumeClaim : TenantSpec.Store.ConfigMap,
                new ModelRouter(secrets, http),
                new ToolRouter(client, permits, store, secrets, http, servers, sandboxes.tool()),
                desk,
                new PinsNow(client, permits, servers),
                new Approvals(client, permits, (namespace, name) -> notifier.made(name)),
                conditions,
                new Pinner(
                        client,
                        permits,
                        secrets,
                        servers,
                        store,
                        limits.asLimits(),
                        config.sandboxImage().orElse(null),
                        conditions,
                        InstantSource.system())::of,
                registry));
    }

    private static PodIdentity pod(RuntimeConfig config) {
        return new PodIdentity(
                config.pod().namespace(), config.pod().name(), config.pod().uid());
    }

    /** Nothing to sweep where journals are ConfigMaps: they go with their Run. */
    @Produces
    @Singleton
    Optional<JournalSweep> sweep(RuntimeConfig config, KubernetesClient client) {
        return config.journalDir()
                .map(dir -> new JournalSweep(client, config.pod().namespace(), dir, InstantSource.system()));
    }

    /**
     * A client with an event loop and connections of its own. On the shared ones a renewal stands in line behind the
     * answers of a thousand runs, comes too late in a cold JVM, and the process fences itself for nothing. Nor may a
     * renewal that hangs use up the time in which another one could succeed.
     */
    private static KubernetesClient leaseClient(KubernetesClient client, RuntimeConfig config) {
        Vertx loop = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true));
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withRequestTimeout((int) config.leaseTimeout().toMillis())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .withHttpClientFactory(new VertxHttpClientFactory(loop))
                .build();
    }
}
