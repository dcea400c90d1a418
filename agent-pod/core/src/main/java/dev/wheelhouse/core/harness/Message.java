package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** One message of the conversation, independent of a provider. */
public sealed interface Message {
    /** What the person asks. */
    record User(String text) implements Message {}

    /**
     * What the model said.
     *
     * @param raw the provider's own form, sent back unchanged to the same provider (signatures, reasoning); may be null
     * @param provider protocol that {@code raw} belongs to; may be null
     */
    record Assistant(String text, List<ToolCall> calls, String provider, JsonNode raw) implements Message {}

    /** Result of one tool call. */
    record ToolOutput(String callId, String tool, String content, boolean error) implements Message {}
}
