package dev.wheelhouse.operator.boot;

import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.wheelhouse.operator.domain.RuntimeDirectory;
import dev.wheelhouse.operator.kube.ApprovalApi;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.ForgeryProbe;
import dev.wheelhouse.operator.kube.Informers;
import dev.wheelhouse.operator.kube.LeaseProbe;
import dev.wheelhouse.operator.kube.Permissions;
import dev.wheelhouse.operator.kube.RunCommands;
import dev.wheelhouse.operator.kube.RuntimeDeployment;
import dev.wheelhouse.operator.kube.RuntimeObjects;
import dev.wheelhouse.operator.kube.ScheduleApi;
import dev.wheelhouse.operator.kube.StatusWriter;
import dev.wheelhouse.operator.reconcile.AgentReconciler;
import dev.wheelhouse.operator.reconcile.ApprovalBook;
import dev.wheelhouse.operator.reconcile.ApprovalReconciler;
import dev.wheelhouse.operator.reconcile.Clockwork;
import dev.wheelhouse.operator.reconcile.Controllers;
import dev.wheelhouse.operator.reconcile.DefinitionWatch;
import dev.wheelhouse.operator.reconcile.Gate;
import dev.wheelhouse.operator.reconcile.ModelReconciler;
import dev.wheelhouse.operator.reconcile.NamespaceRuntimes;
import dev.wheelhouse.operator.reconcile.OwnRuntimes;
import dev.wheelhouse.operator.reconcile.Reaper;
import dev.wheelhouse.operator.reconcile.RunActions;
import dev.wheelhouse.operator.reconcile.RunBook;
import dev.wheelhouse.operator.reconcile.RunReconciler;
import dev.wheelhouse.operator.reconcile.RunWorld;
import dev.wheelhouse.operator.reconcile.SandboxNetworks;
import dev.wheelhouse.operator.reconcile.Sandboxes;
import dev.wheelhouse.operator.reconcile.ScheduleChildren;
import dev.wheelhouse.operator.reconcile.ScheduleReconciler;
import dev.wheelhouse.operator.reconcile.ScheduleTrust;
import dev.wheelhouse.operator.reconcile.Sentinel;
import dev.wheelhouse.operator.reconcile.TenantReconciler;
import dev.wheelhouse.operator.reconcile.ToolServerReconciler;
import dev.wheelhouse.operator.reconcile.Trust;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Who gets what. All objects live as long as the process. */
public final class Wiring {
    /** Work beside the reconciliations: Events, namespaces' runtimes. */
    private static final Executor BACKGROUND = Executors.newVirtualThreadPerTaskExecutor();

    @Produces
    @Singleton
    Clockwork clock() {
        return Clockwork.system();
    }

