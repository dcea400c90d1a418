package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.money.TokenUsage;
import java.util.List;

/**
 * A complete answer of a model: hostile input.
 *
 * @param text may be empty
 * @param usage what the provider reports
 * @param truncated whether the answer was cut at the bound of output tokens
 * @param raw the provider's own form of the assistant message, to be sent back to it unchanged; may be null
 */
public record ModelReply(String text, List<ToolCall> calls, TokenUsage usage, boolean truncated, JsonNode raw) {
    /** A complete answer. */
    public ModelReply(String text, List<ToolCall> calls, TokenUsage usage, JsonNode raw) {
        this(text, calls, usage, false, raw);
    }
}
