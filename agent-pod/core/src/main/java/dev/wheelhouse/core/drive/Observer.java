package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.util.List;

/** Watches runs, for status, metrics and traces. Must be quick and must not throw; it cannot change a run. */
public interface Observer {
    Observer NONE = new Observer() {};

    /** Records became durable. */
    default void recorded(RunId run, List<JournalRecord> records, Summary summary) {}

    /** Text of a model as it streams; void if the call fails afterwards. */
    default void text(RunId run, int step, String delta) {}

    /**
     * A model call ended.
     *
     * @param failure null if it answered
     * @param spent what was charged
     */
    default void modelCalled(RunId run, PinnedModel model, Duration took, Spend spent, ModelException failure) {}

    /** A tool call ended. */
    default void toolCalled(RunId run, PinnedTool tool, Duration took, ToolResult result) {}

    /** The store did not answer; the run waits and tries again. */
    default void storeUnavailable(RunId run, String message) {}
}
