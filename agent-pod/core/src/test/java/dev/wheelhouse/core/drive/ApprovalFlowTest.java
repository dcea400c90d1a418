package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.json;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Standing.Phase;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls that need a person, by what people decide. */
@Timeout(60)
class ApprovalFlowTest {
    private static final String SCHEMA =
            "{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\"}},\"required\":[\"to\"]}";

    private final Rig rig = new Rig();
    private final Script script =
            new Script(calls(call("a", "pay", "{\"to\":\"bob\"}"), call("b", "read", "{}")), says("done"));
    private PinnedRun pinned = run("alice", gate(List.of(), Request.OnExpiry.Reject));
    private long epoch;

    private static Gate gate(List<String> when, Request.OnExpiry onExpiry) {
        return new Gate(when, List.of("payers"), List.of(), null, 1, 1, true, false, Duration.ofHours(1), onExpiry);
    }

    private static PinnedRun run(String requester, Gate gate) {
        PinnedTool pay = tool("pay", EffectClass.AT_MOST_ONCE, SCHEMA, "{}").gated(gate);
        PinnedTool read = tool("read", EffectClass.READ_ONLY);
        PinnedRun run = Specs.run(List.of(Specs.model("m", 3)), List.of(pay, read), Limits.DEFAULT, null);
        return new PinnedRun(
                run.id(),
                run.agent(),
                run.instructions(),
                run.input(),
                run.models(),
                run.tools(),
                null,
                run.limits(),
                requester,
                0,
                run.startedAt());
    }

    private RunEnd go() {
        return rig.run(++epoch, script, Rig::fine, () -> pinned);
    }

    private String waits() {
        var waiting = assertInstanceOf(RunEnd.Waiting.class, go());
        return assertInstanceOf(WaitReason.ForApprovals.class, waiting.reason())
                .names()
                .getFirst();
    }

    private long made(String callId) {
        return rig.invocations.stream()
                .filter(invocation -> invocation.callId().equals(callId))
                .count();
    }

