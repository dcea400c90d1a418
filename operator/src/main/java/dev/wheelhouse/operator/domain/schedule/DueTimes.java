package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Times that have come and are not decided: those to run, oldest first, and the older ones that are lost. What it
 * costs to find them does not depend on how long nobody looked.
 *
 * @param run times to run
 * @param missed how many are lost, and why; counted up to {@link #MAX_COUNTED} in all
 * @param lastMissed the latest of them; null if there is none
 */
record DueTimes(List<Instant> run, Map<MissReason, Integer> missed, Instant lastMissed) {
    /** More lost times than this are not counted one by one. */
    static final int MAX_COUNTED = 1000;
    /** With {@link CatchUp#None}, what counts as in time: a change of leaders or a rollout takes less. */
    static final Duration IN_TIME = Duration.ofSeconds(60);

    /**
     * Looks at the times after {@code decided} until {@code now}, which is the clock less the jitter.
     *
     * @param catchUp the policy's, or another after a suspension
     */
    static DueTimes find(Policy policy, CatchUp catchUp, Instant decided, Instant now) {
        Timetable timetable = policy.timetable();
        // Whole seconds: with a deadline of 0 a run may still start within its second.
        Instant tooLate = policy.deadline() == null
                ? decided
                : later(decided, now.minus(policy.deadline()).minusSeconds(1));
        Instant border =
                catchUp == CatchUp.None ? later(tooLate, now.minus(IN_TIME).minusSeconds(1)) : tooLate;
        int limit = catchUp == CatchUp.All ? policy.catchUpLimit() : 1;
        List<Instant> run = timetable.last(border, now, limit);
        Instant lost = run.isEmpty() ? now : run.getFirst().minusNanos(1);
        Instant lastMissed = timetable.previous(lost, decided).orElse(null);
        var missed = new EnumMap<MissReason, Integer>(MissReason.class);
        if (lastMissed != null) {
            // What is too late is lost whatever catchUp says: that comes first.
            int late = timetable.count(decided, tooLate, MAX_COUNTED);
            put(missed, MissReason.TooLate, late);
            put(missed, notMadeGood(catchUp), timetable.count(tooLate, lastMissed, MAX_COUNTED - late));
        }
        return new DueTimes(run, missed, lastMissed);
    }

    private static MissReason notMadeGood(CatchUp catchUp) {
        return switch (catchUp) {
            case None, Latest -> MissReason.NotCaughtUp;
            case All -> MissReason.CatchUpLimit;
        };
    }

    private static void put(Map<MissReason, Integer> missed, MissReason reason, int times) {
        if (times > 0) {
            missed.put(reason, times);
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
