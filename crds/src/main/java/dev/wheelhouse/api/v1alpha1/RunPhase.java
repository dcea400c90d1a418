package dev.wheelhouse.api.v1alpha1;

/** Phase of a run, for people. */
public enum RunPhase {
    /** Something it refers to is missing, or it was not looked at yet. */
    Pending,
    /** Valid, and waiting for a free place or a runtime. */
    Queued,
    Running,
    /** Waiting for something outside itself, without a pod. */
    Waiting,
    Succeeded,
    Failed,
    Cancelled;

    /** Whether the phase is an end. */
    public boolean finished() {
        return switch (this) {
            case Succeeded, Failed, Cancelled -> true;
            case Pending, Queued, Running, Waiting -> false;
        };
    }
}
