package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.OnResume;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Backfill;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What to do with a Schedule now. The caller starts the runs it is told to, under their names, folds what came of
 * each into the state ({@link ScheduleState#started}, {@link ScheduleState#skipped}, {@link ScheduleState#backfilled})
 * and records it with a locked write. Doing the same twice, or stopping anywhere, is harmless: the name of a run is
 * the lock of its time, and a time is only forgotten once it is recorded.
 */
public final class ScheduleMachine {
    /** More unfinished runs of one Schedule are not started. */
    public static final int MAX_ACTIVE = 50;

    /**
     * @param state to record, with what became of {@code start} and {@code backfill} folded in
     * @param start times to start a run for now, oldest first
     * @param cancel runs to cancel
     * @param backfill time of the backfill to start a run for now; null if none
     */
    public record Decision(ScheduleState state, List<Instant> start, List<Child> cancel, Instant backfill) {}

    private ScheduleMachine() {}

    /**
     * Decides.
     *
     * @param children all runs that the Schedule owns; one that is in {@code active} and not here is gone
     * @param now clock of the operator; it may jump, both ways
     * @param generation of the spec
     */
    public static Decision decide(
            Policy policy, ScheduleState state, Collection<Child> children, Instant now, long generation) {
        ScheduleState current = observe(policy, Ledger.settle(policy, state, children), now, generation);
        Optional<Reason> halt = halted(policy, current);
        if (halt.isPresent()) {
            return new Decision(current.edit().halted(true).done(), List.of(), List.of(), null);
        }
        List<Child> unfinished =
                children.stream().filter(child -> !child.finished()).toList();
        Decision timed = timed(policy, current, of(unfinished, Origin.TIME), now);
        return withBackfill(policy, timed, of(unfinished, Origin.BACKFILL), now);
    }

    /** Why the Schedule starts nothing although it is not complete: suspended by its spec, or after failures. */
    public static Optional<Reason> halted(Policy policy, ScheduleState state) {
        if (policy.suspend()) {
            return Optional.of(Reason.Suspended);
        }
        Integer limit = policy.stopAfterFailures();
        return limit != null && state.consecutiveFailures() >= limit
                ? Optional.of(Reason.RepeatedFailures)
                : Optional.empty();
    }

    /** Whether no more runs will come by time. */
    static boolean complete(Policy policy, ScheduleState state) {
        return exhausted(policy, state)
                || state.queue().isEmpty()
                        && policy.timetable().next(state.decidedUntil()).isEmpty();
    }

    /** Whether as many runs were started, or succeeded, as were wanted. */
    static boolean exhausted(Policy policy, ScheduleState state) {
        return policy.maxRuns() != null && state.counts().runs() >= policy.maxRuns()
                || policy.stopAfterSuccesses() != null && state.counts().succeeded() >= policy.stopAfterSuccesses();
    }

    /**
     * Other times begin afresh from now: what the old ones left undone is not made good under the new ones. So does a
     * Schedule that was complete and gets more: what passed after its end was none of its times.
     */
    private static ScheduleState observe(Policy policy, ScheduleState state, Instant now, long generation) {
        StateEdit edit = state.edit().timetable(policy.timetable().digest()).generation(generation);
        if (!policy.timetable().digest().equals(state.timetable())) {
            edit.decided(now.minus(policy.jitter())).queue(List.of());
        }
        if (generation != state.generation()) {
            edit.consecutiveFailures(0);
            if (state.complete()) {
                edit.decided(now.minus(policy.jitter()));
            }
        }
        return edit.done();
    }

    private static Decision timed(Policy policy, ScheduleState state, List<Child> unfinished, Instant now) {
        if (exhausted(policy, state)) {
            return nothing(state.edit().halted(false).queue(List.of()).done());
        }
        Instant clock = now.minus(policy.jitter());
        boolean resumed = state.halted();
        ScheduleState awake = state.edit().halted(false).done();
        if (resumed && policy.onResume() == OnResume.Skip) {
            return start(policy, passedOver(policy, awake, clock), List.of(), unfinished, clock);
        }
        var due = DueTimes.find(policy, resumed ? CatchUp.Latest : policy.catchUp(), awake.decidedUntil(), clock);
        ScheduleState left = awake;
        for (var lost : due.missed().entrySet()) {
            left = left.missed(due.lastMissed(), lost.getKey(), lost.getValue());
        }
        return start(policy, left, due.run(), unfinished, clock);
    }

    private static ScheduleState passedOver(Policy policy, ScheduleState state, Instant clock) {
        Optional<Instant> last = policy.timetable().previous(clock, state.decidedUntil());
        if (last.isEmpty()) {
            return state;
        }
        int times = policy.timetable().count(state.decidedUntil(), last.get(), DueTimes.MAX_COUNTED);
        return state.skipped(
                last.get(), Reason.Suspended, "passed while the Schedule was suspended (spec.onResume: Skip)", times);
    }

    private static Decision start(
            Policy policy, ScheduleState state, List<Instant> due, List<Child> unfinished, Instant clock) {
        return switch (policy.concurrency()) {
            case Allow -> allow(policy, state, due, unfinished);
            case Forbid -> forbid(policy, state, due, unfinished);
            case Replace -> replace(policy, state, due, unfinished);
            case Queue -> queue(policy, state, due, unfinished, clock);
        };
    }

    private static Decision allow(Policy policy, ScheduleState state, List<Instant> due, List<Child> unfinished) {
        // Those of a backfill are in the books too, and these have only so many lines.
        int room = MAX_ACTIVE - Math.max(unfinished.size(), state.active().size());
        if (room > 0) {
            // Times beyond the room stay undecided until these are recorded: order is kept.
            return starting(policy, state, due.subList(0, Math.min(room, due.size())));
        }
        ScheduleState left = state;
        for (Instant slot : due) {
            left = left.skipped(slot, Reason.ActiveLimit, MAX_ACTIVE + " runs of this Schedule are unfinished");
        }
        return nothing(left);
    }

    private static Decision forbid(Policy policy, ScheduleState state, List<Instant> due, List<Child> unfinished) {
        if (unfinished.isEmpty()) {
            return starting(policy, state, due);
        }
        ScheduleState left = state;
        for (Instant slot : due) {
            left = left.skipped(
                    slot,
                    Reason.RunActive,
                    "Run " + unfinished.getFirst().name() + " is unfinished (spec.concurrencyPolicy: Forbid)");
        }
        return nothing(left);
    }

    private static Decision replace(Policy policy, ScheduleState state, List<Instant> due, List<Child> unfinished) {
        if (due.isEmpty() || unfinished.isEmpty()) {
            return starting(policy, state, due);
        }
        List<Child> cancel =
                unfinished.stream().filter(child -> !child.cancelling()).toList();
        return new Decision(state, List.of(), cancel, null);
    }

    private static Decision queue(
            Policy policy, ScheduleState state, List<Instant> due, List<Child> unfinished, Instant clock) {
        ScheduleState queued = state;
        for (Instant slot : due) {
            queued = queued.queue().size() < policy.queueLimit()
                    ? queued.enqueued(slot)
                    : queued.skipped(slot, Reason.QueueFull, policy.queueLimit() + " times wait (spec.queueLimit)");
        }
        while (!queued.queue().isEmpty() && tooLate(policy, queued.queue().getFirst(), clock)) {
            Instant late = queued.queue().getFirst();
            queued = queued.edit()
                    .queue(queued.queue().subList(1, queued.queue().size()))
                    .done()
                    .missed(late, MissReason.QueuedTooLong, 1);
        }
        return unfinished.isEmpty() && !queued.queue().isEmpty()
                ? starting(policy, queued, List.of(queued.queue().getFirst()))
                : nothing(queued);
    }

    private static boolean tooLate(Policy policy, Instant slot, Instant clock) {
        return policy.deadline() != null
                && !slot.isAfter(clock.minus(policy.deadline()).minusSeconds(1));
    }

    private static Decision starting(Policy policy, ScheduleState state, List<Instant> slots) {
        long left = policy.maxRuns() == null
                ? slots.size()
                : policy.maxRuns() - state.counts().runs();
        return new Decision(state, slots.subList(0, (int) Math.min(left, slots.size())), List.of(), null);
    }

    private static Decision nothing(ScheduleState state) {
        return new Decision(state, List.of(), List.of(), null);
    }

    private static Decision withBackfill(Policy policy, Decision timed, List<Child> unfinished, Instant now) {
        if (policy.backfill() == null) {
            return timed;
        }
        ScheduleState state = timed.state();
        Backfill progress = progress(policy.backfill(), state.backfill());
        Instant past = past(policy, state, now);
        Optional<Instant> slot = following(policy, progress).filter(time -> !time.isAfter(past));
        boolean free =
                unfinished.isEmpty() && state.active().size() + timed.start().size() < MAX_ACTIVE;
        progress = new Backfill(
                progress.from(), progress.to(), progress.doneUntil(), progress.runs(), slot.isEmpty(), null);
        return new Decision(
                state.edit().backfill(progress).done(), timed.start(), timed.cancel(), free ? slot.orElse(null) : null);
    }

    /** What is recorded of this period: another one begins anew. */
    static Backfill progress(Policy.Span span, Backfill recorded) {
        return recorded != null
                        && recorded.from().equals(span.from())
                        && recorded.to().equals(span.to())
                ? recorded
                : new Backfill(span.from(), span.to(), null, 0, false, null);
    }

    /** The time that the backfill comes to next. */
    static Optional<Instant> following(Policy policy, Backfill progress) {
        Instant after = progress.doneUntil() == null ? progress.from().minusNanos(1) : progress.doneUntil();
        return progress.complete()
                ? Optional.empty()
                : policy.timetable().unbounded(after).filter(time -> time.isBefore(progress.to()));
    }

    /** Up to here nothing is left to the Schedule: it has decided it, or it lies before its start or after its end. */
    private static Instant past(Policy policy, ScheduleState state, Instant now) {
        Instant clock = now.minus(policy.jitter());
        Instant reached = clock.isAfter(state.decidedUntil()) ? clock : state.decidedUntil();
        return exhausted(policy, state)
                ? reached
                : policy.timetable()
                        .next(state.decidedUntil())
                        .filter(own -> !own.isAfter(reached))
                        .map(own -> own.minusNanos(1))
                        .orElse(reached);
    }

    private static List<Child> of(List<Child> children, Origin origin) {
        return children.stream().filter(child -> child.origin() == origin).toList();
    }
}
