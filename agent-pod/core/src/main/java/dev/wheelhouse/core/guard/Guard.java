package dev.wheelhouse.core.guard;

import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import java.time.Instant;

/** Looks at every step before it happens and lets it pass, changes it or puts another in its place. Pure. */
@FunctionalInterface
public interface Guard {
    /** @param step what happens if this guard does nothing */
    Step check(State state, Step step, Instant now);
}
