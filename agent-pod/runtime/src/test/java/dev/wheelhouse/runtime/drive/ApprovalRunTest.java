package dev.wheelhouse.runtime.drive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run that needs a person, with the test in the place of the operator and of the people. */
class ApprovalRunTest {
    private static final String LEASE = "/apis/coordination.k8s.io/v1/namespaces/team/leases/pod-0";
    private static final String APPROVALS = "/apis/wheelhouse.dev/v1alpha1/namespaces/team/approvals/";
    private static final Gate GATE = new Gate(
            List.of(), List.of(), List.of(), null, 1, 1, false, false, Duration.ofDays(30), Request.OnExpiry.Reject);

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client(Runs.NAMESPACE);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicInteger toolCalls = new AtomicInteger();
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
                (request, sink) -> request.step() == 1
                        ? new ModelReply(
                                "I will pay.",
                                List.of(new ToolCall("c1", "pay", "{\"to\":\"bob\"}")),
                                TokenUsage.NONE,
                                null)
                        : new ModelReply("done", List.of(), TokenUsage.NONE, null),
                tool(),
                new HeldDesk(),
                (run, tool) -> new ToolNow.There(tool.schema(), tool.digest()),
                new Approvals(client, permits, (namespace, name) -> {}),
                Conditions.NONE,
                run -> pinning(),
                registry));
        host.start();
        await().until(host::ready);
        server.forgetRequests();
    }

    @AfterEach
    void stop() throws InterruptedException {
        host.drain(Duration.ofSeconds(5));
        client.close();
        server.close();
    }

    private ToolPort tool() {
        return new ToolPort() {
            @Override
            public ToolResult call(ToolInvocation invocation) {
                toolCalls.incrementAndGet();
                return new ToolResult.Succeeded("paid");
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) {
                throw new AssertionError("not reconcilable");
            }
        };
    }

    private static Pinning pinning() {
        var json = JsonNodeFactory.instance;
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
                        "sha256:" + "0".repeat(64))
                .gated(GATE);
        return () -> new PinnedRun(
                new RunId(Runs.NAMESPACE, "r1", "uid-r1"),
                "agent",
                "be brief",
                "pay bob",
                List.of(new PinnedModel("m", "scripted", null, 1000, Duration.ofMinutes(1), 3, json.objectNode())),
                List.of(tool),
                null,
                Limits.DEFAULT,
                "alice",
                0,
                Instant.EPOCH);
    }

    private String holder() {
        return server.store().get(LEASE).at("/spec/holderIdentity").asText();
    }

    private RunStatus status() {
        return Runs.get(client, "r1").getStatus();
    }

    private String waits() {
        server.store().put(Runs.assigned("r1", holder(), 1));
        await().until(() -> status().phase() == RunPhase.Waiting);
        RunStatus status = status();
        assertEquals("", status.execution().holder());
        assertEquals(WaitingFor.Kind.Approval, status.waitingFor().kind());
        return status.waitingFor().names().getFirst();
    }

    private void settle(String name, String phase, String verdict) {
        server.store().edit(APPROVALS + name, approval -> {
            ObjectNode status = approval.withObjectProperty("status");
            status.put("phase", phase).put("verdict", verdict).put("decidedBy", "bob");
            status.put("decidedAt", Instant.now().toString());
            status.putArray("conditions")
                    .addObject()
                    .put("type", "IdentityVerified")
                    .put("status", "True")
                    .put("reason", "PolicyActive")
                    .put("message", "")
                    .put("lastTransitionTime", "2026-01-01T00:00:00Z");
        });
    }

    private void resume() {
        server.store().edit(APPROVALS.replace("approvals", "runs") + "r1", run -> {
            ObjectNode status = run.withObjectProperty("status");
            status.put("phase", "Running");
            status.withObjectProperty("execution").put("holder", holder()).put("epoch", 2);
        });
    }

    @Test
    void a_run_waits_without_a_process_and_acts_once_on_the_decision() throws StoreException {
        String name = waits();
        ObjectNode request = (ObjectNode) server.store().get(APPROVALS + name).at("/spec/request");
        assertEquals("{\"to\":\"bob\"}", request.get("arguments").asText());
        assertEquals("I will pay.", request.get("modelSays").asText());
        assertEquals(0, toolCalls.get());
        settle(name, "Approved", "Approve");
        resume();
        await().until(() -> status().phase() == RunPhase.Succeeded);
        assertEquals(1, toolCalls.get());
        ObjectNode approval = server.store().get(APPROVALS + name);
        assertEquals("Consumed", approval.at("/status/phase").asText());
        assertEquals(2, approval.at("/status/consumedBy/epoch").asInt());
        await().until(() ->
                server.store().paths().stream().anyMatch(path -> path.contains("/events/") && path.endsWith(name)));
        assertEquals(
                1,
                registry.get("wheelhouse.approval.latency")
                        .tag("verdict", "Approve")
                        .timer()
                        .count());
        String journal = Runs.journal(client, "r1");
        assertTrue(
                journal.indexOf("ApprovalConsumed") > 0
                        && journal.indexOf("ApprovalConsumed") < journal.indexOf("\"type\":\"ToolIntent\""),
                journal);
    }

    @Test
    void a_rejected_call_is_not_made() {
        settle(waits(), "Rejected", "Reject");
        resume();
        await().until(() -> status().phase() == RunPhase.Succeeded);
        assertEquals(0, toolCalls.get());
    }

    @Test
    void a_cancelled_run_takes_its_question_back() {
        String name = waits();
        server.store()
                .edit(
                        APPROVALS.replace("approvals", "runs") + "r1",
                        run -> run.withObjectProperty("spec").put("cancel", true));
        resume();
        await().until(() -> status().phase() == RunPhase.Cancelled);
        assertEquals(
                "Withdrawn",
                server.store().get(APPROVALS + name).at("/status/phase").asText());
        assertEquals(0, toolCalls.get());
    }
}
