package dev.wheelhouse.core.sim;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.sim.Faults.AtPoint;
import dev.wheelhouse.core.sim.Simulation.Scenario;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong, a request of a command leaves only after its record, and nobody waits for ever to hear. */
class EgressSimulatorTest {
    private static final long RANDOM_RUNS = Long.getLong("wheelhouse.sim.runs", 600) / 2;

    private static Scenario scenario(SimStore.Defect defect) {
        var script = new Script(
                calls(call("a", "fetch", "{}"), call("b", "fetch", "{}"), call("c", "read", "{}")),
                calls(call("d", "fetch", "{}")),
                says("done"));
        return new Scenario(
                Specs.run(tool("fetch", EffectClass.IDEMPOTENT), tool("read", EffectClass.READ_ONLY)),
                script,
                Harness.standard(),
                defect);
    }

    private static Simulation check(Faults faults, long seed, String what) {
        Simulation sim = Simulation.of(scenario(SimStore.Defect.NONE), faults, seed);
        List<String> broken = Invariants.broken(sim);
        assertTrue(
                broken.isEmpty(),
                () -> "seed " + seed + ", " + what + ": " + broken + "\n" + String.join("\n", sim.trace()));
        return sim;
    }

    private static int points() {
        return check(Faults.none(), 1, "no faults").points();
    }

    @Test
    void withoutFaultsEveryRequestLeaves() {
        Simulation sim = check(Faults.none(), 1, "no faults");
        assertInstanceOf(RunEnd.Completed.class, sim.lastEnd());
        assertEquals(6, sim.world().left().size());
        assertEquals(0, sim.world().refused());
    }

    @Test
    void aCrashAtAnyPoint() {
        IntStream.rangeClosed(1, points())
                .parallel()
                .forEach(point -> check(Faults.at(Map.of(point, AtPoint.CRASH), 0), 1, "crash at " + point));
    }

    @Test
    void aZombieIsRefusedWhenItAnnounces() {
        int points = points();
        int refused = IntStream.rangeClosed(1, points)
                .parallel()
                .map(frozen -> IntStream.rangeClosed(0, points)
                        .filter(later -> (later + frozen) % 4 == 0)
                        .map(later -> check(
                                        Faults.at(Map.of(frozen, AtPoint.FREEZE), later),
                                        1,
                                        "frozen at " + frozen + " for " + later)
                                .world()
                                .refused())
                        .sum())
                .sum();
        assertTrue(refused > 0, "some announcements come from a process that lost the run");
    }

    @Test
    void anythingAtAnyTime() {
        LongStream.rangeClosed(1, RANDOM_RUNS).parallel().forEach(seed -> {
            Random random = new Random(~seed);
            check(Faults.random(random, random.nextInt(20, 300), true), seed, "random");
        });
    }

    @Test
    void aRequestBeforeItsRecordIsCaught() {
        boolean caught = LongStream.rangeClosed(1, 30)
                .mapToObj(seed -> Simulation.of(scenario(SimStore.Defect.ACKNOWLEDGES_EARLY), Faults.none(), seed))
                .anyMatch(sim -> Invariants.broken(sim).stream().anyMatch(what -> what.startsWith("I2 every request")));
        assertTrue(caught);
    }
}
