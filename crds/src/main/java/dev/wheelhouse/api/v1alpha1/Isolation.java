package dev.wheelhouse.api.v1alpha1;

/** Which runs share a runtime pod. */
public enum Isolation {
    /** Runs of a namespace share its runtime pods. */
    Shared,
    /** The run has a runtime pod of its own, deleted with it. */
    Run
}
