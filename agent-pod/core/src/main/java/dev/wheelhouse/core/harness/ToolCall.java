package dev.wheelhouse.core.harness;

/**
 * A call as the model wrote it.
 *
 * @param id unique within the run; made unique by the harness if the provider repeats ids
 * @param arguments raw text, possibly malformed
 */
public record ToolCall(String id, String tool, String arguments) {}
