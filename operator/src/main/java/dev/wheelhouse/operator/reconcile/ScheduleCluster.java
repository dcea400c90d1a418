package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.schedule.Child;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException;
import dev.wheelhouse.operator.domain.schedule.Policy;
import dev.wheelhouse.operator.domain.schedule.RunNames;
import dev.wheelhouse.operator.domain.schedule.ScheduleState;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import dev.wheelhouse.operator.domain.schedule.ScheduleWorld;
import dev.wheelhouse.operator.kube.Permissions;
import dev.wheelhouse.operator.kube.RunCommands;
import dev.wheelhouse.operator.kube.ScheduleApi;
import dev.wheelhouse.operator.kube.ScheduleApi.Creation;
import dev.wheelhouse.operator.kube.ScheduleStatuses;
import dev.wheelhouse.operator.kube.ScheduledRuns;
import dev.wheelhouse.operator.kube.StatusWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** The cluster as one round of one Schedule sees it. */
final class ScheduleCluster implements ScheduleWorld {
    /**
     * Whoever took longer since it read does not write: another operator may lead. Shorter than the leader's lease.
     */
    private static final long MAX_ROUND_NANOS = Duration.ofSeconds(10).toNanos();

    /** What all rounds share. */
    record Tools(
            ScheduleApi api,
            ScheduleChildren children,
            Permissions permissions,
            RunCommands commands,
            ApprovalBook approvals,
            StatusWriter writer,
            StartsFirst order,
            Clockwork clock) {}

    /** The state could not be recorded: decide anew. */
    static final class StaleException extends RuntimeException {
        StaleException(String message) {
            super(message);
        }
    }

    private final Tools tools;
    private final Schedule schedule;
    private final Policy policy;
    private final Instant now;
    private final long begun;
    private ScheduleStatus recorded;

    ScheduleCluster(Tools tools, Schedule schedule, Policy policy, Instant now) {
        this.tools = tools;
        this.schedule = schedule;
        this.policy = policy;
        this.now = now;
        this.begun = tools.clock().nanoTime().getAsLong();
    }

    /** The status as it was written; null before. */
    ScheduleStatus recorded() {
        return recorded;
    }

    @Override
    public List<Child> children() {
        Set<String> open = schedule.getStatus() == null || schedule.getStatus().active() == null
                ? Set.of()
                : schedule.getStatus().active().stream()
                        .map(ScheduleStatus.ActiveRun::uid)
                        .collect(Collectors.toSet());
        return tools.children().of(uid()).stream()
                .map(child ->
                        child.end() == End.SUCCEEDED && policy.input().usesLastResult() && open.contains(child.uid())
                                ? find(child.name()).orElse(child) // The cache keeps no results.
                                : child)
                .toList();
    }

    @Override
    public List<Child> freshChildren() {
        if (!tools.api().current(schedule)) {
            throw new StaleException("the Schedule has changed since it was seen");
        }
        return tools.api().runs(schedule).stream()
                .flatMap(run -> ScheduledRuns.child(run, name(), uid()).stream())
                .toList();
    }

    @Override
    public String runName(Instant slot) {
        return RunNames.of(name(), slot);
    }

    @Override
    public Optional<Child> find(String name) {
        return tools.api().run(namespace(), name).flatMap(run -> ScheduledRuns.child(run, name(), uid()));
    }

    @Override
    public Attempt start(Instant slot, Origin origin, ScheduleState state, OptionalLong costMicros) {
        String requester = schedule.getSpec().requester();
        if (!tools.permissions()
                .mayCreateRuns(namespace(), requester, schedule.getSpec().requesterGroups())) {
            return new Attempt.Refused(
                    Reason.NotAllowed,
                    "spec.requester '" + requester + "' may not create Runs in namespace " + namespace()
                            + "; give the right back, or let somebody who has it set spec.requester to himself");
        }
        String input;
        try {
            input = policy.input()
                    .render(
                            slot,
                            state.lastSuccessful(),
                            state.lastResult(),
                            policy.timetable().zone());
        } catch (InvalidScheduleException e) {
            return new Attempt.Refused(Reason.InvalidRun, e.getMessage());
        }
        OptionalLong backfill =
                origin == Origin.BACKFILL ? OptionalLong.of(state.nextBackfillNumber()) : OptionalLong.empty();
        return create(ScheduledRuns.of(schedule, slot, backfill, input, costMicros));
    }

    private Attempt create(Run run) {
        requireFresh();
        return switch (tools.order().start(() -> tools.api().create(run))) {
            case Creation.Created(Run created) ->
                new Attempt.Started(ScheduledRuns.child(created, name(), uid()).orElseThrow());
            case Creation.Exists() -> existing(run.getMetadata().getName());
            case Creation.Invalid(String message) -> new Attempt.Refused(Reason.InvalidRun, message);
            case Creation.Forbidden(String message) -> new Attempt.Refused(Reason.NotAllowed, message);
        };
    }

    private Attempt existing(String name) {
        Run run = tools.api()
                .run(namespace(), name)
                .orElseThrow(() -> new StaleException("Run " + name + " was there and is gone"));
        Optional<Child> child = ScheduledRuns.child(run, name(), uid());
        if (child.isEmpty()) {
            return new Attempt.Refused(
                    Reason.NameConflict, "Run " + name + " exists and does not belong to this Schedule; delete it");
        }
        return child.get().origin() == Origin.MANUAL
                ? new Attempt.Refused(
                        Reason.NameConflict,
                        "Run " + name + " was started by hand, under the name of this time's run; delete it")
                : new Attempt.Existing(child.get());
    }

    @Override
    public void cancel(Child child) {
        tools.commands().cancel(new RunId(namespace(), child.name(), child.uid()));
    }

    @Override
    public void record(ScheduleState state) {
        tools.order().awaitTurn();
        requireFresh();
        ScheduleStatus status = ScheduleStatuses.write(schedule, policy, state, now);
        var outcome = tools.writer().write(schedule, status, Schedule::new);
        if (!outcome.done()) {
            throw new StaleException("status of the Schedule could not be written: " + outcome);
        }
        recorded = status;
    }

    @Override
    public boolean awaitsDecision(Child child) {
        return tools.approvals().asks(child.uid());
    }

    @Override
    public void delete(Child child) {
        tools.commands().delete(new RunId(namespace(), child.name(), child.uid()));
    }

    private void requireFresh() {
        if (tools.clock().nanoTime().getAsLong() - begun > MAX_ROUND_NANOS) {
            throw new StaleException("the round took too long");
        }
    }

    private String namespace() {
        return schedule.getMetadata().getNamespace();
    }

    private String name() {
        return schedule.getMetadata().getName();
    }

    private String uid() {
        return schedule.getMetadata().getUid();
    }
}
