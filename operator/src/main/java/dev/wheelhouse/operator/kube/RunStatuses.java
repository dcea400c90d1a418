package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.Usage;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.operator.domain.Decision.Ending;
import dev.wheelhouse.operator.domain.Problem;
import dev.wheelhouse.operator.domain.RuntimeRef;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;

/** The statuses that the operator gives to a run: each a function of the status that was seen. */
public final class RunStatuses {
    private final Run run;
    private final Instant now;
    private final RunStatus old;
    private List<Condition> conditions;
    private RunPhase phase;
    private Execution execution;
    private Integer queuePosition;
    private WaitingFor waitingFor;
    private String startTime;
    private String completionTime;

    private RunStatuses(Run run, Instant now) {
        this.run = run;
        this.now = now;
        this.old = run.getStatus();
        if (old != null) {
            conditions = old.conditions();
            phase = old.phase();
            execution = old.execution();
            waitingFor = old.waitingFor();
            startTime = old.startTime();
            completionTime = old.completionTime();
        }
    }

    /** Given to a runtime, under a new epoch. */
    public static RunStatus assigned(Run run, RuntimeRef to, Instant now) {
        RunStatuses next = new RunStatuses(run, now).accepted().notWaiting();
        next.set(ConditionType.ASSIGNED, Conditions.TRUE, "Assigned", "pod " + to.pod() + " executes the run");
        next.phase = RunPhase.Running;
        next.execution = new Execution(next.epoch() + 1, to.pod(), to.podUid(), to.holder());
        if (next.startTime == null) {
            next.startTime = Times.format(now);
        }
        return next.build();
    }

    /** Waits for a place or a runtime. */
    public static RunStatus queued(Run run, int position, String reason, String message, Instant now) {
        RunStatuses next = new RunStatuses(run, now).accepted().notWaiting();
        next.set(ConditionType.ASSIGNED, Conditions.FALSE, reason, message);
        next.phase = RunPhase.Queued;
        next.queuePosition = position;
        return next.build();
    }

    /** Taken away from a lost holder, with nobody there to take it. */
    public static RunStatus takenBack(Run run, int position, String message, Instant now) {
        RunStatuses next = new RunStatuses(run, now);
        next.set(ConditionType.ASSIGNED, Conditions.FALSE, "NoRuntimeYet", message);
        next.phase = RunPhase.Queued;
        next.queuePosition = position;
        next.dropBaton();
        return next.build();
    }

    /** Refers to something that is missing or wrong. */
    public static RunStatus refused(Run run, Problem problem, Instant now) {
        RunStatuses next = new RunStatuses(run, now);
        next.set(ConditionType.ACCEPTED, Conditions.FALSE, problem.reason(), problem.message());
        next.phase = RunPhase.Pending;
        return next.build();
    }

    /** Ended by the operator. */
    public static RunStatus ended(Run run, Ending ending, Instant now) {
        RunStatuses next = new RunStatuses(run, now).notWaiting();
        String reason = switch (ending) {
            case CANCELLED -> "Cancelled";
            case DEADLINE_EXCEEDED -> "DeadlineExceeded";
        };
        String message = switch (ending) {
            case CANCELLED -> "cancelled by spec.cancel";
            case DEADLINE_EXCEEDED ->
                "spec.activeDeadlineSeconds (" + run.getSpec().activeDeadlineSeconds()
                        + ") passed; the last state stays readable in the journal";
        };
        next.set(ConditionType.COMPLETE, Conditions.TRUE, reason, message);
        next.set(ConditionType.SUCCEEDED, Conditions.FALSE, reason, message);
        next.phase = ending == Ending.CANCELLED ? RunPhase.Cancelled : RunPhase.Failed;
        next.completionTime = Times.format(now);
        next.dropBaton();
        return next.build();
    }

    /** Says why the run has no sandbox, or that it has one after all. Everything else stays as it is. */
    public static RunStatus sandbox(Run run, SandboxReadiness readiness, Instant now) {
        RunStatuses next = new RunStatuses(run, now);
        next.set(
                ConditionType.SANDBOX_READY,
                readiness.ready() ? Conditions.TRUE : Conditions.FALSE,
                readiness.reason(),
                readiness.message());
        next.queuePosition = next.old == null ? null : next.old.queuePosition();
        return next.build();
    }

    private RunStatuses accepted() {
        return set(ConditionType.ACCEPTED, Conditions.TRUE, "Valid", "everything the run refers to exists and fits");
    }

    private RunStatuses notWaiting() {
        waitingFor = null;
        return Conditions.is(conditions, ConditionType.WAITING, Conditions.TRUE)
                ? set(ConditionType.WAITING, Conditions.FALSE, "Resumed", "what the run waited for has come")
                : this;
    }

    private RunStatuses set(String type, String status, String reason, String message) {
        Long generation = run.getMetadata().getGeneration();
        conditions = Conditions.with(conditions, type, status, reason, message, generation, now);
        return this;
    }

    private long epoch() {
        return execution == null || execution.epoch() == null ? 0 : execution.epoch();
    }

    /** Whoever held the run is fenced by the new epoch; a run that nobody held keeps its own. */
    private void dropBaton() {
        if (execution != null
                && execution.holder() != null
                && !execution.holder().isEmpty()) {
            execution = new Execution(epoch() + 1, execution.pod(), execution.podUID(), "");
        }
    }

    private RunStatus build() {
        Usage usage = old == null ? null : old.usage();
        return new RunStatus(
                run.getMetadata().getGeneration(),
                phase,
                conditions,
                execution,
                queuePosition,
                old == null ? null : old.step(),
                usage,
                waitingFor,
                old == null ? null : old.result(),
                old == null ? null : old.pinnedDigest(),
                old == null ? null : old.journal(),
                old == null ? null : old.sandbox(),
                old == null ? null : old.artifacts(),
                startTime,
                completionTime);
    }
}
