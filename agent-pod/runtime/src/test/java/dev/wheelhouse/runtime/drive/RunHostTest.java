package dev.wheelhouse.runtime.drive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole host against an API server, with the test in the place of the operator, the model and the tool. */
class RunHostTest {
    private static final String LEASE = "/apis/coordination.k8s.io/v1/namespaces/team/leases/pod-0";
    private static final String SEGMENTS = "/api/v1/namespaces/team/configmaps/r1-j";
    private static final ModelReply CALL_TOOL =
            new ModelReply("", List.of(new ToolCall("c1", "pay", "{}")), new TokenUsage(10, 0, 5), null);
    private static final ModelReply ANSWER = new ModelReply("done", List.of(), new TokenUsage(10, 0, 5), null);

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client(Runs.NAMESPACE);
    private final AtomicInteger modelCalls = new AtomicInteger();
    private final AtomicInteger toolCalls = new AtomicInteger();
    private volatile ModelPort model = (request, sink) -> request.step() == 1 ? CALL_TOOL : ANSWER;
    private volatile Runnable duringTool = () -> {};
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private RunHost host;

    @BeforeEach
    void start() {
        ApiPermits permits = new ApiPermits(8);
        host = new RunHost(new RunHost.Parts(
                client,
                client,
                permits,
                new PodIdentity(Runs.NAMESPACE, "pod-0", "pod-uid"),
                new ConfigMapJournalStore(client, permits),
                TenantSpec.Store.ConfigMap,
                (request, sink) -> {
                    modelCalls.incrementAndGet();
                    return model.call(request, sink);
                },
                tool(),
                new HeldDesk(),
                (run, tool) -> new ToolNow.There(tool.schema(), tool.digest()),
                new Approvals(client, permits, (namespace, name) -> {}),
                Conditions.NONE,
                RunHostTest::pinning,
                registry));
        host.start();
        await().until(host::ready);
        server.forgetRequests();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.faults(r -> Fault.NONE);
        host.drain(Duration.ofSeconds(5));
        client.close();
        server.close();
    }

    @Test
    void a_short_run_with_one_tool_call_is_five_writes() {
        assign("r1", 1);
        awaitPhase("r1", RunPhase.Succeeded);
        RunStatus status = status("r1");
        assertEquals("done", status.result());
        assertEquals(2, status.step());
        assertEquals(1, status.usage().toolCalls());
        assertEquals("", status.execution().holder());
        assertEquals(
                List.of("POST", "POST", "PUT", "PUT", "PUT"),
                server.writes().stream().map(FakeApiServer.Request::method).toList());
    }

    @Test
    void many_runs_at_once_all_end() {
        for (int i = 0; i < 100; i++) {
            assign("many-" + i, 1);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.store().paths().stream()
                        .filter(path -> path.startsWith(Runs.PATH))
                        .allMatch(path -> server.store()
                                .get(path)
                                .at("/status/phase")
                                .asText()
                                .equals("Succeeded")));
        assertEquals(100, toolCalls.get());
        assertEquals(
                400,
                server.writes().stream()
                        .filter(r -> r.path().contains("/configmaps"))
                        .count());
    }

    @Test
    void cancel_interrupts_the_model_and_cancels_the_children() throws InterruptedException {
        CountDownLatch reached = blockModelFromStep(2);
        assign("r1", 1);
        Run child = Runs.assigned("child", "", 0);
        child.getMetadata().setLabels(Map.of(Api.LABEL_PARENT, "uid-r1"));
        server.store().put(child);
        reached.await();
        server.store()
                .edit(Runs.PATH + "r1", run -> run.withObjectProperty("spec").put("cancel", true));
        awaitPhase("r1", RunPhase.Cancelled);
        assertTrue(Runs.get(client, "child").getSpec().cancel());
        // Events follow the status that they tell of.
        await().until(() -> events("cancelled") == 1);
    }

    @Test
    void draining_hands_the_run_over_and_gives_the_lease_back() throws Exception {
        CountDownLatch reached = blockModelFromStep(2);
        assign("r1", 1);
        reached.await();
        host.drain(Duration.ofSeconds(10));
        RunStatus status = status("r1");
        assertEquals(RunPhase.Queued, status.phase());
        assertEquals("", status.execution().holder());
        assertEquals("", server.store().get(LEASE).at("/spec/holderIdentity").asText("?"));
        assertEquals(1, toolCalls.get());
        assertFalse(Runs.journal(client, "r1").contains("InDoubt"));
    }

    @Test
    void a_run_that_is_taken_away_is_dropped_without_a_word() throws InterruptedException {
        CountDownLatch reached = blockModelFromStep(2);
        assign("r1", 1);
        reached.await();
        server.forgetRequests();
        Runs.takeAway(server, "r1", "somebody", 2);
        await().until(() -> interrupted.getCount() == 0);
        assertEquals(List.of(), server.writes());
        assertEquals(RunPhase.Running, status("r1").phase());
    }

    @Test
    void a_short_outage_stops_effects_and_loses_nothing() {
        duringTool = () -> server.faults(r -> r.path().contains("/leases") ? Fault.NONE : Fault.UNAVAILABLE);
        assign("r1", 1);
        await().until(() -> toolCalls.get() == 1);
        await().until(() -> server.requests().stream()
                        .filter(r -> r.path().startsWith(SEGMENTS))
                        .count()
                >= 6);
        assertEquals(1, modelCalls.get(), "no effect without a journal");
        server.faults(r -> Fault.NONE);
        awaitPhase("r1", RunPhase.Succeeded);
        assertEquals(1, toolCalls.get());
    }

