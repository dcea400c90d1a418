package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.ConcurrencyPolicy;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException;
import dev.wheelhouse.operator.domain.schedule.Policy;
import dev.wheelhouse.operator.domain.schedule.ScheduleRound;
import dev.wheelhouse.operator.domain.schedule.ScheduleState;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.Permissions;
import dev.wheelhouse.operator.kube.RunCommands;
import dev.wheelhouse.operator.kube.ScheduleApi;
import dev.wheelhouse.operator.kube.ScheduleStatuses;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Schedules: one round each time one is due, a run of it ends, or its spec changes. */
@Singleton
public final class ScheduleReconciler implements Reconciler<Schedule> {
    private static final Duration SOON = Duration.ofMillis(500);
    private static final Duration AT_ONCE = Duration.ofMillis(20);
    /** Clocks are set, and timers do not notice. */
    private static final Duration AT_LATEST = Duration.ofMinutes(3);

    private final ScheduleCluster.Tools tools;
    private final ScheduleEvents events;
    private final StatusWriter writer;
    private final Gate gate;
    private final Clockwork clock;
    private final ScheduleTrust trust;

    /** {@code children} must be told to watch. */
    public ScheduleReconciler(
            ScheduleApi api,
            Permissions permissions,
            RunCommands commands,
            ScheduleChildren children,
            ScheduleTrust trust,
            ApprovalBook approvals,
            StartsFirst order,
            StatusWriter writer,
            Events events,
            Gate gate,
            Clockwork clock) {
        this.tools = new ScheduleCluster.Tools(api, children, permissions, commands, approvals, writer, order, clock);
        this.events = new ScheduleEvents(events);
        this.trust = trust;
        this.writer = writer;
        this.gate = gate;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Schedule>> prepareEventSources(EventSourceContext<Schedule> context) {
        Feed<Schedule> feed = new Feed<>("schedules", (schedule, before) -> {}, this::gone);
        tools.children().onChange(feed::wake);
        return List.of(feed);
    }

    private void gone(Schedule schedule) {
        String uid = schedule.getMetadata().getUid();
        writer.forget(uid);
        tools.children().forget(uid);
        trust.forget(uid);
    }

    @Override
    public UpdateControl<Schedule> reconcile(Schedule schedule, Context<Schedule> context) {
        if (!gate.loaded() || writer.lags(schedule) || trust.behind(schedule)) {
            return again(SOON);
        }
        if (schedule.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        Instant now = clock.now().get();
        Policy policy;
        try {
            policy = Policy.of(schedule.getSpec(), schedule.getMetadata().getUid());
        } catch (InvalidScheduleException e) {
            boolean times = e.reason() == InvalidScheduleException.Reason.InvalidTemplate;
            return refuse(schedule, e.reason().name(), e.getMessage(), times, now);
        }
        if (schedule.getSpec().requester() == null) {
            return refuse(
                    schedule,
                    "RequesterMissing",
                    "set spec.requester to your own user name (kubectl auth whoami): runs act in that name",
                    true,
                    now);
        }
        return round(schedule, policy, now);
    }

    private UpdateControl<Schedule> round(Schedule schedule, Policy policy, Instant now) {
        String uid = schedule.getMetadata().getUid();
        ScheduleStatus before = schedule.getStatus();
        var cluster = new ScheduleCluster(tools, schedule, policy, now);
        ScheduleState read = ScheduleStatuses.read(schedule, policy);
        ScheduleState state;
        boolean sure = trust.sure(uid);
        var round = new ScheduleRound(policy, cluster, now, sure);
        boolean first = trust.begin(uid);
        try {
            state = round.run(read, schedule.getMetadata().getGeneration());
        } catch (ScheduleCluster.StaleException e) {
            return again(SOON);
        }
        trust.end(uid, round.sure(), first);
        events.tell(schedule, before, cluster.recorded());
        return again(
                goesOn(read, state) ? AT_ONCE : delay(policy, state, clock.now().get()));
    }

    /** Whether the backfill has passed a time: where that started no run, no end of one wakes the Schedule. */
    private static boolean goesOn(ScheduleState before, ScheduleState state) {
        return state.backfill() != null
                && !state.backfill().complete()
                && (before.backfill() == null
                        || !Objects.equals(
                                before.backfill().doneUntil(), state.backfill().doneUntil()));
    }

    private UpdateControl<Schedule> refuse(
            Schedule schedule, String reason, String message, boolean times, Instant now) {
        ScheduleStatus status = ScheduleStatuses.invalid(schedule, reason, message, times, now);
        var outcome = writer.write(schedule, status, Schedule::new);
        if (outcome == StatusWriter.Outcome.WRITTEN) {
            events.tell(schedule, schedule.getStatus(), status);
        }
        return outcome.done() ? UpdateControl.noUpdate() : again(SOON);
    }

    /** How long nothing is to be done, as far as time tells. */
    static Duration delay(Policy policy, ScheduleState state, Instant now) {
        if (state.halted() || state.complete()) {
            return AT_LATEST;
        }
        Optional<Instant> next = policy.timetable().next(state.decidedUntil());
        if (next.isEmpty()) {
            return AT_LATEST;
        }
        Duration left = Duration.between(now, next.get().plus(policy.jitter())).plusMillis(1);
        if (left.isPositive()) {
            return left.compareTo(AT_LATEST) < 0 ? left : AT_LATEST;
        }
        // A run that is to be replaced wakes the Schedule when it ends.
        return policy.concurrency() == ConcurrencyPolicy.Replace ? Duration.ofSeconds(5) : AT_ONCE;
    }

    private static UpdateControl<Schedule> again(Duration after) {
        return UpdateControl.<Schedule>noUpdate().rescheduleAfter(after);
    }
}