    private Message.ToolOutput toldTheModel() {
        return script.requests().getLast().messages().stream()
                .filter(Message.ToolOutput.class::isInstance)
                .map(Message.ToolOutput.class::cast)
                .filter(output -> output.callId().equals("a"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theRequestShowsEverythingAndTheSiblingGoesOn() {
        String name = waits();
        assertEquals(1, made("b"), "who needs nobody waits for nobody");
        assertEquals(0, made("a"));
        Request request = rig.approvals.requests.get(name);
        assertEquals("{\"to\":\"bob\"}", request.arguments());
        assertEquals("pay(to=\"bob\")", request.summary());
        assertEquals(List.of("alice"), request.excludedApprovers());
        assertEquals(List.of("payers"), request.approverGroups());
        assertEquals(Request.Risk.High, request.risk());
        assertEquals("2026-01-01T01:00:00Z", request.expiresAt());
        assertEquals(request.payloadHash(), Request.hash(dev.wheelhouse.core.journal.Json.tree(request)));
        assertTrue(name.matches("run-[0-9a-f]{8}"), name);
        assertEquals(name, waits(), "assigned again, it still waits for the same");
        assertEquals(1, rig.approvals.requests.size());
    }

    @Test
    void whatIsApprovedIsDoneOnceAndTheUseIsRecordedWithTheIntent() {
        String name = waits();
        rig.approvals.decide(name, Phase.Approved, Verdict.Approve, "ok", null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, made("a"));
        assertEquals(1, made("b"));
        assertEquals(Phase.Consumed, rig.approvals.phase(name));
        var used = rig.recorded(Entry.ApprovalConsumed.class).getFirst();
        assertEquals("bob", used.decidedBy());
    }

    @Test
    void whatIsRejectedIsToldWithTheReasonAsAQuotation() {
        rig.approvals.decide(waits(), Phase.Rejected, Verdict.Reject, "no\u001b[31m \"__interrupt__\"", null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(0, made("a"));
        assertTrue(toldTheModel().error());
        assertTrue(
                toldTheModel().content().contains("bob rejected it, and said: \"no [31m \\\"__interrupt__\\\"\""),
                toldTheModel().content());
    }

    @Test
    void anAnswerIsTheToolsResult() {
        rig.approvals.decide(waits(), Phase.Approved, Verdict.Respond, null, "paid by hand");
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(0, made("a"));
        assertEquals("paid by hand", toldTheModel().content());
    }

    @Test
    void anEditIsAskedAboutAnewWithoutItsAuthorAndTheModelIsTold() {
        String first = waits();
        rig.approvals.decide(first, Phase.Withdrawn, Verdict.Edit, null, "{\"to\":\"carol\"}");
        String second = waits();
        assertNotEquals(first, second);
        Request request = rig.approvals.requests.get(second);
        assertEquals("{\"to\":\"carol\"}", request.arguments());
        assertEquals(first, request.supersedes());
        assertEquals(List.of("alice", "bob"), request.excludedApprovers());
        rig.approvals.decide(second, Phase.Approved, Verdict.Approve, null, null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(json("{\"to\":\"carol\"}"), rig.invocations.getLast().arguments());
        assertTrue(
                toldTheModel().content().startsWith("[A person changed the arguments"),
                toldTheModel().content());
    }

    @Test
    void anEditThatDoesNotFitIsNotMade() {
        rig.approvals.decide(waits(), Phase.Withdrawn, Verdict.Edit, null, "{\"to\":7}");
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(0, made("a"));
        assertTrue(
                toldTheModel().content().contains("do not match"),
                toldTheModel().content());
    }

    @Test
    void expiryRejectsOrFailsTheRunAsTheAgentChose() {
        rig.approvals.decide(waits(), Phase.Expired, null, null, null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertTrue(toldTheModel().content().contains("nobody decided about it in time"));
        assertEquals(0, made("a"));
    }

    @Test
    void expiryMayFailTheRun() {
        pinned = run("alice", gate(List.of(), Request.OnExpiry.FailRun));
        rig.approvals.decide(waits(), Phase.Expired, null, null, null);
        var failed = assertInstanceOf(RunEnd.Failed.class, go());
        assertEquals(FailureReason.APPROVAL_EXPIRED, failed.reason());
    }

    @Test
    void deletionIsARejectionAndRecreationChangesNothing() {
        String name = waits();
        Request request = rig.approvals.requests.get(name);
        rig.approvals.delete(name);
        rig.approvals.recreate(name, "another-uid");
        rig.approvals.decide(name, Phase.Approved, Verdict.Approve, null, null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(0, made("a"));
        assertTrue(toldTheModel().content().contains("counts as a rejection"), request.summary());
    }

    @Test
    void whoDecidedMustBeVerifiedOrElsePeopleAreAskedAnew() {
        String first = waits();
        rig.approvals.unverified(first);
        String second = waits();
        assertNotEquals(first, second);
        assertEquals(Phase.Withdrawn, rig.approvals.phase(first));
        assertEquals(0, made("a"));
    }

    @Test
    void anApprovalOfSomethingElseIsNotUsed() {
        String first = waits();
        rig.approvals.change(
                first,
                s -> Board.of(s, Phase.Approved, Verdict.Approve, "bob", null, null, "sha256:other", true, null));
        assertNotEquals(first, waits());
        assertEquals(0, made("a"));
    }

    @Test
    void aChangedToolIsAskedAboutAnewAndAMissingOneIsNotCalled() {
        String first = waits();
        rig.approvals.decide(first, Phase.Approved, Verdict.Approve, null, null);
        rig.toolNow = new ToolNow.There(json(SCHEMA), "sha256:new");
        String second = waits();
        assertEquals("sha256:new", rig.approvals.requests.get(second).tool().schemaDigest());
        rig.approvals.decide(second, Phase.Approved, Verdict.Approve, null, null);
        rig.toolNow = new ToolNow.Gone("ToolServer 'server' does not exist any more");
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(0, made("a"));
        assertTrue(toldTheModel().content().contains("does not exist any more"));
    }

    @Test
    void aToolThatCannotBeLookedAtIsWaitedForWithTheApprovalUnused() {
        String name = waits();
        rig.approvals.decide(name, Phase.Approved, Verdict.Approve, null, null);
        rig.toolNow = new ToolNow.Unreachable("ToolServer/server", "down");
        var waiting = assertInstanceOf(RunEnd.Waiting.class, go());
        assertInstanceOf(WaitReason.ForResources.class, waiting.reason());
        assertEquals(Phase.Approved, rig.approvals.phase(name));
        rig.toolNow = null;
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, made("a"));
    }

    @Test
    void aDecisionThatALostProcessUsedUpIsStillGood() {
        String name = waits();
        rig.approvals.change(
                name, s -> Board.of(s, Phase.Consumed, Verdict.Approve, "bob", null, null, s.requestHash(), true, 1L));
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, made("a"));
    }

    @Test
    void nobodyIsAskedWhileNobodyKnowsWhoAskedForTheRun() {
        pinned = run(null, gate(List.of(), Request.OnExpiry.Reject));
        var waiting = assertInstanceOf(RunEnd.Waiting.class, go());
        var reason = assertInstanceOf(WaitReason.ForRequester.class, waiting.reason());
        assertTrue(reason.summary().contains("spec.requester"), reason.summary());
        assertEquals(1, made("b"));
        assertEquals(0, rig.approvals.requests.size());
    }

    @Test
    void onceAskedTheExpressionIsNeverLookedAtAgain() {
        pinned = run("alice", gate(List.of("args.to == 'bob'"), Request.OnExpiry.Reject));
        List<String> evaluated = new ArrayList<>();
        rig.conditions = (expression, about) -> {
            evaluated.add(about.arguments().path("to").asText() + about.requester());
            return evaluated.size() == 1;
        };
        rig.approvals.decide(waits(), Phase.Rejected, Verdict.Reject, null, null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(List.of("bobalice"), evaluated);
        assertEquals(0, made("a"), "the expression would now let it through");
    }

    @Test
    void aCallThatNoExpressionHoldsForNeedsNobody() {
        pinned = run("alice", gate(List.of("false"), Request.OnExpiry.Reject));
        rig.conditions = (expression, about) -> false;
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, made("a"));
        assertEquals(0, rig.approvals.requests.size());
    }

    @Test
    void aRunWithALimitOfCostGoesOnAtThePricesOfNow() {
        PinnedRun run = pinned;
        pinned = new PinnedRun(
                run.id(),
                run.agent(),
                run.instructions(),
                run.input(),
                run.models(),
                run.tools(),
                null,
                new Limits(50, 200, null, 10_000_000L, null, 5, 5, 3),
                "alice",
                0,
                run.startedAt());
        rig.approvals.decide(waits(), Phase.Approved, Verdict.Approve, null, null);
        rig.prices = Map.of("m", Optional.of(new Prices(2_000_000, 0, 7_000_000)));
        var completed = assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, rig.recorded(Entry.PricesChanged.class).size());
        // 100 tokens in and 20 out: once at 1 and 2, once at 2 and 7 dollars a million.
        assertEquals(140L + 340L, completed.summary().spent().costMicros());
    }

    private static final PinnedTool PAY = tool("pay", EffectClass.AT_MOST_ONCE);

    private String inDoubt() {
        pinned = Specs.run(PAY, tool("read", EffectClass.READ_ONLY));
        RunEnd end = rig.run(++epoch, script, i -> new ToolResult.Unknown("cut"), () -> pinned);
        var waiting = assertInstanceOf(RunEnd.Waiting.class, end);
        String name = assertInstanceOf(WaitReason.ForApprovals.class, waiting.reason())
                .names()
                .getFirst();
        assertEquals(Request.Kind.InDoubt, rig.approvals.requests.get(name).kind());
        return name;
    }

    @Test
    void anEffectInDoubtThatHappenedIsNotRepeated() {
        rig.approvals.decide(inDoubt(), Phase.Approved, Verdict.Happened, "I saw it", null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(1, made("a"));
        assertTrue(toldTheModel().content().contains("I saw it"), toldTheModel().content());
    }

    @Test
    void anEffectInDoubtThatDidNotHappenIsDoneNowAndMayBecomeDoubtfulAgain() {
        String first = inDoubt();
        rig.approvals.decide(first, Phase.Approved, Verdict.DidNotHappen, null, null);
        RunEnd end = rig.run(++epoch, script, i -> new ToolResult.Unknown("cut again"), () -> pinned);
        var reason = assertInstanceOf(
                WaitReason.ForApprovals.class,
                assertInstanceOf(RunEnd.Waiting.class, end).reason());
        assertNotEquals(first, reason.names().getFirst());
        rig.approvals.decide(reason.names().getFirst(), Phase.Approved, Verdict.DidNotHappen, null, null);
        assertInstanceOf(RunEnd.Completed.class, go());
        assertEquals(3, made("a"));
        assertEquals("ok", toldTheModel().content());
    }

    @Test
    void anEffectInDoubtMayEndTheRun() {
        rig.approvals.decide(inDoubt(), Phase.Approved, Verdict.Abort, "too risky", null);
        var failed = assertInstanceOf(RunEnd.Failed.class, go());
        assertEquals(FailureReason.ABORTED, failed.reason());
        assertTrue(failed.message().contains("too risky"));
    }

    @Test
    void aQuestionIsAnsweredByAPerson() {
        PinnedTool ask = new PinnedTool(
                        PinnedTool.ASK,
                        "asks",
                        "builtin",
                        PinnedTool.ASK,
                        EffectClass.READ_ONLY,
                        json(Specs.ANY),
                        (com.fasterxml.jackson.databind.node.ObjectNode) json("{}"),
                        Duration.ofSeconds(1),
                        1024,
                        json("{}"),
                        "sha256:0")
                .gated(gate(List.of(), Request.OnExpiry.Reject));
        pinned = Specs.run(ask);
        var asks = new Script(
                calls(call("a", "ask", "{\"question\":\"Which colour?\",\"choices\":[\"red\",\"blue\"]}")),
                says("done"));
        rig.run(++epoch, asks, Rig::fine, () -> pinned);
        String name = rig.approvals.last();
        Request request = rig.approvals.requests.get(name);
        assertEquals(Request.Kind.Question, request.kind());
        assertEquals("Which colour?", request.summary());
        assertEquals(List.of("red", "blue"), request.choices());
        assertEquals(List.of(Verdict.Respond, Verdict.Reject), request.verdicts());
        assertNull(request.schema());
        rig.approvals.decide(name, Phase.Approved, Verdict.Respond, null, "red");
        assertInstanceOf(RunEnd.Completed.class, rig.run(++epoch, asks, Rig::fine, () -> pinned));
        assertEquals(0, rig.invocations.size());
    }
}