    /** A newer version may have stored a value that this one does not know; it must not stop the watch. */
    @Produces
    @Singleton
    KubernetesClientObjectMapperCustomizer tolerant() {
        return mapper -> mapper.enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    @Produces
    @Singleton
    Leadership leadership(WheelhouseConfig config) {
        return new Leadership(config);
    }

    @Produces
    @Singleton
    LeaderElectionConfiguration election(Leadership leadership) {
        return leadership.election();
    }

    /**
     * In place of the extension's own, for the settings of each controller: its configuration service takes only
     * controller configurations made at build time, and those cannot select on an empty field. Everything else is as
     * the extension has it.
     */
    @Produces
    @ApplicationScoped
    Operator operator(QuarkusConfigurationService sdk, WheelhouseConfig config, Instance<Controllers> controllers) {
        Operator operator = new Operator(o -> {
            o.withKubernetesClient(sdk.getKubernetesClient())
                    // Virtual threads: a reconciliation mostly waits for the API server.
                    .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                    .withMetrics(sdk.getMetrics())
                    .withCacheSyncTimeout(sdk.cacheSyncTimeout())
                    .withReconciliationTerminationTimeout(sdk.reconciliationTerminationTimeout())
                    .withStopOnInformerErrorDuringStartup(sdk.stopOnInformerErrorDuringStartup())
                    .withUseSSAToPatchPrimaryResource(false)
                    .withCloseClientOnStop(false)
                    .checkingCRDAndValidateLocalModel(false);
            sdk.getLeaderElectionConfiguration().ifPresent(o::withLeaderElectionConfiguration);
        });
        Set<String> namespaces =
                config.operator().namespaces().map(Set::copyOf).orElse(Constants.WATCH_ALL_NAMESPACE_SET);
        controllers.get().register(operator, namespaces);
        return operator;
    }

    @Produces
    @Singleton
    Controllers controllers(
            RunReconciler runs,
            AgentReconciler agents,
            ModelReconciler models,
            ToolServerReconciler toolServers,
            TenantReconciler tenants,
            ScheduleReconciler schedules,
            ApprovalReconciler approvals) {
        return new Controllers(runs, agents, models, toolServers, tenants, schedules, approvals);
    }

    @Produces
    @Singleton
    Gate gate(Operator operator, Informers informers, Catalog catalog, Leadership leadership) {
        return new Gate(
                () -> operator.getRuntimeInfo().isStarted() && informers.synced() && catalog.complete(),
                leadership::leading);
    }

    @Produces
    @Singleton
    Sentinel sentinel(Clockwork clock) {
        return new Sentinel(clock.nanoTime());
    }

    @Produces
    @Singleton
    Catalog catalog(WheelhouseConfig config) {
        return new Catalog(config.standard());
    }

    @Produces
    @Singleton
    RuntimeDirectory directory() {
        return new RuntimeDirectory();
    }

    @Produces
    @Singleton
    RunBook book(Catalog catalog, RuntimeDirectory directory, Clockwork clock) {
        return new RunBook(catalog, directory, clock.nanoTime());
    }

    @Produces
    @Singleton
    StatusWriter writer(KubernetesClient client, MeterRegistry metrics, WheelhouseConfig config) {
        return new StatusWriter(client, metrics, config.operator().concurrentWrites());
    }

    @Produces
    @Singleton
    Events events(KubernetesClient client, Leadership leadership) {
        return new Events(client, BACKGROUND, leadership.identity());
    }

    @Produces
    @Singleton
    RuntimeObjects objects(KubernetesClient client) {
        return new RuntimeObjects(client);
    }

    @Produces
    @Singleton
    RuntimeDeployment deployments(WheelhouseConfig config) {
        return new RuntimeDeployment(config.runtime().image(), config.sandbox().image(), config.standard());
    }

    @Produces
    @Singleton
    Informers informers(KubernetesClient client, WheelhouseConfig config) {
        return new Informers(client, config.operator().namespaces().orElse(List.of()));
    }

    @Produces
    @Singleton
    LeaseProbe probe(KubernetesClient client, RuntimeDirectory directory, Clockwork clock) {
        return new LeaseProbe(client, directory, clock.nanoTime());
    }

    @Produces
    @Singleton
    OwnRuntimes ownRuntimes(RuntimeObjects objects, RuntimeDeployment deployments, Catalog catalog) {
        return new OwnRuntimes(objects, deployments, catalog, BACKGROUND);
    }

    @Produces
    @Singleton
    NamespaceRuntimes namespaceRuntimes(
            RunBook book,
            Catalog catalog,
            RuntimeDeployment deployments,
            RuntimeObjects objects,
            SandboxNetworks networks,
            Gate gate,
            Clockwork clock) {
        return new NamespaceRuntimes(book, catalog, deployments, objects, networks, gate, BACKGROUND, clock);
    }

    @Produces
    @Singleton
    RunWorld world(
            RunBook book,
            Catalog catalog,
            LeaseProbe probe,
            ApprovalBook approvals,
            ApprovalApi api,
            Sandboxes sandboxes,
            Clockwork clock) {
        return new RunWorld(book, catalog, probe, approvals, api, sandboxes, clock);
    }

    @Produces
    @Singleton
    ApprovalBook approvals(Clockwork clock) {
        return new ApprovalBook(clock);
    }

    @Produces
    @Singleton
    ApprovalApi approvalApi(KubernetesClient client) {
        return new ApprovalApi(client);
    }

    @Produces
    @Singleton
    Trust trust(KubernetesClient client, WheelhouseConfig config, Clockwork clock) {
        return new Trust(new ForgeryProbe(client, config.operator().namespace()), clock.nanoTime());
    }

    @Produces
    @Singleton
    RunActions actions(
            RunBook book,
            StatusWriter writer,
            KubernetesClient client,
            ApprovalApi approvals,
            OwnRuntimes ownRuntimes,
            Events events,
            MeterRegistry metrics,
            Clockwork clock) {
        return new RunActions(book, writer, new RunCommands(client), approvals, ownRuntimes, events, metrics, clock);
    }

    @Produces
    @Singleton
    ScheduleChildren scheduleChildren() {
        return new ScheduleChildren();
    }

    @Produces
    @Singleton
    ScheduleApi scheduleApi(KubernetesClient client, WheelhouseConfig config) {
        return new ScheduleApi(client, config.operator().namespaces().orElse(List.of()));
    }

    @Produces
    @Singleton
    ScheduleTrust scheduleTrust(ScheduleApi api, ScheduleChildren children, Gate gate) {
        return new ScheduleTrust(api, children, gate::loaded);
    }

    @Produces
    @Singleton
    Permissions permissions(KubernetesClient client, Clockwork clock) {
        return new Permissions(client, clock.nanoTime());
    }

    @Produces
    @Singleton
    RunCommands commands(KubernetesClient client) {
        return new RunCommands(client);
    }

    @Produces
    @Singleton
    DefinitionWatch definitions(RunBook book, Catalog catalog, StatusWriter writer, Gate gate) {
        return new DefinitionWatch(book, catalog, writer, gate);
    }

    @Produces
    @Singleton
    Reaper reaper(KubernetesClient client, ApprovalBook approvals, Gate gate, Clockwork clock) {
        return new Reaper(new RunCommands(client), approvals, gate, clock);
    }
}
