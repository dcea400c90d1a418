package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A runtime whose runs want sandboxes, and the kubelet that runs them, played by a test. */
final class Sandboxed {
    private final World world;
    private String holder;

    Sandboxed(World world) {
        this.world = world;
    }

    /** The runtime comes up, and what its runs are made of. */
    void start() {
        world.usual();
        holder = world.runtime("p1");
    }

    /** The runtime's holder id. */
    String holder() {
        return holder;
    }

    /** The runtime gets a run. */
    void run(String name) {
        world.run(name);
        world.awaitHeldBy(name, holder);
    }

    static Request request(String key) {
        return new Request(key);
    }

    /** Builds requests. */
    static final class Request {
        private final String key;
        private String after;
        private SandboxScope scope = SandboxScope.Run;
        private String image = "sandbox:test";
        private SandboxSpec.Workspace workspace = new SandboxSpec.Workspace(false, "1Gi", null);

        private Request(String key) {
            this.key = key;
        }

        Request after(String uid) {
            after = uid;
            return this;
        }

        Request scope(SandboxScope scope) {
            this.scope = scope;
            return this;
        }

        Request image(String image) {
            this.image = image;
            return this;
        }

        Request workspace(SandboxSpec.Workspace workspace) {
            this.workspace = workspace;
            return this;
        }

        SandboxState.Request build() {
            return new SandboxState.Request(
                    key, after, scope, image, new SandboxResources("1", "512Mi", "1Gi"), workspace, 300, 3600, false);
        }
    }

    /** The runtime asks for a sandbox. */
    void want(String run, SandboxState.Request request) {
        edit(run, old -> new SandboxState(request, pod(old), uid(old), old == null ? null : old.number()), null);
    }

    /** The runtime sends a command there. */
    void use(String run, Pod pod, SandboxState.Request request) {
        edit(
                run,
                old -> new SandboxState(
                        request, pod.getMetadata().getName(), pod.getMetadata().getUid(), 1),
                null);
    }

    /** A runtime creates the claim of a warm pod for its run. */
    void claim(String run, Pod pod, String key) {
        var meta = pod.getMetadata();
        var claim = new SandboxClaim(
                meta.getName(), meta.getUid(), run, world.get(run).getMetadata().getUid(), key, "", 3600);
        world.client
                .resource(claim.lease(NS, ZonedDateTime.now(ZoneOffset.UTC)))
                .create();
    }

    /** A runtime takes a warm pod for its run and says so. */
    void take(String run, Pod pod, SandboxState.Request request) {
        claim(run, pod, request.key());
        use(run, pod, request);
    }

    /** The runtime lets the run wait. */
    void waits(String run, WaitingFor waiting) {
        edit(run, old -> old, waiting);
    }

    /** Another runtime goes on with the run. */
    void takenOver(String name) {
        World.insist(() -> {
            Run run = world.get(name);
            RunStatus s = run.getStatus();
            Execution e = s.execution();
            put(
                    run,
                    s.phase(),
                    new Execution(e.epoch() + 1, e.pod(), e.podUID(), e.holder()),
                    s.waitingFor(),
                    s.sandbox());
        });
    }

    /** The runtime lets the run wait, and gives it away. */
    void rests(String name, WaitingFor waiting) {
        World.insist(() -> {
            Run run = world.get(name);
            var execution = run.getStatus().execution();
            put(
                    run,
                    RunPhase.Waiting,
                    new Execution(execution.epoch(), execution.pod(), execution.podUID(), ""),
                    waiting,
                    run.getStatus().sandbox());
        });
    }

    private static String pod(SandboxState state) {
        return state == null ? null : state.pod();
    }

    private static String uid(SandboxState state) {
        return state == null ? null : state.podUID();
    }

    private void edit(String name, java.util.function.UnaryOperator<SandboxState> change, WaitingFor waiting) {
        World.insist(() -> {
            Run run = world.get(name);
            RunStatus s = run.getStatus();
            put(run, s.phase(), s.execution(), waiting, change.apply(s.sandbox()));
        });
    }

    private void put(Run run, RunPhase phase, Execution execution, WaitingFor waiting, SandboxState sandbox) {
        RunStatus s = run.getStatus();
        run.setStatus(new RunStatus(
                s.observedGeneration(),
                phase,
                s.conditions(),
                execution,
                s.queuePosition(),
                s.step(),
                s.usage(),
                waiting,
                s.result(),
                s.pinnedDigest(),
                s.journal(),
                sandbox,
                s.artifacts(),
                s.startTime(),
                s.completionTime()));
        world.client.resource(run).updateStatus();
    }

    List<Pod> pods() {
        return world.client
                .pods()
                .inNamespace(NS)
                .withLabels(Map.of(Api.LABEL_ROLE, "sandbox"))
                .list()
                .getItems();
    }

    /** The first pod of this kind. */
    Pod await(String what, Predicate<Pod> is) {
        return Awaitility.await(what)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> pods().stream().filter(is).findFirst().orElse(null), Objects::nonNull);
    }

    void awaitNone() {
        Awaitility.await("no pod").until(() -> pods().isEmpty());
    }

    /** The kubelet tells how the pod is. */
    void phase(Pod pod, String phase) {
        World.insist(() -> {
            Pod current = world.client
                    .pods()
                    .inNamespace(NS)
                    .withName(pod.getMetadata().getName())
                    .get();
            current.setStatus(new PodStatusBuilder().withPhase(phase).build());
            world.client.resource(current).updateStatus();
        });
    }

    /** Name of the PersistentVolumeClaim that is its workspace. */
    static String workspace(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(v -> v.getName().equals("workspace"))
                .findFirst()
                .orElseThrow()
                .getPersistentVolumeClaim()
                .getClaimName();
    }

    /** The namespace's runtime has pods. */
    void scaleUp() {
        world.client
                .resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withNamespace(NS)
                        .withName(Api.RUNTIME_NAME)
                        .withLabels(Map.of(Api.LABEL_ROLE, "runtime"))
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(2)
                        .withNewTemplate()
                        .withNewMetadata()
                        .endMetadata()
                        .endTemplate()
                        .endSpec()
                        .build())
                .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
    }
}
