package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.tool.ToolKind;
import java.time.Duration;

/** The built-in tool that asks a person. */
final class AskPin {
    static final String NAME = PinnedTool.ASK;
    private static final int MAX_BYTES = 65_536;
    private static final int MAX_QUESTION = 4096;
    private static final int MAX_CHOICES = 32;
    private static final int MAX_CHOICE = 256;

    private AskPin() {}

    static PinnedTool of() {
        ObjectNode schema = schema();
        return new PinnedTool(
                NAME,
                "Asks a person a question and returns the answer. People take long: ask only what you cannot find out"
                        + " or decide.",
                ToolKind.BUILTIN,
                ToolKind.ask.name(),
                EffectClass.READ_ONLY,
                schema,
                JsonNodeFactory.instance.objectNode(),
                Duration.ofSeconds(1),
                MAX_BYTES,
                JsonNodeFactory.instance.objectNode(),
                Canonical.digest(schema));
    }

    private static ObjectNode schema() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties
                .putObject("question")
                .put("type", "string")
                .put("description", "The whole question: the person sees nothing else of this conversation.")
                .put("minLength", 1)
                .put("maxLength", MAX_QUESTION);
        ObjectNode choices = properties
                .putObject("choices")
                .put("type", "array")
                .put("description", "Answers to choose from, if no other will do.")
                .put("minItems", 1)
                .put("maxItems", MAX_CHOICES);
        choices.putObject("items").put("type", "string").put("minLength", 1).put("maxLength", MAX_CHOICE);
        properties
                .putObject("schema")
                .put("type", "object")
                .put("description", "JSON Schema of the answer, if it must be JSON.");
        schema.putArray("required").add("question");
        return schema.put("additionalProperties", false);
    }
}
