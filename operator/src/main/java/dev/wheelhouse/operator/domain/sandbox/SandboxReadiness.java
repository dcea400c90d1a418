package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a run says of its sandbox once one could not be made. Nothing is said of one that comes up as it should: that would
 * cost a write for each, and is seen by what the run does.
 *
 * @param ready whether the sandbox runs after all
 * @param reason word in CamelCase
 * @param message for people
 */
public record SandboxReadiness(boolean ready, String reason, String message) {
    /**
     * What is to be said now; empty if nothing is, or nothing new.
     *
     * @param pods of the namespace
     * @param failure why the sandbox could not be made when that was tried last, or null
     * @param missing whether the run says now that it has no sandbox
     */
    public static Optional<SandboxReadiness> of(
            Claimant claimant, List<SandboxView> pods, SandboxReadiness failure, boolean missing) {
        if (!claimant.holds()) {
            return Optional.empty(); // What it does not need now is not missing.
        }
        Optional<SandboxView> made = pods.stream()
                .filter(pod -> serves(pod, claimant))
                .min(Comparator.comparing(pod -> pod.life() != Life.RUNNING));
        if (made.isEmpty()) {
            return Optional.ofNullable(failure);
        }
        return missing ? Optional.of(made(made.get())) : Optional.empty();
    }

    /** Whether the pod is what the run wants, and more than an attempt to make it. */
    public static boolean serves(SandboxView pod, Claimant claimant) {
        return pod.live()
                && pod.key().equals(claimant.key())
                && !pod.uid().isEmpty()
                && !pod.uid().equals(claimant.after());
    }

    private static SandboxReadiness made(SandboxView pod) {
        return pod.life() == Life.RUNNING
                ? new SandboxReadiness(true, "SandboxRunning", "pod " + pod.name() + " came up after all")
                : new SandboxReadiness(
                        false, "SandboxStarting", "pod " + pod.name() + " could be made and is starting");
    }
}
