package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.ConcurrencyPolicy;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Counts;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import dev.wheelhouse.operator.domain.schedule.SimulatedCluster.SimulatedOperator;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Two operators at once, crashes between any two requests, caches that lag, clocks that jump both ways. Whatever
 * happens: one run a time, none at or before the last, none beside another where that is forbidden, every time
 * accounted for and every run counted once.
 */
class ScheduleSimulationTest {
    private static final Instant CREATED = Instant.parse("2026-03-28T20:00:10Z");

    @Property(tries = 600)
    void everyTimeIsDecidedOnce(
            @ForAll long seed,
            @ForAll ConcurrencyPolicy concurrency,
            @ForAll CatchUp catchUp,
            @ForAll boolean deadline,
            @ForAll @IntRange(max = 3) int history,
            @ForAll @IntRange(max = 40) int jitter) {
        if (catchUp == CatchUp.All
                && (concurrency == ConcurrencyPolicy.Forbid || concurrency == ConcurrencyPolicy.Replace)) {
            return;
        }
        var cluster = new SimulatedCluster(
                Specs.policy("*/7 * * * *", spec -> {
                    edit(spec, concurrency, catchUp, history, jitter);
                    if (deadline) {
                        spec.put("startingDeadlineSeconds", 900);
                    }
                }),
                CREATED,
                seed);
        storm(cluster);
        calm(cluster);
        assertEquals(List.of(), cluster.faults);
        assertAccounted(cluster);
        assertReasons(cluster.policy, cluster.recorded.counts());
    }

    /** Without an election only the names protect: still no time runs twice. */
    @Property(tries = 250)
    void oneRunATimeEvenWithTwoLeaders(@ForAll long seed, @ForAll ConcurrencyPolicy concurrency) {
        var cluster = new SimulatedCluster(
                Specs.policy("*/7 * * * *", spec -> edit(spec, concurrency, CatchUp.Latest, 2, 0)), CREATED, seed);
        cluster.elected = false;
        storm(cluster);
        calm(cluster);
        assertEquals(List.of(), cluster.faults);
    }

    @Property(tries = 150)
    void nothingIsLostThatIsMadeGood(@ForAll long seed) {
        var cluster = new SimulatedCluster(
                Specs.policy("*/30 * * * *", spec -> spec.put("catchUp", "All").put("catchUpLimit", 50)),
                CREATED,
                seed);
        cluster.refusals = false;
        storm(cluster);
        calm(cluster);
        assertEquals(List.of(), cluster.faults);
        var counts = cluster.recorded.counts();
        assertEquals(0, counts.missed().total(), () -> "missed " + cluster.recorded);
        assertEquals(times(cluster), counts.runs() + counts.skipped().total());
    }

    /** All in one month. Runs that came late, for a time already given up, are known to nobody until they are seen. */
    @Property(tries = 300)
    void theRunsTogetherCostNoMoreThanTheLimit(@ForAll long seed, @ForAll ConcurrencyPolicy concurrency) {
        var cluster = new SimulatedCluster(
                Specs.policy("*/7 * * * *", spec -> {
                    edit(spec, concurrency, CatchUp.Latest, 2, 0);
                    spec.putObject("spendLimit").put("costMicros", 100).put("period", "Month");
                }),
                Instant.parse("2026-03-05T20:00:10Z"),
                seed);
        cluster.limit = 30;
        storm(cluster);
        calm(cluster);
        assertEquals(List.of(), cluster.faults);
        long cost = cluster.ends.values().stream().mapToLong(Child::costMicros).sum();
        long late = 30L * cluster.lateCreations;
        assertTrue(cost <= 100 + late, () -> cost + " spent, of which " + late + " late; " + cluster.recorded);
    }

    /** Each run of a past period is started once, and its end and cost are counted once, whoever died when. */
    @Property(tries = 400)
    void aPastPeriodIsDoneOnceAndCountedOnce(
            @ForAll long seed, @ForAll ConcurrencyPolicy concurrency, @ForAll @IntRange(max = 3) int history) {
        var cluster = new SimulatedCluster(
                Specs.policy("*/7 * * * *", spec -> {
                    edit(spec, concurrency, CatchUp.Latest, history, 0);
                    spec.putObject("spendLimit").put("costMicros", 1_000_000).put("period", "Month");
                    spec.putObject("backfill")
                            .put("from", "2026-03-05T16:00:00Z")
                            .put("to", "2026-03-05T19:00:00Z");
                }),
                Instant.parse("2026-03-05T20:00:10Z"),
                seed);
        storm(cluster);
        calm(cluster);
        assertEquals(List.of(), cluster.faults);
        assertAccounted(cluster);
        long past = cluster.policy
                .timetable()
                .count(Instant.parse("2026-03-05T15:59:59Z"), Instant.parse("2026-03-05T18:59:59Z"), 100);
        assertTrue(cluster.recorded.backfill().complete());
        assertEquals(past, cluster.recorded.backfill().runs());
        assertEquals(past, cluster.recorded.counts().backfilled());
        long cost = cluster.ends.values().stream().mapToLong(Child::costMicros).sum();
        long uncounted = cost - cluster.recorded.spend().costMicros();
        assertTrue(
                uncounted >= 0 && uncounted <= cluster.limit * cluster.lateCreations,
                () -> "of " + cost + " are missing " + uncounted + "; " + cluster.lateCreations + " runs came late");
    }

