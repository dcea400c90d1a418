package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a Schedule remembers, kept in its status. Null stands for never.
 *
 * @param decidedUntil every time up to this one is decided; never goes back
 * @param active runs started and not yet accounted for; each enters once and leaves once
 * @param queue times accepted and waiting for their turn, oldest first
 * @param halted whether the Schedule was suspended, by its spec or by failures, when last looked at
 * @param complete whether no more times were to come when last looked at
 * @param generation of the spec last looked at
 * @param timetable digest of the times last looked at
 */
public record ScheduleState(
        Instant decidedUntil,
        List<Active> active,
        List<Instant> queue,
        Instant lastScheduled,
        Instant lastSuccessful,
        Instant lastMissed,
        Instant lastFailure,
        Counts counts,
        int consecutiveFailures,
        Skip lastSkip,
        Spend spend,
        Backfill backfill,
        String lastResult,
        boolean halted,
        boolean complete,
        long generation,
        String timetable) {

    /** A run not yet accounted for, with the micro-dollars set aside for it. */
    public record Active(String name, String uid, long reservedMicros) {}

    /** Counts since the creation. {@code backfilled} is also the number of the last run of a backfill that is recorded. */
    public record Counts(
            long runs, long backfilled, long succeeded, long failed, Tally<MissReason> missed, Tally<Reason> skipped) {
        /** None yet. */
        public static final Counts NONE = new Counts(0, 0, 0, 0, Tally.none(), Tally.none());

        Counts started() {
            return new Counts(runs + 1, backfilled, succeeded, failed, missed, skipped);
        }

        Counts startedByBackfill() {
            return new Counts(runs, backfilled + 1, succeeded, failed, missed, skipped);
        }

        Counts successful() {
            return new Counts(runs, backfilled, succeeded + 1, failed, missed, skipped);
        }

        Counts unsuccessful() {
            return new Counts(runs, backfilled, succeeded, failed + 1, missed, skipped);
        }

        Counts missed(MissReason reason, int times) {
            return new Counts(runs, backfilled, succeeded, failed, missed.plus(reason, times), skipped);
        }

        Counts skipped(Reason reason, int times) {
            return new Counts(runs, backfilled, succeeded, failed, missed, skipped.plus(reason, times));
        }
    }

    /** A time that was not run, and why. */
    public record Skip(Instant time, Reason reason, String message) {}

    /** Why a time was not run. */
    public enum Reason {
        RunActive,
        QueueFull,
        ActiveLimit,
        Suspended,
        NotAllowed,
        SpendLimit,
        RepeatedFailures,
        NameConflict,
        InvalidRun
    }

    /** Why a time was missed: nobody decided against it, it was lost. */
    public enum MissReason {
        /** {@code startingDeadlineSeconds} had passed before it could start. */
        TooLate,
        /** It waited in the queue until {@code startingDeadlineSeconds} had passed. */
        QueuedTooLong,
        /** {@code catchUp} None or Latest, or {@code onResume} RunLatest, does not make it good. */
        NotCaughtUp,
        /** {@code catchUp} All makes good only so many, and later ones were enough. */
        CatchUpLimit,
        /** A later time has its run, of an operator that died before it recorded what it had decided on this one. */
        Overtaken
    }

    /** Cost of the period that began at {@code start}. */
    public record Spend(Instant start, long costMicros) {}

    /** Progress of a backfill; {@code doneUntil} is null before its first time, {@code waits} while it goes on. */
    public record Backfill(Instant from, Instant to, Instant doneUntil, long runs, boolean complete, String waits) {}

    /** A Schedule that was just created: nothing at or before its creation fires. */
    public static ScheduleState created(Instant at, String timetable, long generation) {
        return new ScheduleState(
                at,
                List.of(),
                List.of(),
                null,
                null,
                null,
                null,
                Counts.NONE,
                0,
                null,
                null,
                null,
                null,
                false,
                false,
                generation,
                timetable);
    }

    /** After the run for {@code slot} was started, or found to have been started before. */
    public ScheduleState started(Instant slot, Active run) {
        return edit().decided(slot)
                .active(with(active, run))
                .queue(queue.stream().filter(time -> time.isAfter(slot)).toList())
                .lastScheduled(slot)
                .counts(counts.started())
                .done();
    }

    /** After it was decided not to run {@code slot}. */
    public ScheduleState skipped(Instant slot, Reason reason, String message) {
        return skipped(slot, reason, message, 1);
    }

    ScheduleState skipped(Instant slot, Reason reason, String message, int times) {
        return edit().decided(slot)
                .queue(queue.stream()
                        .filter(time -> time.isAfter(slot) || reason == Reason.QueueFull)
                        .toList())
                .lastSkip(new Skip(slot, reason, message))
                .counts(counts.skipped(reason, times))
                .done();
    }

    ScheduleState missed(Instant latest, MissReason reason, int times) {
        return edit().decided(latest)
                .lastMissed(latest)
                .counts(counts.missed(reason, times))
                .done();
    }

    ScheduleState enqueued(Instant slot) {
        return edit().decided(slot).queue(with(queue, slot)).done();
    }

    /** After the backfill dealt with {@code slot}; {@code run} is null if it started none. */
    public ScheduleState backfilled(Instant slot, Active run) {
        var progress = new Backfill(
                backfill.from, backfill.to, slot, backfill.runs + (run == null ? 0 : 1), backfill.complete, null);
        ScheduleState booked = run == null ? this : startedByBackfill(run);
        return booked.edit().backfill(progress).done();
    }

    /** After a run of a backfill was started, or found that nobody has recorded. */
    ScheduleState startedByBackfill(Active run) {
        return edit().active(with(active, run))
                .counts(counts.startedByBackfill())
                .done();
    }

    /** The number that the next run of a backfill has. */
    public long nextBackfillNumber() {
        return counts.backfilled + 1;
    }

    /** After the backfill could not go on; it tries the same time again. */
    ScheduleState backfillWaits(String why) {
        return edit().backfill(new Backfill(
                        backfill.from, backfill.to, backfill.doneUntil, backfill.runs, backfill.complete, why))
                .done();
    }

    /** Micro-dollars set aside for runs that are not accounted for. */
    long reservedMicros() {
        return active.stream().mapToLong(Active::reservedMicros).sum();
    }

    StateEdit edit() {
        return new StateEdit(this);
    }

    private static <T> List<T> with(List<T> list, T added) {
        var longer = new ArrayList<>(list);
        longer.add(added);
        return List.copyOf(longer);
    }
}
