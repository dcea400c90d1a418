package dev.wheelhouse.operator.reconcile;

import static org.awaitility.Awaitility.await;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantApprovals;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A namespace with users and runtimes, played by a test. */
final class World {
    static final String NS = "team-a";

    /** Leases that nobody renews last longer than any test, on a slow machine and with all the time that tests let pass. */
    private static final Duration LONG = Duration.ofDays(7);

    final KubernetesClient client;

    World(KubernetesClient client) {
        this.client = client;
    }

    void model(String name, SecretKey secret) {
        Model model = new Model();
        model.setMetadata(meta(name));
        model.setSpec(new ModelSpec(Provider.scripted, null, null, secret, null, null, null, null, null));
        client.resource(model).create();
    }

    void agent(String name, String model) {
        Agent agent = new Agent();
        agent.setMetadata(meta(name));
        agent.setSpec(new AgentSpec(null, model, null, "be good", null, null, null, null, null, null, null, null));
        client.resource(agent).create();
    }

    void agentWithSandbox(String name, String model, String image) {
        Agent agent = new Agent();
        agent.setMetadata(meta(name));
        var sandbox = new SandboxSpec(image, null, null, null, null, null, null, null, null, null);
        agent.setSpec(new AgentSpec(null, model, null, "be good", null, null, null, null, null, null, null, sandbox));
        client.resource(agent).create();
    }

    /** An agent whose sandbox reaches a host with this credential. */
    void agentWithEgress(String name, String model, SecretKey key) {
        Agent agent = new Agent();
        agent.setMetadata(meta(name));
        var rule = new SandboxSpec.EgressRule(
                "api.example.org", null, null, null, List.of("/"), new SandboxSpec.Credential(null, null, key));
        var sandbox = new SandboxSpec(null, null, null, null, null, null, null, null, List.of(rule), null);
        agent.setSpec(new AgentSpec(null, model, null, "be good", null, null, null, null, null, null, null, sandbox));
        client.resource(agent).create();
    }

    /** A Tenant that keeps so many sandboxes ready. */
    void warm(int replicas) {
        Tenant tenant = new Tenant();
        tenant.setMetadata(meta(Tenant.NAME));
        var warm = new TenantSandbox.Warm(replicas, null, null);
        tenant.setSpec(new TenantSpec(
                null, null, null, null, null, null, new TenantSandbox(null, null, null, null, null, null, null, warm)));
        client.resource(tenant).createOr(NonDeletingOperation::update);
    }

    /** What runs are made of, and the operator knows it: else it would refuse the first run before it let it in. */
    void usual() {
        model("m", null);
        agent("a", "m");
        awaitReady("a");
    }

    /** The operator has heard of the agent and of all that it refers to. */
    void awaitReady(String agent) {
        await("agent " + agent).until(() -> {
            var status = client.resources(Agent.class)
                    .inNamespace(NS)
                    .withName(agent)
                    .get()
                    .getStatus();
            return status != null
                    && status.conditions().stream()
                            .anyMatch(c -> ConditionType.READY.equals(c.getType()) && "True".equals(c.getStatus()));
        });
    }

    void tenant(int maxRuns) {
        Tenant tenant = new Tenant();
        tenant.setMetadata(meta(Tenant.NAME));
        tenant.setSpec(new TenantSpec(maxRuns, null, null, null, null, null, null));
        client.resource(tenant).create();
    }

    /** A Tenant whose runtimes ask for so much CPU. */
    void runtimesOf(String cpu) {
        Tenant tenant = new Tenant();
        tenant.setMetadata(meta(Tenant.NAME));
        tenant.setSpec(
                new TenantSpec(null, null, new TenantSpec.Runtime(null, null, cpu, null), null, null, null, null));
        client.resource(tenant).createOr(NonDeletingOperation::update);
    }

    /** A Tenant whose webhook signs with this key. */
    void notifies(SecretKey key) {
        Tenant tenant = new Tenant();
        tenant.setMetadata(meta(Tenant.NAME));
        var notify = new TenantApprovals.Notify("https://example.org/", null, key, null, null);
        tenant.setSpec(
                new TenantSpec(null, null, null, null, null, new TenantApprovals(List.of(), null, notify), null));
        client.resource(tenant).create();
    }

    Run run(String name) {
        return run(name, s -> s);
    }

    Run run(String name, UnaryOperator<Spec> spec) {
        Run run = new Run();
        run.setMetadata(meta(name));
        run.setSpec(spec.apply(new Spec()).build());
        return client.resource(run).create();
    }

    /** Builds specs. */
    static final class Spec {
        String agent = "a";
        Boolean cancel = false;
        Long deadline;
        Long ttl;
        dev.wheelhouse.api.v1alpha1.Isolation isolation;
        RunSpec.Parent parent;

        RunSpec build() {
            return new RunSpec(agent, "hello", null, null, isolation, cancel, deadline, ttl, parent, null, null);
        }
    }

    Run get(String name) {
        return client.resources(Run.class).inNamespace(NS).withName(name).get();
    }

