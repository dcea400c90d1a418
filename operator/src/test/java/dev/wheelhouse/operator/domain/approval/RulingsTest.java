package dev.wheelhouse.operator.domain.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.Verdict;
import dev.wheelhouse.operator.domain.approval.ApprovalView.Said;
import dev.wheelhouse.operator.domain.approval.Ruling.Settled;
import dev.wheelhouse.operator.domain.approval.Ruling.Why;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RulingsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant EXPIRES = T0.plusSeconds(100);

    private static Said said(Verdict verdict, int second) {
        return new Said(verdict, T0.plusSeconds(second), null);
    }

    private static ApprovalView view(int quorum, int rejectQuorum, Map<String, Said> decisions) {
        return new ApprovalView(
                ApprovalRequest.Kind.ToolCall,
                quorum,
                rejectQuorum,
                EnumSet.allOf(Verdict.class),
                Set.of("amy"),
                EXPIRES,
                null,
                false,
                false,
                Set.of(),
                decisions);
    }

    private static Ruling rule(ApprovalView view, int second) {
        return Rulings.of(view, T0.plusSeconds(second), true);
    }

    private static Settled settled(Phase phase, Verdict verdict, int second, String... by) {
        return new Settled(phase, verdict, List.of(by), T0.plusSeconds(second), Why.DECIDED);
    }

    @Test
    void oneApproves() {
        assertEquals(
                settled(Phase.Approved, Verdict.Approve, 5, "bob"),
                rule(view(1, 1, Map.of("bob", said(Verdict.Approve, 5))), 6));
    }

    @Test
    void aQuorumNamesThoseWhoMadeIt() {
        var decisions = Map.of(
                "carol", said(Verdict.Approve, 3), "bob", said(Verdict.Approve, 9), "dan", said(Verdict.Approve, 7));
        assertEquals(settled(Phase.Approved, Verdict.Approve, 7, "carol", "dan"), rule(view(2, 1, decisions), 10));
        assertInstanceOf(Ruling.Open.class, rule(view(4, 1, decisions), 10));
    }

    @Test
    void rejectionWinsOverApproval() {
        var decisions = Map.of("bob", said(Verdict.Approve, 1), "carol", said(Verdict.Reject, 2));
        assertEquals(settled(Phase.Rejected, Verdict.Reject, 2, "carol"), rule(view(1, 1, decisions), 3));
        assertEquals(settled(Phase.Approved, Verdict.Approve, 1, "bob"), rule(view(1, 2, decisions), 3));
    }

    @Test
    void atExpiryItIsTooLate() {
        assertEquals(
                new Settled(Phase.Expired, null, List.of(), null, Why.EXPIRED),
                rule(view(1, 1, Map.of("bob", said(Verdict.Approve, 100))), 100));
        assertEquals(
                settled(Phase.Approved, Verdict.Approve, 99, "bob"),
                rule(view(1, 1, Map.of("bob", said(Verdict.Approve, 99))), 500),
                "seen in time, judged late");
    }

    @Test
    void anEditAsksAnewAndAnAnswerIsAResult() {
        assertEquals(
                settled(Phase.Withdrawn, Verdict.Edit, 1, "bob"),
                rule(view(2, 1, Map.of("bob", said(Verdict.Edit, 1))), 2));
        assertEquals(
                settled(Phase.Approved, Verdict.Respond, 1, "bob"),
                rule(view(2, 1, Map.of("bob", said(Verdict.Respond, 1))), 2));
        var unusable = new Said(Verdict.Edit, T0, "no");
        assertEquals(new Ruling.Open(false, EXPIRES), rule(view(1, 1, Map.of("bob", unusable)), 2));
    }

    @Test
    void ofTwoAnswersAboutADoubtTheCarefulOneCounts() {
        var decisions = Map.of("bob", said(Verdict.DidNotHappen, 1), "carol", said(Verdict.Happened, 2));
        var call = view(1, 1, decisions);
        var doubt = new ApprovalView(
                ApprovalRequest.Kind.InDoubt,
                1,
                1,
                call.allowed(),
                call.excluded(),
                EXPIRES,
                null,
                false,
                false,
                Set.of(),
                decisions);
        assertEquals(settled(Phase.Approved, Verdict.Happened, 2, "carol"), rule(doubt, 3));
        assertInstanceOf(Ruling.Open.class, rule(call, 3), "about a call these verdicts say nothing");
    }

    @Test
    void escalationAddsGroupsAndDecidesNothing() {
        var plain = view(1, 1, Map.of());
        var escalating = new ApprovalView(
                plain.kind(),
                1,
                1,
                plain.allowed(),
                plain.excluded(),
                EXPIRES,
                T0.plusSeconds(50),
                false,
                false,
                Set.of(),
                Map.of());
        assertEquals(new Ruling.Open(false, T0.plusSeconds(50)), rule(escalating, 49));
        assertEquals(new Ruling.Open(true, EXPIRES), rule(escalating, 50));
        assertEquals(new Ruling.Open(false, EXPIRES), rule(plain, 50));
    }

    @Test
    void whatWasDecidedInDoubtIsAskedAnew() {
        var withdrawn = new Settled(Phase.Withdrawn, null, List.of(), null, Why.DOUBT);
        assertEquals(withdrawn, rule(doubted(true, Set.of(), Map.of("bob", said(Verdict.Approve, 1))), 2));
        assertEquals(withdrawn, rule(doubted(false, Set.of("bob"), Map.of()), 2), "a decision has vanished");
        assertEquals(new Ruling.Open(false, EXPIRES), rule(doubted(true, Set.of(), Map.of()), 2), "nobody decided");
    }

    private static ApprovalView doubted(boolean doubted, Set<String> observed, Map<String, Said> decisions) {
        var plain = view(1, 1, decisions);
        return new ApprovalView(
                plain.kind(),
                1,
                1,
                plain.allowed(),
                plain.excluded(),
                EXPIRES,
                null,
                false,
                doubted,
                observed,
                decisions);
    }

    @Provide
    Arbitrary<ApprovalView> views() {
        Arbitrary<Said> said = Combinators.combine(
                        Arbitraries.of(Verdict.class),
                        Arbitraries.integers().between(0, 120),
                        Arbitraries.of(true, true, true, false))
                .as((verdict, second, usable) -> new Said(verdict, T0.plusSeconds(second), usable ? null : "unusable"));
        Arbitrary<Map<String, Said>> decisions =
                Arbitraries.maps(Arbitraries.of("amy", "bob", "carol", "dan", "eve"), said);
        return Combinators.combine(
                        Arbitraries.of(ApprovalRequest.Kind.class),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.of(Verdict.class).set().ofMinSize(1),
                        Arbitraries.of(true, false),
                        decisions)
                .as((kind, quorum, rejectQuorum, allowed, doubted, made) -> new ApprovalView(
                        kind,
                        quorum,
                        rejectQuorum,
                        allowed,
                        Set.of("amy"),
                        EXPIRES,
                        null,
                        false,
                        doubted,
                        Set.of(),
                        new TreeMap<>(made)));
    }

    @Property
    void nothingIsSettledWithoutProof(@ForAll("views") ApprovalView view) {
        assertEquals(new Ruling.Held(), Rulings.of(view, T0.plusSeconds(50), false));
        assertEquals(new Ruling.Held(), Rulings.of(view, T0.plusSeconds(500), false));
    }

    @Property
    void approvalNeedsAsManyValidTimelyForeignVoicesAsAskedFor(@ForAll("views") ApprovalView view) {
        if (rule(view, 200) instanceof Settled settled && settled.phase() == Phase.Approved) {
            assertTrue(!view.doubted() && view.allowed().contains(settled.verdict()));
            int needed = settled.verdict() == Verdict.Respond ? 1 : view.quorum();
            assertEquals(needed, Set.copyOf(settled.by()).size());
            for (String by : settled.by()) {
                Said said = view.decisions().get(by);
                assertEquals(settled.verdict(), said.verdict());
                assertTrue(said.problem() == null && said.seen().isBefore(EXPIRES) && !by.equals("amy"));
            }
            assertTrue(rejecting(view) < view.rejectQuorum());
        }
    }

    private static long rejecting(ApprovalView view) {
        return !view.allowed().contains(Verdict.Reject)
                ? 0
                : view.decisions().entrySet().stream()
                        .filter(e -> e.getValue().verdict() == Verdict.Reject
                                && e.getValue().problem() == null
                                && e.getValue().seen().isBefore(EXPIRES)
                                && !e.getKey().equals("amy"))
                        .count();
    }

    @Property
    void timeAloneNeverApproves(@ForAll("views") ApprovalView view) {
        Ruling early = rule(view, 99);
        Ruling late = rule(view, 1000);
        if (early instanceof Settled) {
            assertEquals(early, late, "what was settled stays so, whenever it is looked at");
        } else {
            assertEquals(new Settled(Phase.Expired, null, List.of(), null, Why.EXPIRED), late);
        }
    }

    @Property
    void theOrderOfDecisionsInTheObjectDoesNotMatter(@ForAll("views") ApprovalView view) {
        var reversed = new TreeMap<String, Said>(java.util.Comparator.reverseOrder());
        reversed.putAll(view.decisions());
        var same = new ApprovalView(
                view.kind(),
                view.quorum(),
                view.rejectQuorum(),
                view.allowed(),
                view.excluded(),
                view.expiresAt(),
                null,
                false,
                view.doubted(),
                view.observed(),
                reversed);
        assertEquals(rule(view, 50), rule(same, 50));
    }
}
