package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.harness.WaitReason;

/** What came of a tool call. Content is hostile input: data for the model, never instructions to us. */
public sealed interface ToolResult {
    /** The tool answered. */
    record Succeeded(String content) implements ToolResult {}

    /** The tool answered with an error of its own: a definite outcome that the model may react to. */
    record Failed(String content) implements ToolResult {}

    /** The call certainly never reached the tool (refused connection, missing credential). */
    record NotSent(String reason) implements ToolResult {}

    /** The call may have reached the tool; nobody knows (timeout, connection cut after sending). */
    record Unknown(String reason) implements ToolResult {}

    /** The call is under way elsewhere; the run can wait for it without a pod. Only for reconcilable tools. */
    record Pending(WaitReason waitFor) implements ToolResult {}
}
