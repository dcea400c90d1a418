package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalSpec;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Verdict;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ApprovalReconcilerTest {
    private static final String SCHEMA =
            "{\"type\":\"object\",\"properties\":{\"amount\":{\"type\":\"integer\"}},\"required\":[\"amount\"]}";

    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final StrictServer server = cluster.server;
    private final World world = cluster.world;

    private String runUid = "uid-r";

    private Approval ask(String name, int quorum, Duration lifetime) {
        Approval approval = new Approval();
        approval.setMetadata(
                new ObjectMetaBuilder().withNamespace(NS).withName(name).build());
        approval.setSpec(new ApprovalSpec(
                new ApprovalRequest(
                        ApprovalRequest.Kind.ToolCall,
                        new ApprovalRequest.RunRef("r", runUid),
                        null,
                        null,
                        "a",
                        "c1",
                        new ApprovalRequest.ToolRef("s", "pay", null),
                        "pay 5",
                        "{\"amount\":5}",
                        ApprovalRequest.Risk.High,
                        null,
                        "amy",
                        List.of("amy"),
                        null,
                        null,
                        null,
                        null,
                        quorum,
                        1,
                        List.of(Verdict.Approve, Verdict.Reject, Verdict.Edit),
                        SCHEMA,
                        null,
                        Instant.now().plus(lifetime).toString(),
                        ApprovalRequest.OnExpiry.Reject,
                        "12345678",
                        "sha256:" + "a".repeat(64)),
                null));
        return world.client.resource(approval).create();
    }

    private void decide(String name, String user, Decision decision) {
        World.insist(() -> world.client
                .resources(Approval.class)
                .inNamespace(NS)
                .withName(name)
                .edit(approval -> {
                    Map<String, Decision> decisions = new TreeMap<>();
                    if (approval.getSpec().decisions() != null) {
                        decisions.putAll(approval.getSpec().decisions());
                    }
                    decisions.put(user, decision);
                    approval.setSpec(new ApprovalSpec(approval.getSpec().request(), decisions));
                    return approval;
                }));
    }

    private static Decision decision(Verdict verdict) {
        return new Decision(verdict, "because", null, null, null);
    }

    private Approval get(String name) {
        return world.client
                .resources(Approval.class)
                .inNamespace(NS)
                .withName(name)
                .get();
    }

    private Approval awaitApproval(String name, Predicate<ApprovalStatus> condition) {
        return await("approval " + name)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> get(name), a -> a.getStatus() != null && condition.test(a.getStatus()));
    }

    private static Condition condition(Approval approval, String type) {
        return approval.getStatus().conditions().stream()
                .filter(c -> type.equals(c.getType()))
                .findFirst()
                .orElseGet(Condition::new);
    }

    private long statusWrites(String name) {
        return server.writes.stream()
                .filter(w -> w.path().endsWith("/approvals/" + name + "/status") && w.code() < 300)
                .count();
    }

    @Test
    void twoWritesFromQuestionToAnswer() {
        ask("a1", 1, Duration.ofHours(1));
        Approval pending = awaitApproval("a1", s -> s.phase() == Phase.Pending);
        assertEquals("True", condition(pending, ConditionType.IDENTITY_VERIFIED).getStatus());
        decide("a1", "bob", decision(Verdict.Approve));
        Approval approved = awaitApproval("a1", s -> s.phase() == Phase.Approved);
        assertEquals(Verdict.Approve, approved.getStatus().verdict());
        assertEquals("bob", approved.getStatus().decidedBy());
        assertEquals(
                approved.getStatus().observedDecisions().get("bob"),
                approved.getStatus().decidedAt());
        assertEquals(2, statusWrites("a1"));
        assertTrue(
                server.writes.stream()
                        .noneMatch(w -> w.path().endsWith("/approvals/a1") && !"PATCH".equals(w.method())),
                "nothing but a dry run touches the object itself");
    }

    @Test
    void aQuorumThatIsRejected() {
        ask("a1", 2, Duration.ofHours(1));
        decide("a1", "bob", decision(Verdict.Approve));
        awaitApproval(
                "a1",
                s -> s.observedDecisions() != null && s.observedDecisions().containsKey("bob"));
        decide("a1", "carol", decision(Verdict.Reject));
        assertEquals(
                "carol",
                awaitApproval("a1", s -> s.phase() == Phase.Rejected)
                        .getStatus()
                        .decidedBy());
    }

    @Test
    void nobodyDecidesInTime() {
        ask("a1", 1, Duration.ofSeconds(2));
        Approval expired = awaitApproval("a1", s -> s.phase() == Phase.Expired);
        assertNull(expired.getStatus().verdict());
        assertNull(expired.getStatus().decidedBy());
    }

    @Test
    void anEditThatDoesNotFitIsAnsweredAndCanBeReplaced() {
        ask("a1", 1, Duration.ofHours(1));
        decide("a1", "bob", new Decision(Verdict.Edit, null, "{\"amount\":\"many\"}", null, null));
        Approval told = awaitApproval(
                "a1", s -> s.invalidDecisions() != null && s.invalidDecisions().containsKey("bob"));
        assertEquals(Phase.Pending, told.getStatus().phase());
        assertEquals("False", condition(told, ConditionType.DECISION_VALID).getStatus());
        decide("a1", "bob", new Decision(Verdict.Edit, null, "{\"amount\":3}", null, null));
        Approval edited = awaitApproval("a1", s -> s.phase() == Phase.Withdrawn);
        assertEquals(Verdict.Edit, edited.getStatus().verdict());
        assertEquals("bob", edited.getStatus().decidedBy());
        assertEquals("True", condition(edited, ConditionType.DECISION_VALID).getStatus());
    }

    @Test
    void withoutPoliciesNothingIsDecidedAndLaterItIsAskedAnew() {
        server.policies = false;
        ask("a1", 1, Duration.ofHours(1));
        decide("a1", "bob", decision(Verdict.Approve));
        Approval held = awaitApproval("a1", s -> s.observedDecisions() != null);
        assertEquals(Phase.Pending, held.getStatus().phase());
        assertEquals(
                "IdentityUnverified",
                condition(held, ConditionType.IDENTITY_VERIFIED).getReason());
        server.policies = true;
        Approval withdrawn = awaitApproval("a1", s -> s.phase() == Phase.Withdrawn);
        assertNull(withdrawn.getStatus().verdict());
        assertEquals(
                "IdentityUnverified",
                condition(withdrawn, ConditionType.IDENTITY_VERIFIED).getReason());
    }

    @Test
    void policiesThatVanishAfterTheQuestionAreNoticedBeforeTheAnswerCounts() {
        ask("a1", 1, Duration.ofHours(1));
        awaitApproval("a1", s -> s.phase() == Phase.Pending);
        server.policies = false;
        decide("a1", "bob", decision(Verdict.Approve));
        Approval held = awaitApproval("a1", s -> s.observedDecisions() != null);
        assertEquals(Phase.Pending, held.getStatus().phase());
        assertEquals("False", condition(held, ConditionType.IDENTITY_VERIFIED).getStatus());
    }

    private void runThatWaits(String... approvals) {
        world.usual();
        String holder = world.runtime("p1");
        world.run("r");
        world.awaitHeldBy("r", holder);
        runUid = world.get("r").getMetadata().getUid();
        for (String approval : approvals) {
            ask(approval, 1, Duration.ofHours(1));
        }
        world.release("r", World.waitingFor(WaitingFor.Kind.Approval, approvals));
        world.awaitRun("r", run -> World.holder(run).isEmpty());
    }

    @Test
    void aDecisionWakesTheRunThoughAnotherIsPending() {
        runThatWaits("a1", "a2");
        awaitApproval("a2", s -> s.phase() == Phase.Pending);
        assertEquals("", World.holder(world.get("r")));
        decide("a1", "bob", decision(Verdict.Reject));
        Run resumed = world.awaitRun("r", run -> !World.holder(run).isEmpty());
        assertEquals(2, World.epoch(resumed));
        assertEquals(Phase.Rejected, get("a1").getStatus().phase());
    }

    @Test
    void aDeletionWakesTheRun() {
        runThatWaits("a1");
        awaitApproval("a1", s -> s.phase() == Phase.Pending);
        world.client.resources(Approval.class).inNamespace(NS).withName("a1").delete();
        world.awaitRun("r", run -> !World.holder(run).isEmpty());
    }

    @Test
    void aRunThatIsCancelledWhileItWaitsTakesItsQuestionsBack() {
        runThatWaits("a1", "a2");
        awaitApproval("a1", s -> s.phase() == Phase.Pending);
        world.edit("r", World::cancelled);
        world.awaitRun("r", run -> run.getStatus().completionTime() != null);
        awaitApproval("a1", s -> s.phase() == Phase.Withdrawn);
        awaitApproval("a2", s -> s.phase() == Phase.Withdrawn);
    }

    @Test
    void aRunThatWaitsForWhatIsLongDecidedIsWokenAtOnce() {
        ask("a1", 1, Duration.ofHours(1));
        decide("a1", "bob", decision(Verdict.Approve));
        awaitApproval("a1", s -> s.phase() == Phase.Approved);
        world.usual();
        String holder = world.runtime("p1");
        world.run("r");
        world.awaitHeldBy("r", holder);
        world.release("r", World.waitingFor(WaitingFor.Kind.Approval, "a1"));
        world.awaitRun("r", run -> World.epoch(run) == 2);
    }
}
