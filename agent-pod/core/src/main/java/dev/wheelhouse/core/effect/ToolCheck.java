package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;

/** Looks at a tool again, before a call that waited for a person. Thread-safe. */
@FunctionalInterface
public interface ToolCheck {
    ToolNow now(RunId run, PinnedTool tool) throws InterruptedException;
}
