package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.Usage;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.harness.WaitReason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a status becomes: pure functions of the present status and of what happened.
 *
 * @param run name of the run, for texts
 * @param generation of the spec that was seen last
 * @param store kind of journal store
 * @param now time of what happened
 */
record RunStatuses(String run, Long generation, TenantSpec.Store store, Instant now) {
    /** When something that cannot be watched is looked for again. */
    static final Duration RETRY = Duration.ofSeconds(30);
    /** When a run that this version does not understand is tried again, perhaps by a newer one. */
    static final Duration RETRY_PAUSED = Duration.ofMinutes(5);

    private static final int MAX_NAMES = 64;
    private static final int MAX_SUMMARY = 256;
    private static final int MAX_MESSAGE = 2048;

    RunStatus progress(RunStatus status, Summary summary) {
        return draft(status, summary).build();
    }

    RunStatus completed(RunStatus status, String result, Summary summary) {
        return ended(status, summary, RunPhase.Succeeded, "True", "Completed", "")
                .result(Texts.result(result, run))
                .build();
    }

    RunStatus failed(RunStatus status, String reason, String message, Summary summary) {
        return ended(status, summary, RunPhase.Failed, "False", reason, message).build();
    }

    RunStatus cancelled(RunStatus status, Summary summary) {
        return ended(status, summary, RunPhase.Cancelled, "False", "Cancelled", "spec.cancel was set")
                .build();
    }

    RunStatus waiting(RunStatus status, WaitReason reason, Summary summary) {
        StatusDraft draft = released(status, summary);
        return switch (reason) {
            case WaitReason.ForRuns r ->
                waiting(draft, WaitingFor.Kind.Run, r.names(), Texts.childRuns(r.names()), null, null, "ChildRuns");
            case WaitReason.ForApprovals a ->
                waiting(draft, WaitingFor.Kind.Approval, a.names(), a.summary(), null, null, "Approvals");
            case WaitReason.ForRequester r ->
                waiting(
                        draft,
                        WaitingFor.Kind.Approval,
                        List.of(),
                        "spec.requester is not set",
                        r.summary(),
                        null,
                        "RequesterUnknown");
            case WaitReason.ForResources r ->
                waiting(
                        draft,
                        WaitingFor.Kind.Resource,
                        r.names(),
                        String.join(", ", r.names()),
                        r.summary(),
                        RETRY,
                        "MissingResource");
        };
    }

    /** {@code message}: what the condition says, if more than the one line of the column; null if not. */
    private RunStatus waiting(
            StatusDraft draft,
            WaitingFor.Kind kind,
            List<String> names,
            String summary,
            String message,
            Duration retry,
            String reason) {
        String text = Texts.cut(message == null ? summary : message, MAX_MESSAGE);
        return draft.waiting(waitingFor(kind, names, summary, retry), reason, text)
                .build();
    }

    /** Kept for a newer version or a person; tried again now and then. */
    RunStatus paused(RunStatus status, String message, Summary summary) {
        return released(status, summary)
                .waiting(
                        waitingFor(WaitingFor.Kind.Resource, List.of("Runtime/newer"), "Runtime/newer", RETRY_PAUSED),
                        "UnknownRecord",
                        Texts.cut(message, MAX_MESSAGE))
                .condition(ConditionType.SUCCEEDED, "Unknown", "UnknownRecord", Texts.cut(message, MAX_MESSAGE))
                .build();
    }

    /** Handed over: another process goes on as soon as one is free. */
    RunStatus drained(RunStatus status, Summary summary) {
        return released(status, summary)
                .phase(RunPhase.Queued)
                .condition(ConditionType.ASSIGNED, "False", "Queued", "handed over by a runtime that shuts down")
                .build();
    }

    /** The run goes on; its sandbox changed. */
    RunStatus sandbox(RunStatus status, UnaryOperator<SandboxState> change, RunDesk.Network network) {
        SandboxState before = status.sandbox() == null ? SandboxState.NONE : status.sandbox();
        StatusDraft draft = new StatusDraft(status, generation, time(now));
        SandboxState after = change.apply(before);
        if (!after.equals(before)) {
            draft.sandbox(after);
        }
        if (network != null) {
            draft.condition(
                    ConditionType.NETWORK_ISOLATED,
                    network.isolated() ? "True" : "False",
                    network.reason(),
                    Texts.cut(network.message(), MAX_MESSAGE));
        }
        return draft.build();
    }

    /** The run goes on; it left a file. */
    RunStatus artifact(RunStatus status, RunStatus.Artifact artifact) {
        List<RunStatus.Artifact> kept =
                new ArrayList<>(status.artifacts() == null ? List.<RunStatus.Artifact>of() : status.artifacts());
        kept.removeIf(other -> other.name().equals(artifact.name()));
        kept.add(artifact);
        return new StatusDraft(status, generation, time(now)).artifacts(kept).build();
    }

    private StatusDraft ended(
            RunStatus status, Summary summary, RunPhase phase, String succeeded, String reason, String message) {
        String text = Texts.cut(message, MAX_MESSAGE);
        StatusDraft draft = released(status, summary)
                .phase(phase)
                .completionTime(time(now))
                .condition(ConditionType.COMPLETE, "True", reason, text)
                .condition(ConditionType.SUCCEEDED, succeeded, reason, text);
        return draft.has(ConditionType.WAITING) ? draft.condition(ConditionType.WAITING, "False", reason, "") : draft;
    }

    private StatusDraft released(RunStatus status, Summary summary) {
        Execution held = status.execution();
        return draft(status, summary)
                .execution(new Execution(held.epoch(), held.pod(), held.podUID(), ""))
                .waitingFor(null);
    }

    private StatusDraft draft(RunStatus status, Summary summary) {
        StatusDraft draft = new StatusDraft(status, generation, time(now));
        if (summary.records() == 0) {
            // Nothing was read or written here: what an earlier holder wrote stays.
            return draft;
        }
        return draft.step(summary.steps())
                .usage(usage(summary))
                .pinnedDigest(summary.pinnedDigest())
                .journal(new RunStatus.JournalRef(store, summary.records(), summary.head()));
    }

    private static Usage usage(Summary summary) {
        return new Usage(
                summary.modelCalls(),
                summary.toolCalls(),
                summary.spent().tokens().input(),
                summary.spent().tokens().output(),
                summary.spent().costMicros(),
                Texts.cost(summary.spent().costMicros()));
    }

    private WaitingFor waitingFor(WaitingFor.Kind kind, List<String> names, String summary, Duration retry) {
        return new WaitingFor(
                kind,
                names.stream().limit(MAX_NAMES).toList(),
                Texts.cut(summary, MAX_SUMMARY),
                time(now),
                retry == null ? null : time(now.plus(retry)));
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
