package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Times that have come and are not decided: those to run, oldest first, and the older ones that are lost. What it
 * costs to find them does not depend on how long nobody looked.
 *
 * @param run times to run
 * @param missed how many are lost, counted up to {@link #MAX_COUNTED}
 * @param lastMissed the latest of them; null if there is none
 */
record DueTimes(List<Instant> run, int missed, Instant lastMissed) {
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
        Instant border = decided;
        if (policy.deadline() != null) {
            // Whole seconds: with a deadline of 0 a run may still start within its second.
            border = later(border, now.minus(policy.deadline()).minusSeconds(1));
        }
        if (catchUp == CatchUp.None) {
            border = later(border, now.minus(IN_TIME).minusSeconds(1));
        }
        int limit = catchUp == CatchUp.All ? policy.catchUpLimit() : 1;
        List<Instant> run = timetable.last(border, now, limit);
        Instant lost = run.isEmpty() ? now : run.getFirst().minusNanos(1);
        Instant lastMissed = timetable.previous(lost, decided).orElse(null);
        int missed = lastMissed == null ? 0 : timetable.count(decided, lastMissed, MAX_COUNTED);
        return new DueTimes(run, missed, lastMissed);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
