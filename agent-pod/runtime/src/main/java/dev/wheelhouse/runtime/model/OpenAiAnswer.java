package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort.TextSink;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Puts the chunks of a streamed Chat Completions answer together. Fields that we do not know are put together too:
 * compatible servers keep reasoning and signatures in them and want them back.
 */
final class OpenAiAnswer {
    /** Strings that are whole in each chunk; all others arrive in pieces. */
    private static final Set<String> WHOLE = Set.of("role", "id", "type", "index");
    /** For servers that stream no usage; counting too few would let a run pass its limits. */
    private static final int CHARS_PER_TOKEN_GUESSED = 3;

    private final ObjectNode message = JsonNodeFactory.instance.objectNode();
    private final Map<String, StringBuilder> strings = new LinkedHashMap<>();
    private final TreeMap<Integer, ObjectNode> calls = new TreeMap<>();
    private final Map<ObjectNode, StringBuilder> arguments = new java.util.IdentityHashMap<>();
    private JsonNode usage;
    private String finish;

    void add(JsonNode chunk, TextSink sink) throws ModelException {
        if (chunk.path("usage").isObject()) {
            usage = chunk.path("usage");
        }
        JsonNode choice = chunk.path("choices").path(0);
        if (choice.path("finish_reason").isTextual()) {
            finish = choice.path("finish_reason").textValue();
        }
        for (Map.Entry<String, JsonNode> field : choice.path("delta").properties()) {
            if (field.getKey().equals("tool_calls")) {
                for (JsonNode call : field.getValue()) {
                    addCall(call);
                }
            } else {
                merge(field.getKey(), field.getValue());
            }
        }
        String text = choice.path("delta").path("content").asText("");
        if (!text.isEmpty() && choice.path("delta").path("content").isTextual()) {
            sink.text(text);
        }
    }

    private void merge(String name, JsonNode value) throws ModelException {
        if (value.isTextual() && !WHOLE.contains(name)) {
            AnswerCaps.append(strings.computeIfAbsent(name, n -> new StringBuilder()), value.textValue());
        } else if (value.isArray() && message.get(name) instanceof ArrayNode already) {
            already.addAll((ArrayNode) value);
        } else if (!value.isNull() || !message.has(name)) {
            message.set(name, value.deepCopy());
        }
    }

    private void addCall(JsonNode delta) throws ModelException {
        int index = delta.path("index").canConvertToInt() && delta.path("index").isIntegralNumber()
                ? delta.path("index").intValue()
                : calls.size();
        if (calls.size() >= AnswerCaps.CALLS && !calls.containsKey(index)) {
            throw new ModelException(
                    ModelException.Kind.REJECTED,
                    "the provider's answer is too large: more than " + AnswerCaps.CALLS + " tool calls",
                    null);
        }
        ObjectNode call = calls.computeIfAbsent(index, i -> JsonNodeFactory.instance.objectNode());
        for (Map.Entry<String, JsonNode> field : delta.properties()) {
            switch (field.getKey()) {
                case "index" -> {}
                case "function" -> addFunction(call, field.getValue());
                default -> {
                    if (!field.getValue().isNull()) {
                        call.set(field.getKey(), field.getValue().deepCopy());
                    }
                }
            }
        }
    }

    private void addFunction(ObjectNode call, JsonNode delta) throws ModelException {
        ObjectNode function = call.withObjectProperty("function");
        String name = delta.path("name").asText("");
        if (!name.isEmpty()) {
            function.put("name", name);
        }
        AnswerCaps.append(
                arguments.computeIfAbsent(call, c -> new StringBuilder()),
                delta.path("arguments").asText(""));
    }

    /** @param requestChars length of the request, for a guess if the server does not count */
    ModelReply complete(Access access, LongSupplier requestChars) throws ModelException {
        if (finish == null) {
            throw ProviderErrors.cut();
        }
        if (finish.equals("content_filter")) {
            throw ProviderErrors.refused("stopped by the provider's content filter", access);
        }
        String refusal = strings.getOrDefault("refusal", new StringBuilder()).toString();
        if (!refusal.isEmpty()) {
            throw ProviderErrors.refused(refusal, access);
        }
        List<ToolCall> toolCalls = assemble();
        String text = strings.getOrDefault("content", new StringBuilder()).toString();
        TokenUsage tokens = tokens(text, toolCalls, requestChars);
        return new ModelReply(text, toolCalls, tokens, finish.equals("length"), message);
    }

    private List<ToolCall> assemble() throws ModelException {
        if (!message.has("role")) {
            message.put("role", "assistant");
        }
        strings.forEach((name, value) -> message.put(name, value.toString()));
        if (!message.has("content")) {
            message.putNull("content");
        }
        List<ToolCall> toolCalls = new ArrayList<>();
        if (calls.isEmpty()) {
            return toolCalls;
        }
        ArrayNode array = message.putArray("tool_calls");
        for (ObjectNode call : calls.values()) {
            ObjectNode function = call.withObjectProperty("function");
            StringBuilder text = arguments.get(call);
            function.put("arguments", text == null ? "" : text.toString());
            if (!call.path("id").isTextual()) {
                call.put("id", "call_" + (toolCalls.size() + 1));
            }
            if (!call.has("type")) {
                call.put("type", "function");
            }
            array.add(call);
            String json = function.path("arguments").textValue();
            toolCalls.add(new ToolCall(
                    call.path("id").textValue(), function.path("name").asText(""), json.isBlank() ? "{}" : json));
        }
        return toolCalls;
    }

    private TokenUsage tokens(String text, List<ToolCall> toolCalls, LongSupplier requestChars) {
        if (usage != null && usage.path("prompt_tokens").isNumber()) {
            return AnswerCaps.usage(
                    usage.path("prompt_tokens").asLong(),
                    usage.path("prompt_tokens_details").path("cached_tokens").asLong(0),
                    usage.path("completion_tokens").asLong(0));
        }
        long out = text.length()
                + toolCalls.stream().mapToLong(c -> c.arguments().length()).sum();
        return AnswerCaps.usage(
                Math.ceilDiv(requestChars.getAsLong(), CHARS_PER_TOKEN_GUESSED),
                0,
                Math.ceilDiv(out, CHARS_PER_TOKEN_GUESSED));
    }
}
