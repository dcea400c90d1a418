package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.ToolCall;
import java.util.ArrayList;
import java.util.List;

/** The body of a Chat Completions request. */
final class OpenAiRequest {
    static final String PROVIDER = "openai";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private OpenAiRequest() {}

    static ObjectNode body(ModelRequest request, ModelBinding binding) {
        ObjectNode body = JSON.objectNode();
        body.put("model", binding.model());
        body.set("messages", messages(request));
        if (!request.tools().isEmpty()) {
            body.set("tools", tools(request.tools()));
        }
        body.put(maxTokensField(binding.endpoint()), request.maxOutputTokens());
        if (binding.temperaturePercent() != null) {
            body.put("temperature", binding.temperaturePercent() / 100.0);
        }
        body.putObject("stream_options").put("include_usage", true);
        return body;
    }

    /** OpenAI's newer models refuse {@code max_tokens}; many compatible servers know nothing else. */
    private static String maxTokensField(String endpoint) {
        return endpoint == null || endpoint.contains("openai.com") || endpoint.contains("openai.azure.com")
                ? "max_completion_tokens"
                : "max_tokens";
    }

    private static ArrayNode messages(ModelRequest request) {
        ArrayNode messages = JSON.arrayNode();
        if (request.instructions() != null && !request.instructions().isEmpty()) {
            messages.addObject().put("role", "system").put("content", request.instructions());
        }
        CallIds ids = new CallIds();
        for (Message message : request.messages()) {
            messages.add(
                    switch (message) {
                        case Message.User user ->
                            JSON.objectNode().put("role", "user").put("content", user.text());
                        case Message.Assistant assistant -> assistant(assistant, ids);
                        case Message.ToolOutput output ->
                            JSON.objectNode()
                                    .put("role", "tool")
                                    .put("tool_call_id", ids.of(output.callId()))
                                    .put("content", output.error() ? "Error: " + output.content() : output.content());
                    });
        }
        return messages;
    }

    private static JsonNode assistant(Message.Assistant message, CallIds ids) {
        if (PROVIDER.equals(message.provider()) && message.raw() != null) {
            List<String> rawIds = new ArrayList<>();
            message.raw()
                    .path("tool_calls")
                    .forEach(call -> rawIds.add(call.path("id").asText()));
            ids.learn(message.calls(), rawIds);
            return message.raw();
        }
        ObjectNode converted = JSON.objectNode().put("role", "assistant").put("content", message.text());
        if (!message.calls().isEmpty()) {
            ArrayNode calls = converted.putArray("tool_calls");
            for (ToolCall call : message.calls()) {
                calls.addObject()
                        .put("id", call.id())
                        .put("type", "function")
                        .putObject("function")
                        .put("name", call.tool())
                        .put("arguments", call.arguments());
            }
        }
        return converted;
    }

    private static ArrayNode tools(List<PinnedTool> tools) {
        ArrayNode array = JSON.arrayNode();
        for (PinnedTool tool : tools) {
            ObjectNode function = array.addObject().put("type", "function").putObject("function");
            function.put("name", tool.name());
            function.put("description", tool.description());
            function.set("parameters", tool.schema());
        }
        return array;
    }
}
