package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.ConcurrencyPolicy;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.OnResume;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.Period;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A Schedule's spec, read and with its defaults: what the decisions go by. Null stands for no limit.
 *
 * @param jitter how late each start is
 */
public record Policy(
        Timetable timetable,
        boolean suspend,
        OnResume onResume,
        ConcurrencyPolicy concurrency,
        int queueLimit,
        Duration deadline,
        CatchUp catchUp,
        int catchUpLimit,
        Duration jitter,
        History history,
        Long maxRuns,
        Integer stopAfterFailures,
        Long stopAfterSuccesses,
        SpendLimit spendLimit,
        Span backfill,
        InputTemplate input) {

    /** Ceiling of cost in a calendar period. */
    public record SpendLimit(long costMicros, Period period) {}

    /** From (inclusive) to (exclusive). */
    public record Span(Instant from, Instant to) {}

    /**
     * Reads a spec.
     *
     * @param uid of the Schedule; the jitter is drawn from it
     * @throws InvalidScheduleException with the field and the fix
     */
    public static Policy of(ScheduleSpec spec, String uid) {
        var concurrency = or(spec.concurrencyPolicy(), ConcurrencyPolicy.Allow);
        var catchUp = or(spec.catchUp(), CatchUp.Latest);
        if (catchUp == CatchUp.All
                && (concurrency == ConcurrencyPolicy.Forbid || concurrency == ConcurrencyPolicy.Replace)) {
            throw new InvalidScheduleException(
                    InvalidScheduleException.Reason.InvalidSchedule,
                    "spec.catchUp All needs spec.concurrencyPolicy Allow or Queue");
        }
        return new Policy(
                Timetable.of(spec),
                or(spec.suspend(), false),
                or(spec.onResume(), OnResume.Skip),
                concurrency,
                or(spec.queueLimit(), 10),
                spec.startingDeadlineSeconds() == null ? null : Duration.ofSeconds(spec.startingDeadlineSeconds()),
                catchUp,
                or(spec.catchUpLimit(), 10),
                jitter(uid, or(spec.jitterSeconds(), 0)),
                new History(
                        or(spec.successfulRunsHistoryLimit(), 3),
                        or(spec.failedRunsHistoryLimit(), 1),
                        spec.ttlSecondsAfterFinished() == null
                                ? null
                                : Duration.ofSeconds(spec.ttlSecondsAfterFinished())),
                spec.maxRuns(),
                spec.stopAfter() == null ? null : spec.stopAfter().failures(),
                spec.stopAfter() == null ? null : spec.stopAfter().successes(),
                spec.spendLimit() == null
                        ? null
                        : new SpendLimit(
                                spec.spendLimit().costMicros(),
                                or(spec.spendLimit().period(), Period.Day)),
                spec.backfill() == null
                        ? null
                        : new Span(
                                Times.parse(
                                        "spec.backfill.from", spec.backfill().from()),
                                Times.parse("spec.backfill.to", spec.backfill().to())),
                InputTemplate.of(spec.runTemplate().spec().input()));
    }

    /** Seconds from 0 to {@code limit}, the same for a UID for ever. */
    static Duration jitter(String uid, int limit) {
        // A UUID's digits are random already; its hash code is specified and spreads them.
        return Duration.ofSeconds(Math.floorMod(uid.hashCode(), limit + 1));
    }

    /** Start of the calendar period of {@code time} for the spend limit. */
    Optional<Instant> periodStart(Instant time) {
        return Optional.ofNullable(spendLimit)
                .map(limit -> Spending.periodStart(limit.period(), time, timetable.zone()));
    }

    private static <T> T or(T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
