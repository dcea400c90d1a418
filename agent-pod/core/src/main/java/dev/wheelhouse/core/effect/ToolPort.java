package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import java.util.Optional;

/** Calls tools. One adapter per kind of tool behind it. Implementations are thread-safe and never throw for a tool's failure. */
public interface ToolPort {
    /**
     * Where a call of this tool will be made, for the journal to keep with the intent: a place of which there are several,
     * and which whoever goes on with the run has to know. May reserve it, but does nothing that the model asked for, and
     * waits for nothing slow. As long as the last place may still be worked at, it is the answer.
     *
     * @param last what was answered last for this run, if its intent became durable; or null
     * @return null if there are no places, or none at hand: the adapter then decides when the call is made, and has to
     *     make that durable itself
     */
    default String place(RunId run, PinnedTool tool, String last) throws InterruptedException {
        return null;
    }

    /**
     * The model is likely to call this tool in the answer that it is working on. May reserve the place that
     * {@link #place} would then find; if the call does not come, it is the run's until it ends.
     */
    default void prepare(RunId run, PinnedTool tool) {}

    /**
     * Calls the tool once. Retries are the caller's business.
     *
     * @throws InterruptedException if the run was cancelled or the process drains; the outcome is then unknown
     */
    ToolResult call(ToolInvocation invocation) throws InterruptedException;

    /**
     * Whether an earlier attempt of this call happened; only asked for reconcilable tools.
     *
     * @return its result ({@code Succeeded}, {@code Failed} or {@code Pending}), {@code Unknown} if the lookup itself
     *     failed, or empty if the call certainly did not happen
     */
    Optional<ToolResult> lookup(ToolInvocation invocation) throws InterruptedException;
}
