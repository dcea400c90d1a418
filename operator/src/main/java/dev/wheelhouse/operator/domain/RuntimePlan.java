package dev.wheelhouse.operator.domain;

import java.time.Duration;
import java.util.Optional;

/** Whether a namespace's shared runtime should exist, and with how many pods. */
public final class RuntimePlan {
    private RuntimePlan() {}

    /**
     * What is known of a namespace.
     *
     * @param needed whether a run executes or would like to
     * @param used whether the namespace has an Agent, a Tenant or an unfinished run
     * @param replicas pods while there is work
     * @param idle how long no run needed the runtime; ignored while needed
     * @param idleLimit when to scale to zero; zero keeps it
     * @param exists whether there is a Deployment
     * @param current its replicas
     */
    public record Situation(
            boolean needed,
            boolean used,
            int replicas,
            Duration idle,
            Duration idleLimit,
            boolean exists,
            int current) {}

    /** What to do. */
    public sealed interface Action {
        /** The Deployment should exist with this many replicas. Look again after {@code lookAgain}, if set. */
        record Keep(int replicas, Optional<Duration> lookAgain) implements Action {}

        /** Nothing of ours should be there. */
        record Remove() implements Action {}

        /** There is nothing, and nothing is needed. */
        record Nothing() implements Action {}
    }

    /** Decides. */
    public static Action decide(Situation s) {
        if (s.needed()) {
            return new Action.Keep(s.replicas(), Optional.empty());
        }
        if (!s.exists()) {
            return new Action.Nothing();
        }
        boolean forever = s.idleLimit().isZero();
        if (!s.used() && (forever || s.idle().compareTo(s.idleLimit()) >= 0)) {
            return new Action.Remove();
        }
        if (s.current() == 0) {
            return new Action.Keep(0, Optional.empty());
        }
        if (forever) {
            return new Action.Keep(s.replicas(), Optional.empty());
        }
        Duration left = s.idleLimit().minus(s.idle());
        return left.isPositive()
                ? new Action.Keep(s.replicas(), Optional.of(left))
                : new Action.Keep(0, Optional.empty());
    }
}