    private static void edit(ObjectNode spec, ConcurrencyPolicy concurrency, CatchUp catchUp, int history, int jitter) {
        spec.put("concurrencyPolicy", concurrency.name())
                .put("catchUp", catchUp.name())
                .put("queueLimit", 3)
                .put("successfulRunsHistoryLimit", history)
                .put("failedRunsHistoryLimit", history)
                .put("jitterSeconds", jitter);
    }

    private static void storm(SimulatedCluster cluster) {
        var random = cluster.random;
        for (int i = 0; i < 150; i++) {
            SimulatedOperator operator = cluster.operators[random.nextInt(2)];
            switch (random.nextInt(10)) {
                case 0 -> cluster.time = cluster.time.plusSeconds(random.nextInt(3000));
                case 1 -> cluster.time = cluster.time.plusSeconds(random.nextInt(120));
                case 2 -> operator.skew = Duration.ofMinutes(random.nextInt(60) - 30);
                case 3 -> operator.seeSchedule();
                case 4 -> operator.seeRuns();
                case 5 -> cluster.endOne();
                default -> operator.round();
            }
        }
    }

    /** The storm is over: clocks are right, caches current, and the clock is past what a fast one fired ahead. */
    private static void calm(SimulatedCluster cluster) {
        cluster.time = cluster.time.plus(Duration.ofHours(1));
        for (int i = 0; i < 150; i++) {
            for (SimulatedOperator operator : cluster.operators) {
                operator.skew = Duration.ZERO;
                operator.seeSchedule();
                operator.seeRuns();
                operator.round();
            }
            cluster.endAll();
        }
    }

    private static void assertAccounted(SimulatedCluster cluster) {
        ScheduleState state = cluster.recorded;
        assertEquals(List.of(), state.active(), "all ended runs have left the books");
        assertAddUp(state.counts().missed());
        assertAddUp(state.counts().skipped());
        long succeeded = cluster.ends.values().stream()
                .filter(run -> run.end() == End.SUCCEEDED)
                .count();
        long failed = cluster.ends.values().stream()
                .filter(run -> run.end() == End.FAILED)
                .count();
        long uncounted =
                succeeded + failed - state.counts().succeeded() - state.counts().failed();
        assertTrue(
                uncounted >= 0 && uncounted <= cluster.lateCreations,
                () -> uncounted + " ends are not counted, " + cluster.lateCreations + " runs came late");
        long decided = state.counts().runs()
                + state.counts().skipped().total()
                + state.counts().missed().total();
        assertTrue(decided >= times(cluster), () -> "of " + times(cluster) + " times " + decided + " are decided");
        assertTrue(
                decided <= times(cluster) + cluster.lateCreations,
                () -> "of " + times(cluster) + " times some are decided twice: " + state.counts());
        assertTrue(
                state.counts().runs() <= cluster.creations,
                () -> state.counts().runs() + " counted, " + cluster.creations + " created");
    }

    private static void assertAddUp(Tally<?> tally) {
        assertEquals(
                tally.total(),
                tally.reasons().values().stream().mapToLong(Long::longValue).sum(),
                tally::toString);
    }

    /** Only those that the spec gives cause for. */
    private static void assertReasons(Policy policy, Counts counts) {
        var missed = EnumSet.of(
                MissReason.Overtaken,
                policy.catchUp() == CatchUp.All ? MissReason.CatchUpLimit : MissReason.NotCaughtUp);
        var skipped = EnumSet.of(Reason.NotAllowed);
        if (policy.deadline() != null) {
            missed.add(MissReason.TooLate);
        }
        switch (policy.concurrency()) {
            case Allow -> skipped.add(Reason.ActiveLimit);
            case Forbid -> skipped.add(Reason.RunActive);
            case Replace -> {}
            case Queue -> {
                skipped.add(Reason.QueueFull);
                if (policy.deadline() != null) {
                    missed.add(MissReason.QueuedTooLong);
                }
            }
        }
        assertTrue(missed.containsAll(counts.missed().reasons().keySet()), counts::toString);
        assertTrue(skipped.containsAll(counts.skipped().reasons().keySet()), counts::toString);
    }

    private static long times(SimulatedCluster cluster) {
        return cluster.policy.timetable().count(cluster.created, cluster.recorded.decidedUntil(), 100_000);
    }
}
