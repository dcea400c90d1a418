package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.NAMESPACE;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.RUN;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.drive.HeldDesk;
import dev.wheelhouse.runtime.drive.PodIdentity;
import dev.wheelhouse.runtime.drive.RunHost;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.sandbox.wire.Frame;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole runs with a sandbox: the journal, the status and the command belong together. */
class SandboxRunTest {
    private static final String PATH = "/apis/wheelhouse.dev/v1alpha1/namespaces/team/runs/r1";

    private final List<RunHost> hosts = new ArrayList<>();
    private SandboxSpace space;
    private FakeDaemon.Pod pod;

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
        pod = new FakeDaemon.Pod("p1");
        pod.answers = false;
    }

    @AfterEach
    void close() throws Exception {
        for (RunHost host : hosts) {
            host.drain(Duration.ofSeconds(5));
        }
        space.close();
    }

    @Test
    void a_run_with_a_command_writes_its_status_twice_more() throws Exception {
        SandboxHost sandboxes = runtime("runtime-1");
        assign("runtime-1", 1);
        FakeDaemon daemon = sandbox(sandboxes);
        daemon.end(pod.starts().getFirst().callId(), "Thursday");
        awaitPhase(RunPhase.Succeeded);
        RunStatus status = status();
        assertEquals("uid-p1", status.sandbox().podUID());
        assertEquals(1, status.sandbox().number());
        assertEquals(KEY, status.sandbox().wanted().key());
        assertTrue(status.conditions().stream()
                .anyMatch(c -> c.getType().equals(ConditionType.NETWORK_ISOLATED)
                        && c.getStatus().equals("True")
                        && c.getReason().equals("NothingReached")));
        assertEquals(
                3,
                space.api.writes().stream()
                        .filter(r -> r.path().equals(PATH + "/status"))
                        .count());
    }

    @Test
    void a_cancelled_run_ends_its_command_and_then_itself() throws Exception {
        SandboxHost sandboxes = runtime("runtime-1");
        assign("runtime-1", 1);
        FakeDaemon daemon = sandbox(sandboxes);
        space.api.store().edit(PATH, run -> run.withObjectProperty("spec").put("cancel", true));
        await().until(() -> pod.heard.stream().anyMatch(Frame.Cancel.class::isInstance));
        String id = pod.starts().getFirst().callId();
        daemon.say(new Frame.Exited(id, 137, "SIGKILL", false, true, 9, 0, 0, false, null, null, null));
        awaitPhase(RunPhase.Cancelled);
    }

    @Test
    void a_drained_process_hands_the_run_over_while_its_command_goes_on() throws Exception {
        SandboxHost first = runtime("runtime-1");
        assign("runtime-1", 1);
        sandbox(first);
        String id = pod.starts().getFirst().callId();
        hosts.removeFirst().drain(Duration.ofSeconds(20));
        assertEquals(RunPhase.Queued, status().phase());
        SandboxHost second = runtime("runtime-2");
        assign("runtime-2", 2);
        FakeDaemon there = space.connect(second, pod);
        await().until(() -> pod.heard.stream().anyMatch(Frame.Find.class::isInstance));
        there.end(id, "went on");
        awaitPhase(RunPhase.Succeeded);
        assertEquals(List.of(id), pod.started);
        assertTrue(pod.heard.stream().noneMatch(Frame.Cancel.class::isInstance));
        String journal =
                String.join("\n", new ConfigMapJournalStore(space.client, space.permits).read(SandboxSpace.RUN));
        assertTrue(journal.contains("went on"), journal);
    }

    @Test
    void a_run_whose_sandbox_does_not_come_waits_for_it_without_a_process() throws Exception {
        runtime("runtime-1", Duration.ofMillis(100));
        assign("runtime-1", 1);
        awaitPhase(RunPhase.Waiting);
        assertEquals(List.of("Sandbox/" + KEY), status().waitingFor().names());
        assertEquals("", status().execution().holder());
        assertEquals(KEY, status().sandbox().wanted().key());
        // The operator has made it meanwhile.
        pod.answers = true;
        space.pod("p1", KEY);
        SandboxHost second = runtime("runtime-2");
        space.connect(second, pod);
        assign("runtime-2", 2);
        awaitPhase(RunPhase.Succeeded);
        assertEquals(1, pod.started.size());
    }

    private SandboxHost runtime(String name) throws IOException {
        return runtime(name, Duration.ofSeconds(30));
    }

    private SandboxHost runtime(String name, Duration comingUp) throws IOException {
        HeldDesk desk = new HeldDesk();
        SandboxHost sandboxes = space.host(desk, comingUp);
        RunHost host = new RunHost(new RunHost.Parts(
                space.client,
                space.client,
                space.permits,
                new PodIdentity(NAMESPACE, name, "uid-" + name),
                new ConfigMapJournalStore(space.client, space.permits),
                TenantSpec.Store.ConfigMap,
                (request, sink) -> request.step() == 1
                        ? new ModelReply(
                                "",
                                List.of(new ToolCall("c1", "shell", "{\"command\":\"date\"}")),
                                TokenUsage.NONE,
                                null)
                        : new ModelReply("done", List.of(), TokenUsage.NONE, null),
                sandboxes.tool(),
                desk,
                (run, tool) -> new ToolNow.There(tool.schema(), tool.digest()),
                new Approvals(space.client, space.permits, (namespace, made) -> {}),
                Conditions.NONE,
                run -> SandboxRunTest::pinned,
                new SimpleMeterRegistry()));
        hosts.add(host);
        host.start();
        await().until(host::ready);
        return sandboxes;
    }

    private static PinnedRun pinned() {
        PinnedTool shell = call("shell", "c1", "{}").tool();
        return new PinnedRun(
                RUN,
                "agent",
                "be brief",
                "what day is it?",
                List.of(new PinnedModel(
                        "m", "scripted", null, 1000, Duration.ofMinutes(1), 3, JsonNodeFactory.instance.objectNode())),
                List.of(shell),
                null,
                Limits.DEFAULT,
                null,
                0,
                Instant.EPOCH);
    }

    /** As the operator assigns the run. */
    private void assign(String runtime, long epoch) {
        String holder = space.api
                .store()
                .get("/apis/coordination.k8s.io/v1/namespaces/team/leases/" + runtime)
                .at("/spec/holderIdentity")
                .asText();
        if (space.api.store().get(PATH) != null) {
            space.api
                    .store()
                    .edit(
                            PATH,
                            run -> run.withObjectProperty("status")
                                    .withObjectProperty("execution")
                                    .put("holder", holder)
                                    .put("epoch", epoch));
            return;
        }
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(RUN.name())
                .withUid(RUN.uid())
                .withGeneration(1L)
                .build());
        run.setSpec(new RunSpec("agent", "hello", null, null, null, false, null, null, null, null, null));
        run.setStatus(new RunStatus(
                1L,
                RunPhase.Running,
                List.of(),
                new Execution(epoch, runtime, "uid", holder),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "2026-01-01T00:00:00Z",
                null));
        space.api.store().put(run);
    }

    /** As operator and daemon do once the run wants a sandbox; returns when its command has begun. */
    private FakeDaemon sandbox(SandboxHost sandboxes) throws IOException {
        await().until(() -> status().sandbox() != null && status().sandbox().wanted() != null);
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(sandboxes, pod);
        await().until(() -> pod.starts().size() == 1);
        return daemon;
    }

    private RunStatus status() {
        return space.client
                .resources(Run.class)
                .inNamespace(NAMESPACE)
                .withName(RUN.name())
                .get()
                .getStatus();
    }

    private void awaitPhase(RunPhase phase) {
        await().atMost(Duration.ofSeconds(20)).until(() -> status().phase() == phase);
    }
}
