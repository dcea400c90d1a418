package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Reads sandbox pods, and what runs want of them, into the domain's terms. */
public final class SandboxFacts {
    /** The label that selects all sandbox pods. */
    public static final Map<String, String> SELECTOR = Map.of(Api.LABEL_ROLE, "sandbox");

    /** What comes before the key where a run waits for a sandbox. */
    private static final String WAIT = "Sandbox/";

    private SandboxFacts() {}

    public static SandboxView of(Pod pod) {
        var meta = pod.getMetadata();
        Map<String, String> annotations = meta.getAnnotations();
        return new SandboxView(
                meta.getNamespace(),
                meta.getName(),
                Objects.requireNonNullElse(meta.getUid(), ""),
                Objects.requireNonNullElse(meta.getResourceVersion(), ""),
                RuntimeFacts.label(pod, Api.LABEL_SANDBOX_KEY),
                RuntimeFacts.label(pod, Api.LABEL_SANDBOX_SHAPE),
                annotations == null ? "" : annotations.getOrDefault(Api.ANNOTATION_SANDBOX_AFTER, ""),
                life(pod),
                RuntimeFacts.label(pod, Api.LABEL_RUN_UID).isEmpty(),
                Objects.requireNonNullElse(Times.parse(meta.getCreationTimestamp()), Instant.EPOCH),
                null);
    }

    private static Life life(Pod pod) {
        String phase = pod.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(pod.getStatus().getPhase(), "");
        if (pod.isMarkedForDeletion()) {
            return Life.GOING;
        }
        return switch (phase) {
            case "Running" -> Life.RUNNING;
            case "Succeeded", "Failed" -> Life.ENDED;
            default -> Life.STARTING;
        };
    }

    /** What the run wants; empty if it wants no sandbox, or has ended. */
    public static Optional<Claimant> claimant(Run run) {
        SandboxState state = run.getStatus() == null ? null : run.getStatus().sandbox();
        if (state == null || state.wanted() == null || state.wanted().key() == null) {
            return Optional.empty();
        }
        return isOver(run)
                ? Optional.empty()
                : Optional.of(new Claimant(
                        RunViews.id(run),
                        run.getSpec() == null
                                ? ""
                                : Objects.requireNonNullElse(run.getSpec().agent(), ""),
                        waitsForOthers(run, state.wanted().key()),
                        state.wanted(),
                        Objects.requireNonNullElse(state.podUID(), "")));
    }

    /**
     * Whether the run that took this pod needs it. As long as its status names the pod before, or none, it may: only the
     * journal knows, and no operator reads it. But what it uses it has said by the time it says that it waits, unless
     * it was another process that used it.
     */
    public static boolean mayUse(Run run, SandboxView pod) {
        if (isOver(run) || !pod.claim().runUid().equals(run.getMetadata().getUid())) {
            return false;
        }
        SandboxState state = run.getStatus() == null ? null : run.getStatus().sandbox();
        String inUse = state == null ? "" : Objects.requireNonNullElse(state.podUID(), "");
        return inUse.equals(pod.uid())
                ? claimant(run).filter(Claimant::holds).isPresent()
                : inUse.equals(pod.claim().after())
                        && !(isFirstAttempt(run)
                                && waitsForOthers(run, pod.claim().key()));
    }

    /** Whether no process has taken the run over from another. */
    private static boolean isFirstAttempt(Run run) {
        return run.getStatus() != null
                && run.getStatus().execution() != null
                && Objects.requireNonNullElse(run.getStatus().execution().epoch(), 0L) <= 1;
    }

    private static boolean isOver(Run run) {
        return run.isMarkedForDeletion()
                || (run.getStatus() != null
                        && run.getStatus().phase() != null
                        && run.getStatus().phase().finished());
    }

    /** A run that waits for its sandbox must get it. */
    private static boolean waitsForOthers(Run run, String key) {
        return run.getStatus() != null && run.getStatus().waitingFor() != null && !waitsFor(run, key);
    }

    /** Whether the run waits for the sandbox of this key. */
    public static boolean waitsFor(Run run, String key) {
        WaitingFor waiting = run.getStatus() == null ? null : run.getStatus().waitingFor();
        return waiting != null && waiting.names() != null && waiting.names().contains(WAIT + key);
    }

    /** Key of the sandbox that something of this name is, for which a run waits; empty if it is something else. */
    public static Optional<String> key(String waitedFor) {
        return waitedFor.startsWith(WAIT) ? Optional.of(waitedFor.substring(WAIT.length())) : Optional.empty();
    }

    /** Whether the run says that its sandbox is missing. */
    public static boolean saysMissing(Run run) {
        return says(run, Conditions.FALSE);
    }

    /** Whether the run says that its sandbox came up after all. */
    public static boolean saysReady(Run run) {
        return says(run, Conditions.TRUE);
    }

    private static boolean says(Run run, String status) {
        return run.getStatus() != null
                && Conditions.is(run.getStatus().conditions(), ConditionType.SANDBOX_READY, status);
    }
}
