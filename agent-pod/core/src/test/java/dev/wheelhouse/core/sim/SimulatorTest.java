package dev.wheelhouse.core.sim;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.model;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.sim.Faults.AtPoint;
import dev.wheelhouse.core.sim.Simulation.Scenario;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The whole core in a simulated cluster where everything goes wrong. A failure prints the seed and the trace. */
class SimulatorTest {
    private static final long RANDOM_RUNS = Long.getLong("wheelhouse.sim.runs", 600);
    private static final long FIRST_SEED = Long.getLong("wheelhouse.sim.seed", 1);

    private static final List<PinnedTool> TOOLS = List.of(
            tool("pay", EffectClass.AT_MOST_ONCE),
            tool("note", EffectClass.IDEMPOTENT),
            tool("read", EffectClass.READ_ONLY),
            tool("ask", EffectClass.RECONCILABLE));

    private static final Limits ROOMY = new Limits(50, 200, 1_000_000L, 10_000_000L, null, 5, 5, 3);

    private static Script script() {
        return new Script(
                calls(call("a", "pay", "{\"to\":\"bob\"}"), call("b", "note", "{\"n\":1}")),
                calls(call("c", "read", "{}"), call("d", "ask", "{\"what\":\"?\"}")),
                says("done"));
    }

    private static Scenario threeSteps(Limits limits) {
        return new Scenario(Specs.run(List.of(model("m", 4), model("fallback", 3)), TOOLS, limits, null), script());
    }

    private static Scenario threeSteps() {
        return threeSteps(ROOMY);
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
        return sim;
    }

    private static int pointsWithoutFaults() {
        return check(threeSteps(), Faults.none(), 1, "no faults").points();
    }

    @Test
    void withoutFaultsEverythingHappensOnce() {
        Simulation sim = check(threeSteps(), Faults.none(), 1, "no faults");
        assertEquals(
                "done", assertInstanceOf(RunEnd.Completed.class, sim.lastEnd()).result());
        assertEquals(Map.of("a", 1, "b", 1, "d", 1), sim.world().effects());
        assertEquals(3, sim.world().modelCalls());
        assertEquals(2, sim.processes(), "the run held no process while its child ran");
    }

    @Test
    void aCrashAtAnyPoint() {
        IntStream.rangeClosed(1, pointsWithoutFaults()).forEach(point -> {
            Simulation sim = check(threeSteps(), Faults.at(Map.of(point, AtPoint.CRASH), 0), 1, "crash at " + point);
            assertTrue(sim.world().modelCalls() <= 4, "one more model call for one crash, at most");
        });
    }

    @Test
    void crashesAtAnyTwoPoints() {
        int points = pointsWithoutFaults() + 10;
        IntStream.rangeClosed(1, points)
                .parallel()
                .forEach(first -> IntStream.rangeClosed(first + 1, points + 10)
                        .forEach(second -> check(
                                threeSteps(),
                                Faults.at(Map.of(first, AtPoint.CRASH, second, AtPoint.CRASH), 0),
                                1,
                                "crashes at " + first + " and " + second)));
    }

    @Test
    void aZombieThatWakesAtAnyPointAfterTheTakeover() {
        int points = pointsWithoutFaults();
        IntStream.rangeClosed(1, points)
                .parallel()
                .forEach(frozen -> IntStream.rangeClosed(0, points + 5)
                        .forEach(later -> check(
                                threeSteps(),
                                Faults.at(Map.of(frozen, AtPoint.FREEZE), later),
                                1,
                                "frozen at " + frozen + " for " + later + " points")));
    }

    @Test
    void twoZombies() {
        int points = pointsWithoutFaults();
        IntStream.rangeClosed(1, points)
                .parallel()
                .forEach(first -> IntStream.rangeClosed(first + 1, points + 10)
                        .filter(second -> (second - first) % 3 == 0)
                        .forEach(second -> check(
                                threeSteps(),
                                Faults.at(Map.of(first, AtPoint.FREEZE, second, AtPoint.FREEZE), 7),
                                1,
                                "frozen at " + first + " and " + second)));
    }

    @Test
    void aStoreThatFailsAtAnyCallBeforeACrashAtAnyPoint() {
        Simulation sound = check(threeSteps(), Faults.none(), 1, "no faults");
        for (Faults.InStore fault : EnumSet.complementOf(EnumSet.of(Faults.InStore.NOTHING))) {
            IntStream.rangeClosed(1, sound.store().calls()).parallel().forEach(faulty -> {
                Simulation sim = check(
                        threeSteps(), Faults.store(faulty, fault, Map.of()), 1, fault + " at store call " + faulty);
                assertInstanceOf(RunEnd.Completed.class, sim.lastEnd(), fault + " at store call " + faulty);
                assertEquals(2, sim.processes(), "a store that fails once costs no process");
                IntStream.rangeClosed(1, sound.points())
                        .filter(point -> fault == Faults.InStore.REPLY_LOST || fault == Faults.InStore.LATE)
                        .forEach(point -> check(
                                threeSteps(),
                                Faults.store(faulty, fault, Map.of(point, AtPoint.CRASH)),
                                1,
                                fault + " at store call " + faulty + ", crash at " + point));
            });
        }
    }

    @Test
    void drainingAtAnyPointLeavesNothingInDoubt() {
        IntStream.rangeClosed(1, pointsWithoutFaults()).forEach(point -> {
            Simulation sim = check(threeSteps(), Faults.at(Map.of(point, AtPoint.DRAIN), 0), 1, "drain at " + point);
            assertInstanceOf(RunEnd.Completed.class, sim.lastEnd(), "drain at " + point);
            assertEquals(1, sim.world().effects().get("a"));
        });
    }

