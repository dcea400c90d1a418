package dev.wheelhouse.core.effect;

import java.util.Optional;

/** Calls tools. One adapter per kind of tool behind it. Implementations are thread-safe and never throw for a tool's failure. */
public interface ToolPort {
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
