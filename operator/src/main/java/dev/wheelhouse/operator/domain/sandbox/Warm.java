package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxResources;
import java.time.Duration;

/**
 * Sandboxes that a Tenant keeps ready. Workspace and idle time are the defaults: neither can change once the pod runs.
 *
 * @param replicas how many that nobody has taken
 * @param shape their digest, as {@link SandboxView#shape()}
 */
public record Warm(int replicas, String image, SandboxResources resources, String shape) {
    /** None. */
    public static final Warm NONE = new Warm(0, "", null, "");

    /** Those that nobody has taken are replaced at this age. */
    public static final Duration MAX_AGE = Duration.ofDays(1);
    /** Their {@code activeDeadlineSeconds}: at {@link #MAX_AGE} still more than anybody may ask for. */
    public static final Duration DEADLINE = Duration.ofDays(8);

    /** So many at most start at once: filling the pool must not take the nodes away from those who use it. */
    static final int STARTING = 4;
}