    @Test
    void cancellingAtAnyPointRecordsWhatHappened() {
        int points = pointsWithoutFaults();
        IntStream.rangeClosed(1, points).forEach(point -> {
            Simulation sim = check(threeSteps(), Faults.at(Map.of(point, AtPoint.CANCEL), 0), 1, "cancel at " + point);
            boolean tooLate = sim.lastEnd() instanceof RunEnd.Completed;
            assertTrue(tooLate || sim.lastEnd() instanceof RunEnd.Cancelled, "cancel at " + point);
            assertTrue(!tooLate || point >= points - 2, "cancel at " + point + " came in time");
        });
    }

    @Test
    void anythingAtAnyTime() {
        LongStream.range(FIRST_SEED, FIRST_SEED + RANDOM_RUNS).parallel().forEach(seed -> {
            Random random = new Random(~seed);
            check(threeSteps(), Faults.random(random, random.nextInt(20, 300), true), seed, "random");
        });
    }

    @Test
    void aTightBudgetIsNeverOvershot() {
        LongStream.range(FIRST_SEED, FIRST_SEED + RANDOM_RUNS / 3).parallel().forEach(seed -> {
            Random random = new Random(~seed);
            Limits tight =
                    new Limits(50, 200, random.nextLong(500, 12_000), random.nextLong(500, 20_000), null, 5, 5, 3);
            check(threeSteps(tight), Faults.random(random, 150, false), seed, "tight budget " + tight);
        });
    }

    @Test
    void wallTimeEndsTheRunWhateverHappens() {
        LongStream.range(FIRST_SEED, FIRST_SEED + RANDOM_RUNS / 6).parallel().forEach(seed -> {
            Random random = new Random(~seed);
            Limits limits = new Limits(50, 200, null, null, Duration.ofSeconds(random.nextInt(1, 60)), 5, 5, 3);
            check(threeSteps(limits), Faults.random(random, 100, false), seed, "wall time");
        });
    }

    @Test
    void anEffectBeforeItsIntentIsCaught() {
        var broken =
                new Scenario(threeSteps().pinned(), script(), Harness.standard(), SimStore.Defect.ACKNOWLEDGES_EARLY);
        Simulation sim = Simulation.of(broken, Faults.none(), 1);
        assertCaught("I2", sim);
    }

    @Test
    void aRetryOfWhatMayHappenOnceIsCaught() {
        var standard = Harness.standard();
        var blind = new Harness(List.of((state, step, now) -> retried(standard.next(state, now))));
        var broken = new Scenario(threeSteps().pinned(), script(), blind, SimStore.Defect.NONE);
        boolean caught = IntStream.rangeClosed(1, pointsWithoutFaults())
                .mapToObj(point -> Simulation.of(broken, Faults.at(Map.of(point, AtPoint.CRASH), 0), 1))
                .anyMatch(sim -> Invariants.broken(sim).stream().anyMatch(what -> what.startsWith("I3")));
        assertTrue(caught);
    }

    private static Step retried(Step step) {
        if (!(step instanceof Step.CallTools(var planned))) {
            return step;
        }
        return new Step.CallTools(planned.stream()
                .map(plan -> plan instanceof Step.Planned.Doubt doubt
                        ? new Step.Planned.Execute(
                                doubt.asked(),
                                TOOLS.getFirst(),
                                TOOLS.getFirst().bound(),
                                2,
                                "blindly",
                                null,
                                Duration.ZERO)
                        : plan)
                .toList());
    }

    @Test
    void aStoreThatDoesNotFenceIsCaught() {
        var broken = new Scenario(threeSteps().pinned(), script(), Harness.standard(), SimStore.Defect.DOES_NOT_FENCE);
        boolean caught = IntStream.rangeClosed(1, pointsWithoutFaults())
                .mapToObj(point -> Simulation.of(broken, Faults.at(Map.of(point, AtPoint.FREEZE), 9), 1))
                .anyMatch(sim -> !Invariants.broken(sim).isEmpty());
        assertTrue(caught);
    }

    private static void assertCaught(String invariant, Simulation sim) {
        List<String> broken = Invariants.broken(sim);
        assertTrue(broken.stream().anyMatch(what -> what.startsWith(invariant)), broken.toString());
    }

    @Test
    void anUndecidableCallWaitsForAPerson() {
        int points = pointsWithoutFaults();
        List<Simulation> doubtful = IntStream.rangeClosed(1, points)
                .mapToObj(point -> Simulation.of(threeSteps(), Faults.at(Map.of(point, AtPoint.CRASH), 0), 1))
                .filter(sim -> sim.lastEnd() instanceof RunEnd.Waiting waiting
                        && waiting.reason() instanceof WaitReason.ForApprovals)
                .toList();
        assertFalse(doubtful.isEmpty(), "a crash after the effect and before its record cannot be decided");
        doubtful.forEach(sim -> {
            var waiting = assertInstanceOf(RunEnd.Waiting.class, sim.lastEnd());
            assertTrue(((WaitReason.ForApprovals) waiting.reason()).summary().contains("Did pay("));
        });
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed < 30; seed++) {
            Simulation one = Simulation.of(threeSteps(), Faults.random(new Random(seed), 100, true), seed);
            Simulation two = Simulation.of(threeSteps(), Faults.random(new Random(seed), 100, true), seed);
            assertEquals(one.trace(), two.trace());
        }
    }
}
