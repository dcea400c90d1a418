package dev.wheelhouse.core.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** Lets no call through that its tool's schema does not allow; the model learns what is wrong and may try again. */
public final class ArgumentCheck implements Guard {
    private static final int MAX_CHARS = 256 * 1024;

    @Override
    public Step check(State state, Step step, Instant now) {
        if (!(step instanceof Step.CallTools(var planned))) {
            return step;
        }
        return new Step.CallTools(planned.stream()
                .map(plan -> plan instanceof Planned.Unchecked(var asked) ? checked(state, asked) : plan)
                .toList());
    }

    private static Planned checked(State state, ToolCall asked) {
        PinnedTool tool = state.run().tool(asked.tool()).orElse(null);
        if (tool == null) {
            String known = state.run().tools().stream().map(PinnedTool::name).collect(Collectors.joining(", "));
            return refuse(
                    asked,
                    "There is no tool '" + asked.tool() + "'. Tools: " + (known.isEmpty() ? "none" : known) + ".");
        }
        if (asked.arguments().length() > MAX_CHARS) {
            return refuse(asked, "The arguments are longer than " + MAX_CHARS + " characters.");
        }
        try {
            JsonNode parsed =
                    asked.arguments().isBlank() ? JsonNodeFactory.instance.objectNode() : Json.parse(asked.arguments());
            if (!(parsed instanceof ObjectNode arguments)) {
                return refuse(asked, "The arguments must be a JSON object.");
            }
            return matched(asked, tool, arguments);
        } catch (JsonProcessingException e) {
            return refuse(asked, "The arguments are not valid JSON: " + e.getOriginalMessage() + place(e) + ".");
        }
    }

    private static Planned matched(ToolCall asked, PinnedTool tool, ObjectNode arguments) {
        arguments.setAll(tool.bound());
        try {
            List<String> wrong = JsonSchema.of(tool.schema()).violations(arguments);
            return wrong.isEmpty()
                    ? new Planned.Execute(asked, tool, arguments, 1, null, null, Duration.ZERO)
                    : refuse(asked, "The arguments do not match the tool's schema: " + String.join("; ", wrong) + ".");
        } catch (JsonSchema.Unusable e) {
            return refuse(asked, "The tool cannot be called: its schema is unusable: " + e.getMessage() + ".");
        }
    }

    private static Planned refuse(ToolCall asked, String message) {
        return new Planned.Refuse(asked, true, message);
    }

    private static String place(JsonProcessingException e) {
        var location = e.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }
}
