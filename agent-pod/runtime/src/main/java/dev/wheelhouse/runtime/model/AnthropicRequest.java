package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.ToolCall;
import java.util.ArrayList;
import java.util.List;

/** The body of a Messages request. */
final class AnthropicRequest {
    static final String PROVIDER = "anthropic";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private AnthropicRequest() {}

    static ObjectNode body(ModelRequest request, ModelBinding binding) {
        ObjectNode body = JSON.objectNode();
        body.put("model", binding.model());
        body.put("max_tokens", request.maxOutputTokens());
        if (request.instructions() != null && !request.instructions().isEmpty()) {
            body.put("system", request.instructions());
        }
        body.set("messages", messages(request.messages()));
        if (!request.tools().isEmpty()) {
            body.set("tools", tools(request.tools()));
        }
        if (binding.temperaturePercent() != null) {
            body.put("temperature", binding.temperaturePercent() / 100.0);
        }
        return body;
    }

    /** Neighbours of one role become one message: all results of a turn must be in the message right after it. */
    private static ArrayNode messages(List<Message> conversation) {
        ArrayNode messages = JSON.arrayNode();
        CallIds ids = new CallIds();
        for (Message message : conversation) {
            switch (message) {
                case Message.User user -> content(messages, "user").add(text(user.text()));
                case Message.ToolOutput output -> content(messages, "user").add(result(output, ids));
                case Message.Assistant assistant -> {
                    ArrayNode content = content(messages, "assistant");
                    content.addAll(blocks(assistant, ids));
                    if (content.isEmpty()) {
                        content.add(text("(no answer)"));
                    }
                }
            }
        }
        return messages;
    }

    private static ArrayNode content(ArrayNode messages, String role) {
        if (!messages.isEmpty()
                && messages.get(messages.size() - 1).path("role").asText().equals(role)) {
            return (ArrayNode) messages.get(messages.size() - 1).get("content");
        }
        return messages.addObject().put("role", role).putArray("content");
    }

    private static ObjectNode text(String text) {
        return JSON.objectNode().put("type", "text").put("text", text);
    }

    private static ObjectNode result(Message.ToolOutput output, CallIds ids) {
        ObjectNode block = JSON.objectNode().put("type", "tool_result").put("tool_use_id", ids.of(output.callId()));
        block.put("content", output.content());
        return output.error() ? block.put("is_error", true) : block;
    }

    private static ArrayNode blocks(Message.Assistant message, CallIds ids) {
        if (PROVIDER.equals(message.provider())
                && message.raw() != null
                && message.raw().isArray()) {
            List<String> rawIds = new ArrayList<>();
            for (JsonNode block : message.raw()) {
                if (block.path("type").asText().equals("tool_use")) {
                    rawIds.add(block.path("id").asText());
                }
            }
            ids.learn(message.calls(), rawIds);
            return (ArrayNode) message.raw();
        }
        ArrayNode blocks = JSON.arrayNode();
        if (message.text() != null && !message.text().isBlank()) {
            blocks.add(text(message.text()));
        }
        for (ToolCall call : message.calls()) {
            blocks.addObject()
                    .put("type", "tool_use")
                    .put("id", call.id())
                    .put("name", call.tool())
                    .set("input", object(call.arguments()));
        }
        return blocks;
    }

    /** The protocol takes objects only; what is none goes back as text in one, so that the model sees its mistake. */
    static ObjectNode object(String arguments) {
        try {
            if (MAPPER.readTree(arguments) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // Falls through: malformed.
        }
        return JSON.objectNode().put("malformed", arguments);
    }

    private static ArrayNode tools(List<PinnedTool> tools) {
        ArrayNode array = JSON.arrayNode();
        for (PinnedTool tool : tools) {
            array.addObject()
                    .put("name", tool.name())
                    .put("description", tool.description())
                    .set("input_schema", tool.schema());
        }
        return array;
    }
}
