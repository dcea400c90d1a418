package dev.wheelhouse.core.effect;

import com.fasterxml.jackson.databind.JsonNode;

/** A tool as it is now, long after a run was pinned to it. */
public sealed interface ToolNow {
    /**
     * It is there.
     *
     * @param schema JSON Schema of its arguments
     * @param digest as in {@link dev.wheelhouse.core.harness.PinnedTool#digest}
     */
    record There(JsonNode schema, String digest) implements ToolNow {}

    /** It is not offered any more; the reason names what is missing. */
    record Gone(String reason) implements ToolNow {}

    /**
     * Nobody knows now.
     *
     * @param resource what does not answer, as {@code Kind/name}
     */
    record Unreachable(String resource, String reason) implements ToolNow {}
}