    Run awaitRun(String name, Predicate<Run> condition) {
        return await("run " + name)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> get(name), run -> run != null && condition.test(run));
    }

    Run awaitHeldBy(String name, String holder) {
        return awaitRun(name, run -> holder.equals(holder(run)));
    }

    static String holder(Run run) {
        return run.getStatus() == null || run.getStatus().execution() == null
                ? ""
                : run.getStatus().execution().holder();
    }

    static long epoch(Run run) {
        return run.getStatus().execution().epoch();
    }

    static Condition condition(CustomResource<?, RunStatus> run, String type) {
        return run.getStatus() == null || run.getStatus().conditions() == null
                ? new Condition()
                : run.getStatus().conditions().stream()
                        .filter(c -> type.equals(c.getType()))
                        .findFirst()
                        .orElseGet(Condition::new);
    }

    /** A runtime process comes up. Answers its holder id. */
    String runtime(String pod) {
        return runtime(pod, "");
    }

    String runtime(String pod, String runUid) {
        return runtime(pod, runUid, LONG);
    }

    /** A runtime process that falls silent after so long: it never renews its Lease. */
    String runtimeThatFallsSilent(String pod, Duration after) {
        return runtime(pod, "", after);
    }

    private String runtime(String pod, String runUid, Duration lease) {
        Map<String, String> labels = new HashMap<>(Map.of(Api.LABEL_ROLE, "runtime"));
        if (!runUid.isEmpty()) {
            labels.put(Api.LABEL_RUN_UID, runUid);
        }
        String uid = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(NS)
                        .withName(pod)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewStatus()
                        .withPhase("Running")
                        .addNewContainerStatus()
                        .withName("runtime")
                        .withNewState()
                        .withNewRunning()
                        .endRunning()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build())
                .create()
                .getMetadata()
                .getUid();
        String holder = uid + ".1";
        lease(pod, holder, lease);
        return holder;
    }

    private void lease(String pod, String holder, Duration duration) {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(NS)
                        .withName(pod)
                        .withLabels(Map.of(Api.LABEL_ROLE, "runtime"))
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(holder)
                        .withLeaseDurationSeconds((int) duration.toSeconds())
                        .endSpec()
                        .build())
                .create();
    }

    void kill(String pod) {
        client.pods().inNamespace(NS).withName(pod).delete();
    }

    /** The holder ends the run. */
    void finish(String name) {
        status(
                name,
                s -> new RunStatus(
                        s.observedGeneration(),
                        RunPhase.Succeeded,
                        s.conditions(),
                        new Execution(
                                s.execution().epoch(),
                                s.execution().pod(),
                                s.execution().podUID(),
                                ""),
                        null,
                        null,
                        null,
                        null,
                        "done",
                        null,
                        null,
                        null,
                        null,
                        s.startTime(),
                        Instant.now().toString()));
    }

    /** The holder lets the run wait. */
    void release(String name, WaitingFor waiting) {
        status(
                name,
                s -> new RunStatus(
                        s.observedGeneration(),
                        RunPhase.Waiting,
                        s.conditions(),
                        new Execution(
                                s.execution().epoch(),
                                s.execution().pod(),
                                s.execution().podUID(),
                                ""),
                        null,
                        null,
                        null,
                        waiting,
                        null,
                        null,
                        null,
                        null,
                        null,
                        s.startTime(),
                        null));
    }

    private void status(String name, UnaryOperator<RunStatus> change) {
        insist(() -> {
            Run run = get(name);
            run.setStatus(change.apply(run.getStatus()));
            client.resource(run).updateStatus();
        });
    }

    /** Ends a run that no runtime had. {@code hour}: when, as two digits. */
    void succeeded(String name, String hour) {
        insist(() -> {
            Run run = get(name);
            run.setStatus(Serialization.unmarshal(
                    "---\n{phase: Succeeded, completionTime: '2026-05-04T" + hour + ":00:00Z'}", RunStatus.class));
            client.resource(run).updateStatus();
        });
    }

    /** Reads and writes until nobody writes in between: the operator may, at any moment. */
    static void insist(Runnable readAndWrite) {
        await().ignoreExceptionsMatching(e -> e instanceof KubernetesClientException k && k.getCode() == 409)
                .pollInSameThread()
                .until(() -> {
                    readAndWrite.run();
                    return true;
                });
    }

    void edit(String name, UnaryOperator<RunSpec> change) {
        insist(() -> client.resources(Run.class).inNamespace(NS).withName(name).edit(run -> {
            run.setSpec(change.apply(run.getSpec()));
            return run;
        }));
    }

    static RunSpec cancelled(RunSpec s) {
        return new RunSpec(
                s.agent(),
                s.input(),
                s.requester(),
                s.limits(),
                s.isolation(),
                true,
                s.activeDeadlineSeconds(),
                s.ttlSecondsAfterFinished(),
                s.parent(),
                null,
                null);
    }

    private static io.fabric8.kubernetes.api.model.ObjectMeta meta(String name) {
        return new ObjectMetaBuilder().withNamespace(NS).withName(name).build();
    }

    static WaitingFor waitingFor(WaitingFor.Kind kind, String... names) {
        return new WaitingFor(kind, List.of(names), "for a test", Instant.now().toString(), null);
    }
}
