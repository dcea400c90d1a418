package dev.wheelhouse.operator.domain;

/** Answer of the admission to a run that should execute. */
public sealed interface Placement {
    /** The run has a place, and this runtime takes it. */
    record Assigned(RuntimeRef runtime) implements Placement {}

    /** The run has a place, and waits for the pod of its own. */
    record OwnRuntime() implements Placement {}

    /** The run waits for a place; {@code position} counts from 1. */
    record Queued(int position, int limit) implements Placement {}

    /** There would be a place, but no runtime yet. */
    record NoRuntime(int position) implements Placement {}
}
