package dev.wheelhouse.operator.domain;

/** What is known of the process that holds a run's baton. */
public enum HolderState {
    /** Shows signs of life. */
    ALIVE,
    /** Cannot be running any more, or has been silent for longer than its lease. */
    LOST,
    /** Looks lost in the cache, which may lag: look at the API server before acting. */
    SUSPECT
}