    @Test
    void a_lost_journal_fails_the_run_instead_of_beginning_it_again() throws InterruptedException {
        duringTool = () -> server.store().delete(SEGMENTS + 1);
        assign("r1", 1);
        awaitPhase("r1", RunPhase.Failed);
        assertEquals(1, toolCalls.get());
        assertTrue(
                status("r1").conditions().stream().anyMatch(c -> c.getMessage().contains("journal lost records")));
    }

    @Test
    void a_run_whose_status_knows_a_journal_is_not_begun_again_without_it() {
        Run run = Runs.assigned("r1", holder(), 2);
        RunStatus s = run.getStatus();
        run.setStatus(new RunStatuses("r1", 1L, TenantSpec.Store.ConfigMap, Instant.EPOCH)
                .progress(s, new Summary(1, 1, 0, Spend.NONE, 5, "sha256:h", "sha256:p")));
        server.store().put(run);
        awaitPhase("r1", RunPhase.Failed);
        assertEquals(0, modelCalls.get());
    }

    @Test
    void a_takeover_goes_on_from_the_journal_and_is_measured() throws InterruptedException {
        CountDownLatch reached = blockModelFromStep(2);
        assign("r1", 1);
        reached.await();
        // The operator takes the run from a process it thinks lost and finds only this one to go on.
        Runs.takeAway(server, "r1", "nobody", 2);
        await().until(() -> interrupted.getCount() == 0);
        model = (request, sink) -> ANSWER;
        Runs.takeAway(server, "r1", holder(), 3);
        awaitPhase("r1", RunPhase.Succeeded);
        assertEquals(1, toolCalls.get(), "the tool's outcome is in the journal");
        assertEquals(1, registry.get("wheelhouse.recovery").timer().count());
        assertEquals(3, status("r1").execution().epoch());
    }

    @Test
    void what_was_spent_is_shown_while_the_run_goes_on_but_not_before_five_seconds() {
        HeldRun run = new HeldRun(Runs.assigned("r1", "me", 1), new Holder("me", () -> 0, 0), 0);
        run.recorded(new Summary(1, 1, 0, Spend.NONE, 5, "sha256:h", "sha256:p"));
        long five = Duration.ofSeconds(5).toNanos();
        assertEquals(null, run.unshown(five - 1, five));
        assertEquals(run.latest(), run.unshown(five, five));
        run.showed(run.latest(), five);
        assertEquals(null, run.unshown(10 * five, five), "nothing changed");
    }

    @Test
    void an_assignment_that_comes_while_draining_is_handed_back() throws InterruptedException {
        CountDownLatch reached = blockModelFromStep(1);
        assign("r1", 1);
        reached.await();
        Thread drain = Thread.ofVirtual().start(() -> {
            try {
                host.drain(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        drain.join();
        assertEquals(RunPhase.Queued, status("r1").phase());
        assertEquals(
                "true",
                server.store()
                        .get(LEASE)
                        .at("/metadata/annotations")
                        .get(Api.ANNOTATION_DRAINING)
                        .asText());
    }

    private final CountDownLatch interrupted = new CountDownLatch(1);

    /** The model answers until the given step, where it waits to be interrupted. */
    private CountDownLatch blockModelFromStep(int step) {
        CountDownLatch reached = new CountDownLatch(1);
        model = (request, sink) -> {
            if (request.step() < step) {
                return CALL_TOOL;
            }
            reached.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return ANSWER;
        };
        return reached;
    }

    private ToolPort tool() {
        return new ToolPort() {
            @Override
            public ToolResult call(ToolInvocation invocation) {
                duringTool.run();
                toolCalls.incrementAndGet();
                return new ToolResult.Succeeded("paid");
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) {
                throw new AssertionError("not reconcilable");
            }
        };
    }

    private static Pinning pinning(Run run) {
        var json = JsonNodeFactory.instance;
        RunId id = new RunId(
                run.getMetadata().getNamespace(),
                run.getMetadata().getName(),
                run.getMetadata().getUid());
        PinnedModel model = new PinnedModel("m", "scripted", null, 1000, Duration.ofMinutes(1), 3, json.objectNode());
        PinnedTool tool = new PinnedTool(
                "pay",
                "pays",
                "bank",
                "http",
                EffectClass.AT_MOST_ONCE,
                json.objectNode().put("type", "object"),
                json.objectNode(),
                Duration.ofMinutes(1),
                1000,
                json.objectNode(),
                "sha256:0");
        return () -> new PinnedRun(
                id,
                "agent",
                "be brief",
                run.getSpec().input(),
                List.of(model),
                List.of(tool),
                null,
                Limits.DEFAULT,
                null,
                0,
                Instant.EPOCH);
    }

    private String holder() {
        return server.store().get(LEASE).at("/spec/holderIdentity").asText();
    }

    private void assign(String name, long epoch) {
        server.store().put(Runs.assigned(name, holder(), epoch));
    }

    private RunStatus status(String name) {
        return Runs.get(client, name).getStatus();
    }

    private void awaitPhase(String name, RunPhase phase) {
        await().atMost(Duration.ofSeconds(20)).until(() -> status(name).phase() == phase);
    }

    private long events(String reason) {
        return server.store().paths().stream()
                .filter(p -> p.contains("/events/") && p.endsWith(reason))
                .count();
    }
}
