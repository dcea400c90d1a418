package dev.wheelhouse.operator.domain.sandbox;

import static dev.wheelhouse.operator.domain.sandbox.Wishes.decide;
import static dev.wheelhouse.operator.domain.sandbox.Wishes.pod;
import static dev.wheelhouse.operator.domain.sandbox.Wishes.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SandboxPlanTest {
    private static final SandboxView LIVE = pod("p", "k", Life.RUNNING);

    private static void nothing(List<SandboxAction> actions) {
        assertEquals(List.of(), actions);
    }

    private static void deletes(SandboxView pod, Cause cause, List<SandboxAction> actions) {
        assertEquals(List.of(new SandboxAction.Delete(pod, cause)), actions);
    }

    @Test
    void whatIsWantedIsMadeOnce() {
        var run = run("r", "k");
        assertEquals(List.of(new SandboxAction.Create(run)), decide(List.of(run), List.of(), 0));
        nothing(decide(List.of(run), List.of(LIVE), 0));
        nothing(decide(List.of(run), List.of(pod("p", "k", Life.STARTING)), 0));
        nothing(decide(List.of(run, run("r2", "k")), List.of(LIVE), 0));
        assertEquals(1, decide(List.of(run, run("r2", "k")), List.of(), 0).size());
    }

    @Test
    void whatHasEndedGoesAndIsReplaced() {
        var ended = pod("p", "k", Life.ENDED);
        var run = run("r", "k", "uid-p", "uid-p", false);
        assertEquals(
                List.of(new SandboxAction.Delete(ended, Cause.ENDED), new SandboxAction.Create(run)),
                decide(List.of(run), List.of(ended), 0));
        deletes(ended, Cause.ENDED, decide(List.of(), List.of(ended), 0));
    }

    @Test
    void whatHasEndedIsNotReplacedBeforeSomebodyAsks() {
        var ended = pod("p", "k", Life.ENDED);
        nothing(decide(List.of(run("r", "k", "", "uid-p", false)), List.of(ended), 0));
        nothing(decide(List.of(run("r", "k", "", "", false)), List.of(ended), 0));
        nothing(decide(List.of(run("r", "k", "", "uid-p", false)), List.of(), 0));
        nothing(decide(List.of(run("r", "k", "uid-o", "uid-p", false)), List.of(), 0));
        deletes(ended, Cause.ENDED, decide(List.of(run("r", "k", "", "uid-p", true)), List.of(ended), 0));
        var next = pod("p2", "k", Life.RUNNING);
        deletes(ended, Cause.ENDED, decide(List.of(run("r", "k")), List.of(ended, next), 0));
    }

    @Test
    void onePodThatFailedBeforeItsUseIsReplacedWhenAskedFor() {
        var ended = pod("p", "k", Life.ENDED);
        var run = run("r", "k", "uid-p", "uid-before", false);
        assertEquals(
                List.of(new SandboxAction.Delete(ended, Cause.ENDED), new SandboxAction.Create(run)),
                decide(List.of(run), List.of(ended), 0));
        var lostTwice = run("r", "k", "uid-before", "uid-before", false);
        assertEquals(List.of(new SandboxAction.Create(lostTwice)), decide(List.of(lostTwice), List.of(), 0));
    }

    @Test
    void aPodThatItsRunGaveUpIsReplacedThoughItSeemsToLive() {
        var run = run("r", "k", "uid-p", "uid-p", false);
        assertEquals(
                List.of(new SandboxAction.Delete(LIVE, Cause.SUPERSEDED), new SandboxAction.Create(run)),
                decide(List.of(run), List.of(LIVE), 0));
        var next = pod("p2", "k", Life.RUNNING);
        deletes(LIVE, Cause.SUPERSEDED, decide(List.of(run), List.of(LIVE, next), 0));
    }

    @Test
    void waitingRunsHoldNothingUnlessToldTo() {
        deletes(LIVE, Cause.UNWANTED, decide(List.of(run("r", "k", "", "uid-p", true)), List.of(LIVE), 0));
        var keeps =
                new Claimant(run("r", "k").run(), "a", true, Wishes.request("k", "", "image:1", true, false), "uid-p");
        nothing(decide(List.of(keeps), List.of(LIVE), 0));
        nothing(decide(List.of(run("r", "k", "", "", true)), List.of(), 0));
    }

    @Test
    void aSharedSandboxStaysUntilItIsIdle() {
        var shared =
                new SandboxView("ns", "p", "uid-p", "1", "k", Wishes.SHAPE, "", Life.RUNNING, true, Wishes.T0, null);
        var waits = run("r1", "k", "", "uid-p", true);
        nothing(decide(List.of(waits, run("r2", "k")), List.of(shared), 0));
        nothing(decide(List.of(waits), List.of(shared), 0));
        nothing(decide(List.of(), List.of(shared), 0));
        deletes(LIVE, Cause.UNWANTED, decide(List.of(), List.of(LIVE), 0));
    }

    @Test
    void ofTwoForOneKeyTheOneInUseStays() {
        var other = pod("a", "k", Life.RUNNING);
        deletes(LIVE, Cause.DUPLICATE, decide(List.of(run("r", "k")), List.of(LIVE, other), 0));
        deletes(other, Cause.DUPLICATE, decide(List.of(run("r", "k", "", "uid-p", false)), List.of(LIVE, other), 0));
        nothing(decide(
                List.of(run("r", "k", "", "uid-p", false), run("r2", "k", "", "uid-a", false)),
                List.of(LIVE, other),
                0));
    }

    @Test
    void twoPodsNeverWriteToOneWorkspace() {
        var going = pod("p", "k", Life.GOING);
        var keeps = new Claimant(
                run("r", "k").run(), "a", false, Wishes.request("k", "uid-p", "image:1", false, true), "uid-p");
        nothing(decide(List.of(keeps), List.of(going), 0));
        // The run calls it lost, and it may still write.
        deletes(LIVE, Cause.SUPERSEDED, decide(List.of(keeps), List.of(LIVE), 0));
        assertInstanceOf(
                SandboxAction.Create.class,
                decide(List.of(run("r", "k", "uid-p", "uid-p", false)), List.of(going), 0)
                        .getFirst());
    }

    @Test
    void warmOnesAreKeptReadyWhileTheRuntimeIsUp() {
        assertEquals(3, decide(List.of(), List.of(), 3).size());
        assertEquals(
                1,
                decide(List.of(), List.of(pod("w1", "", Life.RUNNING), pod("w2", "", Life.STARTING)), 3)
                        .size());
        var warm = pod("w1", "", Life.RUNNING);
        nothing(decide(List.of(), List.of(warm), 1));
        deletes(warm, Cause.SURPLUS, decide(List.of(), List.of(warm), 0));
        var down = new SandboxPlan.Situation(List.of(), List.of(warm), Wishes.RULES, Wishes.warm(1), false, Wishes.T0);
        deletes(warm, Cause.SURPLUS, SandboxPlan.decide(down));
        var late = new SandboxPlan.Situation(
                List.of(), List.of(warm), Wishes.RULES, Wishes.warm(1), true, Wishes.T0.plus(Duration.ofDays(1)));
        assertEquals(
                List.of(new SandboxAction.Delete(warm, Cause.SURPLUS), new SandboxAction.Replenish(Wishes.warm(1))),
                SandboxPlan.decide(late));
    }

    @Test
    void aWarmOneThatARunTookIsItsOwnAndIsReplaced() {
        var free = pod("w", "", Life.RUNNING);
        var taken = free.with(Wishes.claim("w", "r", "k"));
        var uses = run("r", "k", "", "uid-w", false);
        assertEquals(
                List.of(new SandboxAction.Adopt(taken), new SandboxAction.Replenish(Wishes.warm(1))),
                decide(List.of(uses), List.of(taken), 1));
        nothing(decide(List.of(uses), List.of(taken.adopted()), 0));
        // It asked, and its claim is seen before it says what it uses.
        assertEquals(List.of(new SandboxAction.Adopt(taken)), decide(List.of(run("r", "k")), List.of(taken), 0));
        deletes(taken, Cause.UNWANTED, decide(List.of(), List.of(taken), 0));
        assertEquals(free, free.with(new SandboxClaim("w", "uid of another pod", "r", "uid-r", "k", "", 1)));
    }

    @Test
    void whatWasJustTakenIsNoDuplicateUntilItsRunSaysWhatItUses() {
        var first = pod("w1", "", Life.RUNNING).with(Wishes.claim("w1", "r", "k"));
        var second = pod("w2", "", Life.RUNNING).with(Wishes.claim("w2", "r", "k"));
        // Not at once, but if it never says so one of them goes, and the other is known by its labels.
        deletes(second, Cause.UNWANTED, decide(List.of(run("r", "k")), List.of(first, second), 0));
        assertEquals(
                List.of(new SandboxAction.Delete(first, Cause.DUPLICATE), new SandboxAction.Adopt(second)),
                decide(List.of(run("r", "k", "", "uid-w2", false)), List.of(first, second), 0));
    }

    @Test
    void whatWasTakenAndEndedBeforeAnybodyKnewIsNoAnswerToItsRun() {
        var ended = pod("w", "", Life.ENDED).with(Wishes.claim("w", "r", "k"));
        var asks = run("r", "k");
        assertEquals(
                List.of(new SandboxAction.Delete(ended, Cause.ENDED), new SandboxAction.Create(asks)),
                decide(List.of(asks), List.of(ended), 0));
        nothing(decide(List.of(run("r", "k", "", "uid-w", false)), List.of(ended), 0));
    }

    @Test
    void aWarmOneInUseIsNoWishThoughItsClaimIsNotSeenYet() {
        var lost = pod("p", "k", Life.ENDED);
        var uses = run("r", "k", "uid-p", "uid-w", false);
        deletes(lost, Cause.ENDED, decide(List.of(uses), List.of(lost, pod("w", "", Life.RUNNING)), 1));
    }

    @Test
    void whatNobodyMayTakeAnyMoreGoes() {
        var retired = pod("w", "", Life.RUNNING).with(SandboxClaim.ofNobody("w", "uid-w"));
        assertEquals(
                List.of(new SandboxAction.Delete(retired, Cause.SURPLUS), new SandboxAction.Replenish(Wishes.warm(1))),
                decide(List.of(), List.of(retired), 1));
    }

    @Test
    void whoeverAsksGetsAColdOne() {
        var run = run("r", "k");
        assertEquals(
                List.of(new SandboxAction.Create(run)), decide(List.of(run), List.of(pod("w", "", Life.RUNNING)), 1));
    }

    @Test
    void fillingThePoolTakesItsTime() {
        assertEquals(4, decide(List.of(), List.of(), 9).size());
        var coming = List.of(pod("w1", "", Life.STARTING), pod("w2", "", Life.STARTING), pod("w3", "", Life.RUNNING));
        assertEquals(2, decide(List.of(), coming, 9).size());
        assertEquals(1, decide(List.of(), coming, 4).size());
    }

    @Test
    void whatTheTenantForbidsIsRefusedAndTheOthersServed() {
        var bad = new Claimant(run("r", "k").run(), "a", false, Wishes.request("k", "", "evil", false, false), "");
        var actions = decide(List.of(bad, run("r2", "k2")), List.of(), 0);
        assertEquals(2, actions.size());
        assertTrue(((SandboxAction.Refuse) actions.getFirst()).reason().contains("'evil'"));
        assertNotEquals(actions.getFirst(), actions.getLast());
    }
}
