package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
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
import dev.wheelhouse.operator.kube.SandboxApi;
import dev.wheelhouse.operator.kube.SandboxObjects;
import dev.wheelhouse.operator.kube.ScheduleApi;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** The whole operator but for Quarkus, with a clock that can be moved. */
final class OperatorUnderTest implements AutoCloseable {
    static final TenantSpec DEFAULT_TENANT = new TenantSpec(
            500,
            Isolation.Shared,
            new TenantSpec.Runtime(2, 600, "100m", "512Mi"),
            new TenantSpec.Journal(TenantSpec.Store.ConfigMap, null),
            null,
            null,
            new TenantSandbox(List.of("sandbox:test"), null, null, null, null, null, null, null));

    final RunBook book;
    final ApprovalBook approvals;
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final AtomicLong ahead = new AtomicLong();
    private final Operator operator;
    private final Engine engine;
    private final ScheduleTrust trust;
    private volatile boolean started;

    static {
        // Of all awaits: one ends as soon as its condition holds, so patience costs nothing but where something is
        // wrong.
        Awaitility.setDefaultTimeout(Duration.ofSeconds(90));
    }

    OperatorUnderTest(KubernetesClient client) {
        Executor background = Executors.newVirtualThreadPerTaskExecutor();
        Clockwork clock =
                new Clockwork(() -> Instant.now().plusNanos(ahead.get()), () -> System.nanoTime() + ahead.get());
        Informers informers = new Informers(client, List.of());
        Catalog catalog = new Catalog(DEFAULT_TENANT);
        RuntimeDirectory directory = new RuntimeDirectory();
        book = new RunBook(catalog, directory, clock.nanoTime());
        Gate gate = new Gate(() -> started && informers.synced() && catalog.complete(), () -> true);
        StatusWriter writer = new StatusWriter(client, metrics, 16);
        RuntimeObjects objects = new RuntimeObjects(client);
        RuntimeDeployment deployments = new RuntimeDeployment("runtime:test", "sandbox:test", DEFAULT_TENANT);
        OwnRuntimes own = new OwnRuntimes(objects, deployments, catalog, background);
        SandboxObjects sandboxObjects = new SandboxObjects(client, true);
        SandboxNetworks networks = new SandboxNetworks(sandboxObjects, book, catalog, gate, background, clock);
        NamespaceRuntimes namespaces =
                new NamespaceRuntimes(book, catalog, deployments, objects, networks, gate, background, clock);
        Events events = new Events(client, background, "test");
        RunCommands commands = new RunCommands(client);
        approvals = new ApprovalBook(clock);
        ApprovalApi approvalApi = new ApprovalApi(client);
        SandboxActions sandboxActions = new SandboxActions(
                catalog, new SandboxApi(client, "sandboxd:test", true), sandboxObjects, events, metrics, clock);
        Sandboxes sandboxes = new Sandboxes(sandboxActions, gate, background, clock);
        LeaseProbe probe = new LeaseProbe(client, directory, clock.nanoTime());
        RunWorld world = new RunWorld(book, catalog, probe, approvals, approvalApi, sandboxes, clock);
        RunActions actions = new RunActions(book, writer, commands, approvalApi, own, events, metrics, clock);
        Sentinel sentinel = new Sentinel(clock.nanoTime());
        DefinitionWatch watch = new DefinitionWatch(book, catalog, writer, gate);
        StartsFirst order = new StartsFirst();
        RunReconciler runs = new RunReconciler(book, world, actions, writer, gate, sentinel, sandboxes, order);
        ScheduleChildren children = new ScheduleChildren();
        ScheduleApi scheduleApi = new ScheduleApi(client, List.of());
        trust = new ScheduleTrust(scheduleApi, children, gate::loaded);
        ApprovalReconciler approvalReconciler = new ApprovalReconciler(
                approvals,
                new Trust(new ForgeryProbe(client, "wheelhouse-system"), clock.nanoTime()),
                approvalApi,
                book,
                writer,
                events,
                gate,
                clock);
        Controllers controllers = new Controllers(
                runs,
                new AgentReconciler(watch, catalog, writer, clock),
                new ModelReconciler(watch, catalog, writer, clock),
                new ToolServerReconciler(watch, catalog, writer, clock),
                new TenantReconciler(watch, book, catalog, writer, clock),
                new ScheduleReconciler(
                        scheduleApi,
                        new Permissions(client, clock.nanoTime()),
                        commands,
                        children,
                        trust,
                        approvals,
                        order,
                        writer,
                        events,
                        gate,
                        clock),
                approvalReconciler);
        children.watch(informers);
        engine = new Engine(
                informers,
                book,
                runs,
                namespaces,
                own,
                new SandboxWatch(sandboxes, sandboxActions, networks, sandboxObjects, gate),
                new Reaper(commands, approvals, gate, clock),
                approvalReconciler,
                gate,
                sentinel);
        ConfigurationService sdk =
                ConfigurationService.newOverriddenConfigurationService(o -> o.withKubernetesClient(client)
                        .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                        .withUseSSAToPatchPrimaryResource(false)
                        .checkingCRDAndValidateLocalModel(false)
                        .withCloseClientOnStop(false)
                        // As in production: a request that fails while the informers start is made again.
                        .withStopOnInformerErrorDuringStartup(false)
                        .withCacheSyncTimeout(Duration.ofMinutes(10))
                        .withInformerStoppedHandler((informer, failure) -> {}));
        operator = new Operator(sdk);
        controllers.register(operator, Set.of(Constants.WATCH_ALL_NAMESPACES));
    }

    OperatorUnderTest start() {
        engine.start();
        operator.start();
        started = true;
        engine.leads();
        Thread.ofVirtual().start(trust::survey);
        return this;
    }

    /** Lets time pass at once, for waiting as well as for people. */
    void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
    }

    @Override
    public void close() {
        engine.close();
        operator.stop();
    }
}
