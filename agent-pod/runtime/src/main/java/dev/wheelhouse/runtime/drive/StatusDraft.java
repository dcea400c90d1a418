package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.Usage;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.ArrayList;
import java.util.List;

/** A status in the making. Starts as a copy; the original is left alone. */
final class StatusDraft {
    private final RunStatus old;
    private final Long generation;
    private final String now;
    private final List<Condition> conditions = new ArrayList<>();
    private RunPhase phase;
    private Execution execution;
    private Integer step;
    private Usage usage;
    private WaitingFor waitingFor;
    private String result;
    private String pinnedDigest;
    private RunStatus.JournalRef journal;
    private SandboxState sandbox;
    private List<RunStatus.Artifact> artifacts;
    private String completionTime;

    StatusDraft(RunStatus old, Long generation, String now) {
        this.old = old;
        this.generation = generation;
        this.now = now;
        if (old.conditions() != null) {
            conditions.addAll(old.conditions());
        }
        phase = old.phase();
        execution = old.execution();
        step = old.step();
        usage = old.usage();
        waitingFor = old.waitingFor();
        result = old.result();
        pinnedDigest = old.pinnedDigest();
        journal = old.journal();
        sandbox = old.sandbox();
        artifacts = old.artifacts();
        completionTime = old.completionTime();
    }

    StatusDraft phase(RunPhase phase) {
        this.phase = phase;
        return this;
    }

    StatusDraft execution(Execution execution) {
        this.execution = execution;
        return this;
    }

    StatusDraft step(int step) {
        this.step = step;
        return this;
    }

    StatusDraft usage(Usage usage) {
        this.usage = usage;
        return this;
    }

    StatusDraft waitingFor(WaitingFor waitingFor) {
        this.waitingFor = waitingFor;
        return this;
    }

    StatusDraft waiting(WaitingFor waitingFor, String reason, String message) {
        return phase(RunPhase.Waiting).waitingFor(waitingFor).condition(ConditionType.WAITING, "True", reason, message);
    }

    StatusDraft result(String result) {
        this.result = result;
        return this;
    }

    StatusDraft pinnedDigest(String pinnedDigest) {
        this.pinnedDigest = pinnedDigest;
        return this;
    }

    StatusDraft journal(RunStatus.JournalRef journal) {
        this.journal = journal;
        return this;
    }

    StatusDraft sandbox(SandboxState sandbox) {
        this.sandbox = sandbox;
        return this;
    }

    StatusDraft artifacts(List<RunStatus.Artifact> artifacts) {
        this.artifacts = artifacts;
        return this;
    }

    StatusDraft completionTime(String completionTime) {
        this.completionTime = completionTime;
        return this;
    }

    boolean has(String type) {
        return conditions.stream().anyMatch(c -> c.getType().equals(type));
    }

    /** Sets a condition; the time of its last transition stays if its status does. */
    StatusDraft condition(String type, String status, String reason, String message) {
        String since = conditions.stream()
                .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElse(now);
        conditions.removeIf(c -> c.getType().equals(type));
        conditions.add(new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build());
        return this;
    }

    RunStatus build() {
        return new RunStatus(
                generation,
                phase,
                List.copyOf(conditions),
                execution,
                null,
                step,
                usage,
                waitingFor,
                result,
                pinnedDigest,
                journal,
                sandbox,
                artifacts,
                old.startTime(),
                completionTime);
    }
}
