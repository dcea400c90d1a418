package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import java.time.Duration;

/**
 * Sandboxes that a Tenant keeps ready.
 *
 * @param replicas how many unclaimed ones
 * @param shape their digest, as {@link SandboxView#shape()}
 */
public record Warm(int replicas, String image, SandboxResources resources, String shape) {
    /** None. */
    public static final Warm NONE = new Warm(0, "", null, "");

    /** Seconds without a command after which a warm one ends, once claimed: its environment cannot change then. */
    public static final int IDLE_SECONDS = 300;
    /** Size of their workspace. */
    public static final String WORKSPACE = SandboxDefaults.WORKSPACE;
    /** Unclaimed ones are replaced at this age. */
    public static final Duration MAX_AGE = Duration.ofDays(1);
    /** Their {@code activeDeadlineSeconds}: at {@link #MAX_AGE} still more than anybody may ask for. */
    public static final Duration DEADLINE = Duration.ofDays(8);

    /** So many at most start at once: filling the pool must not take the nodes away from those who use it. */
    static final int STARTING = 4;

    /** Whether a warm sandbox can be what this run asked for, its shape aside. */
    static boolean fits(Claimant claimant) {
        SandboxSpec.Workspace workspace = claimant.wanted().workspace();
        String size = workspace == null || workspace.size() == null ? WORKSPACE : workspace.size();
        return !claimant.keepsWorkspace()
                && Amounts.mebibytes(size) == Amounts.mebibytes(WORKSPACE)
                && claimant.wanted().idleSeconds() == IDLE_SECONDS;
    }
}
