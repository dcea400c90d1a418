package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus.ActiveRun;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus.BackfillProgress;
import dev.wheelhouse.operator.domain.schedule.Policy;
import dev.wheelhouse.operator.domain.schedule.ScheduleMachine;
import dev.wheelhouse.operator.domain.schedule.ScheduleState;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.zone.ZoneRulesProvider;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a Schedule remembers, in its status and back. */
public final class ScheduleStatuses {
    private static final int NEXT_TIMES = 5;
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);
    private static final String DATA =
            ZoneRulesProvider.getVersions("UTC").lastEntry().getKey();

    private ScheduleStatuses() {}

    /** What the status of {@code schedule} says; a fresh state if it says nothing yet. */
    public static ScheduleState read(Schedule schedule, Policy policy) {
        ScheduleStatus status = schedule.getStatus();
        if (status == null || status.decidedUntil() == null) {
            // With a status it could not be scheduled before: its times begin now, not at its creation.
            return ScheduleState.created(
                    Times.parse(schedule.getMetadata().getCreationTimestamp()),
                    status == null ? policy.timetable().digest() : null,
                    schedule.getMetadata().getGeneration());
        }
        return new ScheduleState(
                Times.parse(status.decidedUntil()),
                list(status.active()).stream()
                        .map(run -> new ScheduleState.Active(
                                run.name(), run.uid(), Objects.requireNonNullElse(run.reservedMicros(), 0L)))
                        .toList(),
                list(status.queue()).stream().map(Times::parse).toList(),
                Times.parse(status.lastScheduleTime()),
                Times.parse(status.lastSuccessfulTime()),
                Times.parse(status.lastMissedTime()),
                Times.parse(status.lastFailureTime()),
                ScheduleCounts.read(status.counts()),
                Objects.requireNonNullElse(status.consecutiveFailures(), 0),
                skip(status.lastSkip()),
                status.spend() == null
                        ? null
                        : new ScheduleState.Spend(
                                Times.parse(status.spend().periodStart()),
                                status.spend().costMicros()),
                backfill(status.backfill()),
                status.lastResult(),
                Conditions.is(status.conditions(), ConditionType.SUSPENDED, Conditions.TRUE),
                Conditions.is(status.conditions(), ConditionType.COMPLETE, Conditions.TRUE),
                Objects.requireNonNullElse(status.observedGeneration(), 0L),
                status.timetable());
    }

    /** The status that says {@code state}. */
    public static ScheduleStatus write(Schedule schedule, Policy policy, ScheduleState state, Instant now) {
        Instant from = later(state.decidedUntil(), now.minus(policy.jitter()));
        List<String> next = state.complete() || state.halted()
                ? List.of()
                : policy.timetable().next(from, NEXT_TIMES).stream()
                        .map(Instant::toString)
                        .toList();
        return new ScheduleStatus(
                schedule.getMetadata().getGeneration(),
                conditions(schedule, policy, state, now),
                state.active().stream()
                        .map(run -> new ActiveRun(
                                run.name(), run.uid(), run.reservedMicros() == 0 ? null : run.reservedMicros()))
                        .toList(),
                state.active().size(),
                state.queue().isEmpty()
                        ? null
                        : state.queue().stream().map(Instant::toString).toList(),
                text(state.lastScheduled()),
                text(state.lastSuccessful()),
                text(state.lastFailure()),
                text(state.lastMissed()),
                next.isEmpty() ? null : next.getFirst(),
                next,
                text(state.decidedUntil()),
                ScheduleCounts.write(state.counts(), schedule.getStatus()),
                state.consecutiveFailures(),
                state.lastSkip() == null
                        ? null
                        : new ScheduleStatus.Skip(
                                text(state.lastSkip().time()),
                                state.lastSkip().reason().name(),
                                cut(state.lastSkip().message())),
                state.spend() == null
                        ? null
                        : new ScheduleStatus.Spend(
                                text(state.spend().start()), state.spend().costMicros()),
                progress(state.backfill()),
                state.lastResult(),
                state.timetable(),
                DATA);
    }

    /**
     * The status of a Schedule whose spec cannot be scheduled; what it remembers stays.
     *
     * @param times whether it has times, and something else is wrong; without, it begins afresh once it has
     */
    public static ScheduleStatus invalid(Schedule schedule, String reason, String message, boolean times, Instant now) {
        ScheduleStatus old = schedule.getStatus();
        List<Condition> conditions = condition(
                schedule, old == null ? null : old.conditions(), ConditionType.READY, false, reason, message, now);
        return old == null
                ? new ScheduleStatus(
                        schedule.getMetadata().getGeneration(),
                        conditions,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        DATA)
                : new ScheduleStatus(
                        schedule.getMetadata().getGeneration(),
                        conditions,
                        old.active(),
                        old.activeRuns(),
                        old.queue(),
                        old.lastScheduleTime(),
                        old.lastSuccessfulTime(),
                        old.lastFailureTime(),
                        old.lastMissedTime(),
                        null,
                        null,
                        old.decidedUntil(),
                        old.counts(),
                        old.consecutiveFailures(),
                        old.lastSkip(),
                        old.spend(),
                        old.backfill(),
                        old.lastResult(),
                        times ? old.timetable() : null,
                        DATA);
    }

    private static List<Condition> conditions(Schedule schedule, Policy policy, ScheduleState state, Instant now) {
        List<Condition> old =
                schedule.getStatus() == null ? null : schedule.getStatus().conditions();
        Optional<Reason> halt = ScheduleMachine.halted(policy, state);
        List<Condition> ready = ready(schedule, state, halt, old, now);
        String suspended = halt.map(reason -> reason == Reason.Suspended
                        ? "spec.suspend is true"
                        : state.consecutiveFailures()
                                + " runs in a row failed (spec.stopAfter.failures); fix the cause,"
                                + " then change the spec or start a run by hand that succeeds")
                .orElse("fires");
        List<Condition> halted = condition(
                schedule,
                ready,
                ConditionType.SUSPENDED,
                halt.isPresent(),
                halt.map(Enum::name).orElse("Active"),
                suspended,
                now);
        return condition(
                schedule,
                halted,
                ConditionType.COMPLETE,
                state.complete(),
                state.complete() ? "NoMoreTimes" : "TimesToCome",
                state.complete() ? "endAt, maxRuns or stopAfter.successes is reached" : "more times will come",
                now);
    }

    private static List<Condition> ready(
            Schedule schedule, ScheduleState state, Optional<Reason> halt, List<Condition> old, Instant now) {
        ScheduleState.Skip skip = state.lastSkip();
        boolean refused = skip != null
                && switch (skip.reason()) {
                    case NotAllowed, SpendLimit, NameConflict, InvalidRun -> true;
                    case RunActive, QueueFull, ActiveLimit, Suspended, RepeatedFailures -> false;
                }
                && (state.lastScheduled() == null || skip.time().isAfter(state.lastScheduled()));
        if (state.decidedUntil().isAfter(now.plus(CLOCK_TOLERANCE))) {
            return condition(
                    schedule,
                    old,
                    ConditionType.READY,
                    false,
                    "ClockBehind",
                    "the operator's clock is behind " + state.decidedUntil() + ", up to which all times are decided:"
                            + " nothing fires before; if a clock was wrong then, create the Schedule anew",
                    now);
        }
        if (halt.filter(Reason.RepeatedFailures::equals).isPresent()) {
            return condition(
                    schedule, old, ConditionType.READY, false, "RepeatedFailures", "see condition Suspended", now);
        }
        return refused
                ? condition(
                        schedule, old, ConditionType.READY, false, skip.reason().name(), skip.message(), now)
                : condition(schedule, old, ConditionType.READY, true, "Ready", "can be scheduled", now);
    }

    private static List<Condition> condition(
            Schedule schedule,
            List<Condition> old,
            String type,
            boolean value,
            String reason,
            String message,
            Instant now) {
        return Conditions.with(
                old,
                type,
                value ? Conditions.TRUE : Conditions.FALSE,
                reason,
                message,
                schedule.getMetadata().getGeneration(),
                now);
    }

    private static ScheduleState.Skip skip(ScheduleStatus.Skip skip) {
        return Optional.ofNullable(skip)
                // A newer version's reason is not known here: the Schedule must be readable all the same.
                .flatMap(last -> ScheduleCounts.known(Reason.class, last.reason())
                        .map(reason -> new ScheduleState.Skip(Times.parse(last.time()), reason, last.message())))
                .orElse(null);
    }

    private static ScheduleState.Backfill backfill(BackfillProgress progress) {
        return progress == null
                ? null
                : new ScheduleState.Backfill(
                        Times.parse(progress.from()),
                        Times.parse(progress.to()),
                        Times.parse(progress.doneUntil()),
                        progress.runs(),
                        progress.complete(),
                        progress.message());
    }

    private static BackfillProgress progress(ScheduleState.Backfill backfill) {
        return backfill == null
                ? null
                : new BackfillProgress(
                        text(backfill.from()),
                        text(backfill.to()),
                        text(backfill.doneUntil()),
                        backfill.runs(),
                        backfill.complete(),
                        cut(backfill.waits()));
    }

    /** To the nanosecond: {@code decidedUntil} must not go back by rounding. */
    private static String text(Instant time) {
        return time == null ? null : time.toString();
    }

    private static String cut(String message) {
        return message == null || message.length() <= 1024 ? message : message.substring(0, 1024);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static <T> List<T> list(List<T> list) {
        return list == null ? List.of() : list;
    }
}
