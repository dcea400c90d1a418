package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.money.Spend;

/** What came of a tool call. Content is hostile input: data for the model, never instructions to us. */
public sealed interface ToolResult {
    /**
     * The tool answered.
     *
     * @param truncated whether the adapter cut {@code content} to the tool's bound; it then ends with a marker
     * @param spend what the call used of the run's budget; {@link Spend#NONE} for all but child runs
     */
    record Succeeded(String content, boolean truncated, Spend spend) implements ToolResult {
        public Succeeded(String content) {
            this(content, false, Spend.NONE);
        }

        public Succeeded(String content, Spend spend) {
            this(content, false, spend);
        }
    }

    /**
     * The tool answered with an error of its own: a definite outcome that the model may react to.
     *
     * @param truncated as in {@link Succeeded}
     * @param spend as in {@link Succeeded}: a child run that failed was paid for too
     */
    record Failed(String content, boolean truncated, Spend spend) implements ToolResult {
        public Failed(String content) {
            this(content, false, Spend.NONE);
        }

        public Failed(String content, Spend spend) {
            this(content, false, spend);
        }
    }

    /** The call certainly never reached the tool (refused connection, missing credential). */
    record NotSent(String reason) implements ToolResult {}

    /** The call may have reached the tool; nobody knows (timeout, connection cut after sending). */
    record Unknown(String reason) implements ToolResult {}

    /** The call is under way elsewhere; the run can wait for it without a pod. Only for reconcilable tools. */
    record Pending(WaitReason waitFor) implements ToolResult {}
}
