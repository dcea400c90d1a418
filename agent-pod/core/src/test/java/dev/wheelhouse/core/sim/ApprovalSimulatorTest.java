package dev.wheelhouse.core.sim;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.model;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Guard;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.sim.Faults.AtPoint;
import dev.wheelhouse.core.sim.Simulation.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Runs that wait for people in a cluster where everything goes wrong: never without a valid decision, at most once. */
class ApprovalSimulatorTest {
    private static final long RANDOM_RUNS = Long.getLong("wheelhouse.sim.runs", 600);
    private static final long FIRST_SEED = Long.getLong("wheelhouse.sim.seed", 1);
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final Gate GATE = new Gate(
            List.of(),
            List.of("approvers"),
            List.of(),
            null,
            1,
            1,
            true,
            false,
            Duration.ofMinutes(2),
            Request.OnExpiry.Reject);

    private static final PinnedTool PAY = tool("pay", EffectClass.AT_MOST_ONCE).gated(GATE);
    private static final PinnedTool NOTE = tool("note", EffectClass.IDEMPOTENT).gated(GATE);

    private static final PinnedRun PINNED = Specs.run(
            List.of(model("m", 4)),
            List.of(PAY, NOTE, tool("read", EffectClass.READ_ONLY)),
            new Limits(50, 200, 1_000_000L, 10_000_000L, null, 5, 5, 3),
            null);

    private static Script script() {
        return new Script(
                calls(call("a", "pay", "{\"to\":\"bob\"}"), call("b", "note", "{\"n\":1}"), call("c", "read", "{}")),
                says("done"));
    }

    private static People all(Verdict verdict) {
        return (request, happened) -> request.kind() == Request.Kind.InDoubt
                ? People.truth(happened, SOON)
                : List.of(People.says(SOON, verdict), People.expires(request));
    }

    private static Scenario with(People people) {
        return new Scenario(PINNED, script(), people, SimApprovals.Defect.NONE);
    }

