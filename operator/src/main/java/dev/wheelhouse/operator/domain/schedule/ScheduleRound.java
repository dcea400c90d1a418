package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Active;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import dev.wheelhouse.operator.domain.schedule.ScheduleWorld.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One look at a Schedule: see, decide, start, record, tidy up. It may end anywhere and be done again, by another
 * operator too.
 */
public final class ScheduleRound {
    /** More deletions than this wait for the next round. */
    private static final int MAX_DELETIONS = 10;

    /** A run for a time further ahead than clocks differ was not started by an operator. */
    private static final Duration MAX_AHEAD = Duration.ofHours(2);

    private final Policy policy;
    private final ScheduleWorld world;
    private final Instant now;
    private boolean sure;

    /**
     * A round.
     *
     * @param now the operator's clock
     * @param sure whether this operator did the last round, recorded it, and was {@link #sure} then; otherwise runs may
     *     exist that neither the state nor the cache knows
     */
    public ScheduleRound(Policy policy, ScheduleWorld world, Instant now, boolean sure) {
        this.policy = policy;
        this.world = world;
        this.now = now;
        this.sure = sure;
    }

    /**
     * Does it.
     *
     * @param read state as last seen; the version that {@link ScheduleWorld#record} is locked on
     * @return the state as recorded
     */
    public ScheduleState run(ScheduleState read, long generation) {
        List<Child> children = look(read);
        ScheduleState seen = adopt(read, children);
        var decision = ScheduleMachine.decide(policy, seen, children, now, generation);
        decision.cancel().forEach(world::cancel);
        ScheduleState state = decision.state();
        for (Instant slot : decision.start()) {
            state = startAt(slot, state);
        }
        if (decision.backfill() != null) {
            state = backfillAt(decision.backfill(), state);
        }
        state = state.edit().complete(ScheduleMachine.complete(policy, state)).done();
        world.record(state);
        policy.history().prune(children, state, now).stream()
                .filter(child -> !world.awaitsDecision(child))
                .limit(MAX_DELETIONS)
                .forEach(world::delete);
        return state;
    }

    /** Whether all runs are known that were started before this round. */
    public boolean sure() {
        return sure;
    }

    /**
     * The children as last seen, and as they are where that could matter: a time is not given up before it was looked
     * whether its run exists, started by an operator that died or was faster.
     */
    private List<Child> look(ScheduleState state) {
        Instant clock = now.minus(policy.jitter());
        List<Instant> undecided = policy.timetable().last(state.decidedUntil(), clock, 2);
        // While it starts nothing it gives nothing up either.
        boolean idle = policy.suspend() || ScheduleMachine.exhausted(policy, state);
        boolean givesUp = state.halted()
                || DueTimes.find(policy, policy.catchUp(), state.decidedUntil(), clock)
                        .run()
                        .isEmpty();
        boolean counts = undecided.size() > 1 || !undecided.isEmpty() && givesUp || !sure && work(state, undecided);
        // A run of the backfill that nobody recorded may have ended, and may be of a period that is no longer wanted.
        boolean unrecorded = !sure && !policy.suspend() && backfills(state);
        if (counts && !idle || unrecorded) {
            sure = true;
            return world.freshChildren();
        }
        List<Child> children = new ArrayList<>(world.children());
        Set<String> known = children.stream().map(Child::uid).collect(Collectors.toSet());
        for (Active run : state.active()) {
            if (!known.contains(run.uid())) {
                world.find(run.name())
                        .filter(child -> child.uid().equals(run.uid()))
                        .ifPresent(children::add);
            }
        }
        boolean occupied = children.stream().anyMatch(child -> !child.finished());
        if (!undecided.isEmpty() && occupied) {
            world.find(world.runName(undecided.getFirst()))
                    .filter(child -> !known.contains(child.uid()))
                    .ifPresent(children::add);
        }
        return children;
    }

    private static boolean work(ScheduleState state, List<Instant> undecided) {
        return !undecided.isEmpty() || !state.queue().isEmpty();
    }

    private boolean backfills(ScheduleState state) {
        return policy.backfill() != null
                && !ScheduleMachine.progress(policy.backfill(), state.backfill())
                        .complete();
    }

