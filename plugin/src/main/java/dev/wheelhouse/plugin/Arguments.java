package dev.wheelhouse.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wheelhouse.core.guard.JsonSchema;
import java.util.List;

/** Arguments of a call, for people: one field a line, and back. */
final class Arguments {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");
    private static final ObjectWriter PRETTY =
            JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT));

    private Arguments() {}

    /** One field a line; text that is no JSON is left as it is. */
    static String pretty(String json) {
        try {
            return PRETTY.writeValueAsString(JSON.readTree(json));
        } catch (JsonProcessingException e) {
            return json;
        }
    }

    /** As harmless lines. */
    static List<String> lines(String json) {
        return SafeText.lines(pretty(json));
    }

    /**
     * What a person wrote, in one line.
     *
     * @param schema JSON Schema as text that it should fit, or null
     * @throws CommandException if it does not, in words for that person
     */
    static String compact(String text, String schema) {
        try {
            JsonNode value = JSON.readTree(text);
            if (!value.isObject()) {
                throw new CommandException("the arguments must be a JSON object");
            }
            if (schema != null && !schema.isEmpty()) {
                List<String> wrong = JsonSchema.of(JSON.readTree(schema)).violations(value);
                if (!wrong.isEmpty()) {
                    throw new CommandException(
                            "the arguments do not fit the tool's schema: " + String.join("; ", wrong));
                }
            }
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new CommandException("this is not JSON: " + e.getOriginalMessage());
        } catch (JsonSchema.Unusable e) {
            throw new CommandException("the tool's schema cannot be checked: " + e.getMessage());
        }
    }
}
