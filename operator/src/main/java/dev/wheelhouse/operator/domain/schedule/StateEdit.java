package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.ScheduleState.Active;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Backfill;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Counts;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Skip;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Spend;
import java.time.Instant;
import java.util.List;

/** Some fields of a {@link ScheduleState} changed, the others kept. */
final class StateEdit {
    private Instant decidedUntil;
    private List<Active> active;
    private List<Instant> queue;
    private Instant lastScheduled;
    private Instant lastSuccessful;
    private Instant lastMissed;
    private Instant lastFailure;
    private Counts counts;
    private int consecutiveFailures;
    private Skip lastSkip;
    private Spend spend;
    private Backfill backfill;
    private String lastResult;
    private boolean halted;
    private boolean complete;
    private long generation;
    private String timetable;

    StateEdit(ScheduleState from) {
        decidedUntil = from.decidedUntil();
        active = from.active();
        queue = from.queue();
        lastScheduled = from.lastScheduled();
        lastSuccessful = from.lastSuccessful();
        lastMissed = from.lastMissed();
        lastFailure = from.lastFailure();
        counts = from.counts();
        consecutiveFailures = from.consecutiveFailures();
        lastSkip = from.lastSkip();
        spend = from.spend();
        backfill = from.backfill();
        lastResult = from.lastResult();
        halted = from.halted();
        complete = from.complete();
        generation = from.generation();
        timetable = from.timetable();
    }

    /** Moves the border of what is decided forward, never back. */
    StateEdit decided(Instant until) {
        decidedUntil = later(decidedUntil, until);
        return this;
    }

    StateEdit active(List<Active> value) {
        active = value;
        return this;
    }

    StateEdit queue(List<Instant> value) {
        queue = value;
        return this;
    }

    StateEdit lastScheduled(Instant value) {
        lastScheduled = later(lastScheduled, value);
        return this;
    }

    StateEdit lastSuccessful(Instant value) {
        lastSuccessful = later(lastSuccessful, value);
        return this;
    }

    StateEdit lastMissed(Instant value) {
        lastMissed = later(lastMissed, value);
        return this;
    }

    StateEdit lastFailure(Instant value) {
        lastFailure = later(lastFailure, value);
        return this;
    }

    StateEdit counts(Counts value) {
        counts = value;
        return this;
    }

    StateEdit consecutiveFailures(int value) {
        consecutiveFailures = value;
        return this;
    }

    StateEdit lastSkip(Skip value) {
        lastSkip = value;
        return this;
    }

    StateEdit spend(Spend value) {
        spend = value;
        return this;
    }

    StateEdit backfill(Backfill value) {
        backfill = value;
        return this;
    }

    StateEdit lastResult(String value) {
        lastResult = value;
        return this;
    }

    StateEdit halted(boolean value) {
        halted = value;
        return this;
    }

    StateEdit complete(boolean value) {
        complete = value;
        return this;
    }

    StateEdit generation(long value) {
        generation = value;
        return this;
    }

    StateEdit timetable(String value) {
        timetable = value;
        return this;
    }

    ScheduleState done() {
        return new ScheduleState(
                decidedUntil,
                active,
                queue,
                lastScheduled,
                lastSuccessful,
                lastMissed,
                lastFailure,
                counts,
                consecutiveFailures,
                lastSkip,
                spend,
                backfill,
                lastResult,
                halted,
                complete,
                generation,
                timetable);
    }

    private static Instant later(Instant one, Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }
}