    /** Takes runs into the books that were started and not recorded. */
    private ScheduleState adopt(ScheduleState read, List<Child> children) {
        ScheduleState state = withBackfilled(read, children);
        List<Child> timed = children.stream()
                .filter(child -> child.origin() == Origin.TIME
                        // One that waited and was started must not be given up for its waiting.
                        && (child.slot().isAfter(read.decidedUntil())
                                || read.queue().contains(child.slot()))
                        && !child.slot().isAfter(now.plus(MAX_AHEAD)))
                .sorted(Comparator.comparing(Child::slot))
                .toList();
        for (Child child : timed) {
            Instant before = child.slot().minusNanos(1);
            Instant from = state.decidedUntil();
            List<Instant> waited =
                    state.queue().stream().filter(time -> !time.isAfter(before)).toList();
            int lost = policy.timetable().count(from, before, DueTimes.MAX_COUNTED) + waited.size();
            if (lost > 0) {
                Instant last = policy.timetable().previous(before, from).orElseGet(waited::getLast);
                // Whether it was too late, not made good or skipped then, only the one who is gone knew.
                state = state.missed(last, MissReason.Overtaken, lost);
            }
            state = state.started(child.slot(), active(child));
        }
        return withUnlisted(state, children);
    }

    /** More than one, if whoever took one over and started another died as well. */
    private ScheduleState withBackfilled(ScheduleState read, List<Child> children) {
        ScheduleState state = read;
        List<Child> past = children.stream()
                .filter(child -> child.origin() == Origin.BACKFILL)
                .sorted(Comparator.comparing(Child::number))
                .toList();
        for (Child child : past) {
            if (unrecorded(child, state)) {
                state = backfilled(child, state);
            }
        }
        return state;
    }

    /** A run of the backfill has the number that the books come to next: numbers are never given twice, periods are. */
    private static boolean unrecorded(Child child, ScheduleState state) {
        return child.origin() == Origin.BACKFILL && child.number() == state.nextBackfillNumber();
    }

    /** It may be of a period that was changed since: then it counts, and no period gets ahead by it. */
    private ScheduleState backfilled(Child child, ScheduleState state) {
        if (policy.backfill() == null) {
            return state.startedByBackfill(active(child));
        }
        var progress = ScheduleMachine.progress(policy.backfill(), state.backfill());
        return ScheduleMachine.following(policy, progress)
                .filter(child.slot()::equals)
                .map(slot -> state.edit().backfill(progress).done().backfilled(slot, active(child)))
                .orElseGet(() -> state.startedByBackfill(active(child)));
    }

    /** An unfinished run that is not in the books enters them, if it really is unfinished: the cache may lag. */
    private ScheduleState withUnlisted(ScheduleState state, List<Child> children) {
        Set<String> listed = state.active().stream().map(Active::uid).collect(Collectors.toSet());
        List<Active> active = new ArrayList<>(state.active());
        for (Child child : children) {
            boolean unlisted = !child.finished() && child.origin() != Origin.MANUAL && !listed.contains(child.uid());
            if (unlisted && active.size() < ScheduleMachine.MAX_ACTIVE) {
                world.find(child.name())
                        .filter(live -> live.uid().equals(child.uid()) && !live.finished())
                        .filter(live -> !state.queue().contains(live.slot()))
                        .ifPresent(live -> active.add(active(live)));
            }
        }
        return active.size() == state.active().size()
                ? state
                : state.edit().active(List.copyOf(active)).done();
    }

    private ScheduleState startAt(Instant slot, ScheduleState state) {
        OptionalLong left = Spending.left(policy, state, now);
        if (left.orElse(1) <= 0) {
            return state.skipped(slot, Reason.SpendLimit, nothingLeft());
        }
        return switch (world.start(slot, Origin.TIME, state, left)) {
            case Attempt.Started(Child child) -> state.started(slot, active(child));
            case Attempt.Existing(Child child) -> state.started(slot, active(child));
            case Attempt.Refused(Reason reason, String message) -> state.skipped(slot, reason, message);
        };
    }

    private ScheduleState backfillAt(Instant slot, ScheduleState state) {
        OptionalLong left = Spending.left(policy, state, now);
        if (left.orElse(1) <= 0) {
            return state.backfillWaits(nothingLeft());
        }
        return switch (world.start(slot, Origin.BACKFILL, state, left)) {
            case Attempt.Started(Child child) -> state.backfilled(slot, active(child));
            // The time ran before. Its cost is in the books, unless whoever started it died before he wrote there.
            case Attempt.Existing(Child child) ->
                state.backfilled(slot, unrecorded(child, state) ? active(child) : null);
            // Passing over it would lose it: a period that is done is not done again.
            case Attempt.Refused(Reason reason, String message) -> state.backfillWaits(reason + ": " + message);
        };
    }

    private String nothingLeft() {
        return "spec.spendLimit: nothing of " + policy.spendLimit().costMicros()
                + " micro-dollars is left in this period";
    }

    private Active active(Child child) {
        return new Active(child.name(), child.uid(), policy.spendLimit() == null ? 0 : child.limitMicros());
    }
}
