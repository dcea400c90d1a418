package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort.TextSink;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Puts the events of a streamed Messages answer together. Thinking blocks with their signatures, and blocks that we do
 * not know, are kept as they came. The SDK's own accumulator fails on malformed tool input, which here must reach the
 * model again for repair.
 */
final class AnthropicAnswer {
    private final TreeMap<Integer, Block> blocks = new TreeMap<>();
    private long input;
    private long cached;
    private long output;
    private String stopReason;
    private boolean stopped;

    private record Block(ObjectNode json, StringBuilder text, StringBuilder input, StringBuilder signature) {
        String type() {
            return json.path("type").asText();
        }
    }

    void add(JsonNode event, TextSink sink) throws ModelException {
        switch (event.path("type").asText()) {
            case "message_start" -> addUsage(event.path("message").path("usage"));
            case "content_block_start" -> start(event);
            case "content_block_delta" -> delta(event, sink);
            case "message_delta" -> {
                addUsage(event.path("usage"));
                if (event.path("delta").path("stop_reason").isTextual()) {
                    stopReason = event.path("delta").path("stop_reason").textValue();
                }
            }
            case "message_stop" -> stopped = true;
            default -> {}
        }
    }

    /** Counts are cumulative: the latest that is given holds. Input includes what came from or went to the cache. */
    private void addUsage(JsonNode usage) {
        if (usage.path("input_tokens").isNumber()) {
            cached = usage.path("cache_read_input_tokens").asLong(0);
            input = usage.path("input_tokens").asLong()
                    + usage.path("cache_creation_input_tokens").asLong(0)
                    + cached;
        }
        if (usage.path("output_tokens").isNumber()) {
            output = usage.path("output_tokens").asLong();
        }
    }

    private void start(JsonNode event) throws ModelException {
        if (!(event.path("content_block") instanceof ObjectNode block) || blocks.size() >= 4 * AnswerCaps.CALLS) {
            throw ProviderErrors.malformed("a content block that is none, or too many of them");
        }
        blocks.put(
                event.path("index").asInt(),
                new Block(
                        block.deepCopy(),
                        new StringBuilder(
                                block.path("text").asText(block.path("thinking").asText(""))),
                        new StringBuilder(),
                        new StringBuilder(block.path("signature").asText(""))));
    }

    private void delta(JsonNode event, TextSink sink) throws ModelException {
        Block block = blocks.get(event.path("index").asInt());
        if (block == null) {
            throw ProviderErrors.malformed("a part of a content block that never began");
        }
        JsonNode delta = event.path("delta");
        switch (delta.path("type").asText()) {
            case "text_delta" -> {
                String text = delta.path("text").asText("");
                AnswerCaps.append(block.text(), text);
                sink.text(text);
            }
            case "thinking_delta" ->
                AnswerCaps.append(block.text(), delta.path("thinking").asText(""));
            case "signature_delta" ->
                AnswerCaps.append(block.signature(), delta.path("signature").asText(""));
            case "input_json_delta" ->
                AnswerCaps.append(block.input(), delta.path("partial_json").asText(""));
            case "citations_delta" -> {
                if (!(block.json().get("citations") instanceof ArrayNode)) {
                    block.json().putArray("citations");
                }
                ((ArrayNode) block.json().get("citations")).add(delta.path("citation"));
            }
            default -> {}
        }
    }

    ModelReply complete(Access access) throws ModelException {
        if (!stopped || stopReason == null) {
            throw ProviderErrors.cut();
        }
        StringBuilder text = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        ArrayNode raw = JsonNodeFactory.instance.arrayNode();
        for (Block block : blocks.values()) {
            switch (block.type()) {
                case "text" -> {
                    text.append(block.text());
                    block.json().put("text", block.text().toString());
                }
                case "thinking" -> {
                    block.json().put("thinking", block.text().toString());
                    block.json().put("signature", block.signature().toString());
                }
                case "tool_use" -> calls.add(call(block));
                default -> {}
            }
            // The API refuses empty text blocks in what it is sent back.
            if (!block.type().equals("text") || !block.text().isEmpty()) {
                raw.add(block.json());
            }
        }
        if (stopReason.equals("refusal")) {
            throw ProviderErrors.refused(text.toString(), access);
        }
        return new ModelReply(text.toString(), calls, AnswerCaps.usage(input, cached, output), cutShort(), raw);
    }

    private boolean cutShort() {
        return stopReason.equals("max_tokens") || stopReason.equals("model_context_window_exceeded");
    }

    private static ToolCall call(Block block) {
        String streamed = block.input().toString();
        String arguments = !streamed.isBlank()
                ? streamed
                : block.json().path("input").isObject()
                        ? block.json().path("input").toString()
                        : "{}";
        block.json().set("input", AnthropicRequest.object(arguments));
        return new ToolCall(
                block.json().path("id").asText(""), block.json().path("name").asText(""), arguments);
    }
}
