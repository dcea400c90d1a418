package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.drive.Pinning;

/** Finds what a run is to be held to, from the objects it names. */
@FunctionalInterface
public interface Pinnings {
    Pinning of(Run run);
}
