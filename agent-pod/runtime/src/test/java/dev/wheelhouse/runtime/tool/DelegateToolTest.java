package dev.wheelhouse.runtime.tool;

import static dev.wheelhouse.runtime.tool.Invocations.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.Usage;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Journal;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DelegateToolTest {
    private static final Limits LEFT = new Limits(5, 5, 700L, 900L, Duration.ofSeconds(30), 5, 5, 2);

    private final FakeApiServer api = new FakeApiServer();
    private final KubernetesClient client = api.client("elsewhere");
    private final JournalStore journals = new ConfigMapJournalStore(client, new ApiPermits(8));
    private final DelegateTool tool = new DelegateTool(client, new ApiPermits(8), journals);

    @AfterEach
    void close() {
        client.close();
        api.close();
    }

    private static ToolInvocation call(String arguments, Limits left) {
        return Invocations.of(
                "delegate",
                EffectClass.RECONCILABLE,
                json(arguments),
                Duration.ofSeconds(30),
                new DelegateBinding(List.of("helper"), null).json(),
                left);
    }

    private static final ToolInvocation CALL = call("{'agent':'helper','input':'do it'}", LEFT);
    private static final String CHILD = ChildRun.name(CALL);

    private Run child() {
        return client.resources(Run.class).inNamespace("ns").withName(CHILD).get();
    }

    private void finish(RunPhase phase, String result, String reason) {
        finish(phase, result, reason, null);
    }

    private void finish(RunPhase phase, String result, String reason, String head) {
        Run run = child();
        run.setStatus(new RunStatus(
                null,
                phase,
                List.of(new ConditionBuilder()
                        .withType("Succeeded")
                        .withReason(reason)
                        .withMessage("because")
                        .build()),
                null,
                null,
                null,
                new Usage(1, 0, 30L, 12L, 5L, null),
                null,
                result,
                null,
                head == null ? null : new RunStatus.JournalRef(null, 1L, head),
                null,
                null,
                null,
                "2026-11-24T10:00:00Z"));
        client.resource(run).updateStatus();
    }

    @Test
    void makesAChildOfItsOwnNamespaceWithWhatIsLeft() throws Exception {
        assertEquals(new ToolResult.Pending(new WaitReason.ForRuns(List.of(CHILD))), tool.call(CALL));
        Run child = child();
        assertEquals("parent-01234567", CHILD);
        assertEquals("helper", child.getSpec().agent());
        assertEquals("do it", child.getSpec().input());
        assertEquals("ada", child.getSpec().requester());
        assertEquals(
                new RunSpec.Parent("parent", "parent-uid", "call-1", 1),
                child.getSpec().parent());
        assertEquals(
                new dev.wheelhouse.api.v1alpha1.Limits(null, null, 700L, 900L, 30L, null, null, 1),
                child.getSpec().limits());
        assertEquals("parent-uid", child.getMetadata().getLabels().get(Api.LABEL_PARENT));
        assertEquals(
                "parent-uid",
                child.getMetadata().getOwnerReferences().getFirst().getUid());
        assertTrue(api.writes().getFirst().path().contains("/namespaces/ns/"), "never across namespaces");
    }

    @Test
    void aSecondAttemptFindsTheFirst() throws Exception {
        tool.call(CALL);
        assertInstanceOf(ToolResult.Pending.class, tool.call(CALL));
        assertEquals(
                1,
                client.resources(Run.class).inNamespace("ns").list().getItems().size());
    }

    @Test
    void lookupTellsHowItEnded() throws Exception {
        assertEquals(Optional.empty(), tool.lookup(CALL));
        tool.call(CALL);
        assertInstanceOf(ToolResult.Pending.class, tool.lookup(CALL).orElseThrow());
        finish(RunPhase.Succeeded, "done", "Completed");
        Spend spend = new Spend(new TokenUsage(30, 0, 12), 5L);
        assertEquals(Optional.of(new ToolResult.Succeeded("done", spend)), tool.lookup(CALL));
        assertEquals(new ToolResult.Succeeded("done", spend), tool.call(CALL), "and so does another call");
    }

    @Test
    void aLongAnswerComesWholeFromTheChildsJournal() throws Exception {
        tool.call(CALL);
        String whole = "x".repeat(3_000) + "\uD83D\uDEDE" + "y".repeat(5_000);
        Run child = child();
        Journal journal = Journal.open(
                journals, new RunId("ns", CHILD, child.getMetadata().getUid()), 1, InstantSource.system());
        String head = journal.stage(new Entry.Completed(whole)).hash();
        journal.flush();
        String shown = whole.substring(0, 4_000) + " [cut]";
        finish(RunPhase.Succeeded, shown, "Completed", "sha256:other");
        assertTrue(answer().startsWith("x".repeat(3_000)) && answer().contains("[cut"), "not what the status anchors");
        finish(RunPhase.Succeeded, shown, "Completed", head);
        assertTrue(answer().contains(" of 8004 bytes, sha256:"), "the whole, cut at the tool's own limit");
    }

    private String answer() throws Exception {
        return assertInstanceOf(ToolResult.Succeeded.class, tool.lookup(CALL).orElseThrow())
                .content();
    }

    @Test
    void aFailedChildIsADefiniteErrorThatWasPaidFor() throws Exception {
        tool.call(CALL);
        finish(RunPhase.Failed, null, "ModelFailed");
        ToolResult.Failed failed =
                assertInstanceOf(ToolResult.Failed.class, tool.lookup(CALL).orElseThrow());
        assertTrue(failed.content().contains("ModelFailed, because"), failed.content());
        assertEquals(42, failed.spend().tokens().total());
    }

    @Test
    void aStrangersRunOfThatNameIsNotTaken() throws Exception {
        Run stranger = new Run();
        stranger.setMetadata(
                new ObjectMetaBuilder().withName(CHILD).withNamespace("ns").build());
        stranger.setSpec(new RunSpec("helper", "do it", "eve", null, null, false, null, null, null, null, null));
        client.resource(stranger).create();
        assertInstanceOf(ToolResult.Failed.class, tool.call(CALL));
        assertInstanceOf(ToolResult.Failed.class, tool.lookup(CALL).orElseThrow());
    }

    @Test
    void whatIsNotAllowedMakesNothing() throws Exception {
        refused(call("{'agent':'other','input':'x'}", LEFT), "may not be started");
        refused(call("{'agent':'helper','input':''}", LEFT), "'input'");
        refused(call("{'agent':'helper','input':7}", LEFT), "'input'");
        refused(call("{'agent':'helper','input':'x'}", left(700L, 0)), "depth");
        refused(call("{'agent':'helper','input':'x'}", left(0L, 1)), "tokens");
        assertTrue(api.writes().isEmpty());
    }

    private static Limits left(Long tokens, int depth) {
        return new Limits(5, 5, tokens, null, null, 5, 5, depth);
    }

    private void refused(ToolInvocation call, String why) throws Exception {
        String content =
                assertInstanceOf(ToolResult.Failed.class, tool.call(call)).content();
        assertTrue(content.contains(why), content);
    }

    @Test
    void aLostReplyIsUnknownAndFoundByLookup() throws Exception {
        api.faults(request -> request.writes() ? FakeApiServer.Fault.LOSE_REPLY : FakeApiServer.Fault.NONE);
        assertInstanceOf(ToolResult.Unknown.class, tool.call(CALL));
        assertInstanceOf(ToolResult.Pending.class, tool.lookup(CALL).orElseThrow());
        api.faults(request -> FakeApiServer.Fault.UNAVAILABLE);
        assertInstanceOf(ToolResult.Unknown.class, tool.lookup(CALL).orElseThrow());
    }
}