    private static Simulation check(Scenario scenario, Faults faults, long seed, String what) {
        Simulation sim;
        try {
            sim = Simulation.of(scenario, faults, seed);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ", " + what + ": " + e.getMessage(), e);
        }
        List<String> broken = Invariants.broken(sim);
        assertTrue(
                broken.isEmpty(),
                () -> "seed " + seed + ", " + what + ": " + broken + "\n" + String.join("\n", sim.trace()));
        assertTrue(
                sim.ends().stream()
                        .anyMatch(end -> end instanceof RunEnd.Completed
                                || end instanceof RunEnd.Failed
                                || end instanceof RunEnd.Cancelled),
                () -> "seed " + seed + ", " + what + ": still waits\n" + String.join("\n", sim.trace()));
        return sim;
    }

    @Test
    void whatIsApprovedHappensOnceAndHoldsNoProcessMeanwhile() {
        Simulation sim = check(with(all(Verdict.Approve)), Faults.none(), 1, "approved");
        assertInstanceOf(RunEnd.Completed.class, sim.lastEnd());
        assertEquals(Map.of("a", 1, "b", 1), sim.world().effects());
        assertTrue(sim.processes() >= 2, "the run was handed out again after the decision");
        assertEquals(2, sim.world().modelCalls());
    }

    @Test
    void whatIsRejectedDoesNotHappen() {
        Simulation sim = check(with(all(Verdict.Reject)), Faults.none(), 1, "rejected");
        assertInstanceOf(RunEnd.Completed.class, sim.lastEnd());
        assertEquals(Map.of(), sim.world().effects());
    }

    @Test
    void whatIsAnsweredOrExpiredOrDeletedDoesNotHappen() {
        People answers = (request, happened) -> List.of(new People.Act(SOON, Verdict.Respond, null, "42"));
        People expires = (request, happened) -> List.of(People.expires(request));
        People deletes = (request, happened) -> List.of(People.does(SOON, People.Otherwise.DELETE));
        for (People people : List.of(answers, expires, deletes)) {
            Simulation sim = check(with(people), Faults.none(), 1, "not made");
            assertInstanceOf(RunEnd.Completed.class, sim.lastEnd());
            assertEquals(Map.of(), sim.world().effects());
        }
    }

    @Test
    void anEditIsAskedAboutAnewAndThenHappensAsEdited() {
        People edits = (request, happened) -> request.supersedes() == null
                ? List.of(new People.Act(SOON, Verdict.Edit, null, "{\"to\":\"carol\"}"))
                : List.of(People.says(SOON, Verdict.Approve));
        Simulation sim = check(with(edits), Faults.none(), 1, "edited");
        assertEquals(Map.of("a", 1, "b", 1), sim.world().effects());
        assertEquals(4, sim.approvals().phases().size());
    }

    @Test
    void aCrashAtAnyPoint() {
        for (Verdict verdict : List.of(Verdict.Approve, Verdict.Reject)) {
            int points =
                    check(with(all(verdict)), Faults.none(), 1, "no faults").points();
            IntStream.rangeClosed(1, points)
                    .forEach(point -> check(
                            with(all(verdict)),
                            Faults.at(Map.of(point, AtPoint.CRASH), 0),
                            1,
                            verdict + ", crash at " + point));
        }
    }

    @Test
    void crashesAtAnyTwoPoints() {
        int points =
                check(with(all(Verdict.Approve)), Faults.none(), 1, "no faults").points() + 10;
        IntStream.rangeClosed(1, points)
                .parallel()
                .forEach(first -> IntStream.rangeClosed(first + 1, points + 10)
                        .filter(second -> (first + second) % 2 == 0)
                        .forEach(second -> check(
                                with(all(Verdict.Approve)),
                                Faults.at(Map.of(first, AtPoint.CRASH, second, AtPoint.CRASH), 0),
                                1,
                                "crashes at " + first + " and " + second)));
    }

    @Test
    void aZombieThatWakesAtAnyPoint() {
        int points =
                check(with(all(Verdict.Approve)), Faults.none(), 1, "no faults").points();
        IntStream.rangeClosed(1, points)
                .parallel()
                .forEach(frozen -> IntStream.rangeClosed(0, points + 5)
                        .filter(later -> later % 2 == 0)
                        .forEach(later -> check(
                                with(all(Verdict.Approve)),
                                Faults.at(Map.of(frozen, AtPoint.FREEZE), later),
                                1,
                                "frozen at " + frozen + " for " + later)));
    }

    @Test
    void cancellingAtAnyPointWhileWaiting() {
        int points =
                check(with(all(Verdict.Approve)), Faults.none(), 1, "no faults").points();
        IntStream.rangeClosed(1, points)
                .forEach(point -> check(
                        with(all(Verdict.Approve)),
                        Faults.at(Map.of(point, AtPoint.CANCEL), 0),
                        1,
                        "cancel at " + point));
    }

    @Test
    void anyDecisionsWithAnyFaults() {
        LongStream.range(FIRST_SEED, FIRST_SEED + RANDOM_RUNS).parallel().forEach(seed -> {
            Random random = new Random(~seed);
            People people = People.whimsical(new Random(seed * 31));
            check(with(people), Faults.random(random, random.nextInt(0, 300), true), seed, "random");
        });
    }

    @Test
    void aGuardThatLetsCallsThroughIsCaught() {
        Guard blind = (state, step, now) -> step instanceof Step.CallTools(var planned)
                ? new Step.CallTools(
                        planned.stream().map(plan -> ungated(state, plan)).toList())
                : step;
        Harness standard = Harness.standard();
        Harness broken = new Harness(List.of((state, step, now) -> blind.check(state, standard.next(state, now), now)));
        var scenario = new Scenario(
                PINNED, script(), broken, SimStore.Defect.NONE, all(Verdict.Reject), SimApprovals.Defect.NONE);
        assertCaught(Simulation.of(scenario, Faults.none(), 1));
    }

    private static Step.Planned ungated(State state, Step.Planned plan) {
        return plan instanceof Step.Planned.Ask ask
                ? new Step.Planned.Execute(
                        ask.asked(),
                        state.run().tool(ask.asked().tool()).orElseThrow(),
                        (com.fasterxml.jackson.databind.node.ObjectNode)
                                Specs.json(ask.asked().arguments()),
                        1,
                        null,
                        null,
                        Duration.ZERO)
                : plan;
    }

    @Test
    void approvalsThatAreBrokenAreCaught() {
        People forges = (request, happened) -> List.of(People.does(SOON, People.Otherwise.FORGED));
        People rejects = (request, happened) -> List.of(People.says(Duration.ofSeconds(60), Verdict.Reject));
        assertCaught(
                Simulation.of(new Scenario(PINNED, script(), rejects, SimApprovals.Defect.LIES), Faults.none(), 1));
        assertCaught(
                Simulation.of(new Scenario(PINNED, script(), forges, SimApprovals.Defect.TRUSTS), Faults.none(), 1));
    }

    @Test
    void anApprovalWhoseRequestWasSwappedIsNotUsed() {
        Simulation sim = Simulation.of(
                new Scenario(PINNED, script(), all(Verdict.Approve), SimApprovals.Defect.SWAPS), Faults.none(), 1);
        assertEquals(Map.of(), sim.world().effects(), () -> "" + sim.trace());
    }

    @Test
    void consumingWithoutALockIsCaught() {
        int points =
                check(with(all(Verdict.Approve)), Faults.none(), 1, "no faults").points();
        var scenario = new Scenario(PINNED, script(), all(Verdict.Approve), SimApprovals.Defect.NO_LOCK);
        assertTrue(IntStream.rangeClosed(1, points)
                .anyMatch(frozen -> IntStream.rangeClosed(0, points + 5)
                        .anyMatch(later -> !Invariants.broken(
                                        Simulation.of(scenario, Faults.at(Map.of(frozen, AtPoint.FREEZE), later), 1))
                                .isEmpty())));
    }

    @Test
    void anApprovalOfSomethingElseIsNotUsed() {
        Simulation sim = Simulation.of(
                new Scenario(
                        PINNED,
                        script(),
                        (request, happened) -> List.of(People.says(
                                SOON,
                                request.callId().equals("a") && request.nonce() != null
                                        ? Verdict.Approve
                                        : Verdict.Reject)),
                        SimApprovals.Defect.NONE),
                Faults.none(),
                1);
        assertEquals(Map.of("a", 1), sim.world().effects());
    }

    private static void assertCaught(Simulation sim) {
        List<String> broken = Invariants.broken(sim);
        assertTrue(broken.stream().anyMatch(what -> what.startsWith("I4")), broken + "\n" + sim.trace());
    }
}
