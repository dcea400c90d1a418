package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.guard.JsonSchema;
import java.util.List;

/** JSON Schemas of authors and servers, checked before a run relies on them. */
final class Schemas {
    private static final int MAX_CHARS = 256 * 1024;
    /** The schema that schemas satisfy; it comes with the library, nothing is fetched. */
    private static final Schema META = SchemaRegistry.withDialect(Dialects.getDraft202012())
            .getSchema(SchemaLocation.of(Dialects.getDraft202012().getId()));

    private Schemas() {}

    /** @throws Pinning.Refused if it cannot be used for checking; {@code where} says whose it is */
    static void checkUsable(JsonNode schema, String where) throws Pinning.Refused {
        if (schema.toString().length() > MAX_CHARS) {
            throw new Pinning.Refused(where + " is longer than " + MAX_CHARS + " characters; make it smaller");
        }
        try {
            JsonSchema.of(schema);
        } catch (JsonSchema.Unusable e) {
            throw new Pinning.Refused(where + " is not a usable JSON Schema: " + e.getMessage() + "; correct it");
        }
        List<com.networknt.schema.Error> wrong = schema.has("$schema") ? List.of() : META.validate(schema);
        if (!wrong.isEmpty()) {
            throw new Pinning.Refused(where + " is not a JSON Schema (draft 2020-12): "
                    + wrong.getFirst().getInstanceLocation() + " "
                    + wrong.getFirst().getMessage() + "; correct it");
        }
    }

    /** Arguments are an object; a schema that says nothing of it is made to. */
    static ObjectNode ofArguments(JsonNode schema, String where) throws Pinning.Refused {
        ObjectNode arguments =
                schema instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode();
        if (schema != null && !schema.isObject() && !schema.isNull()) {
            throw new Pinning.Refused(where + " must be a JSON Schema of an object; correct it");
        }
        if (!arguments.has("type")) {
            arguments.put("type", "object");
        }
        if (!arguments.path("type").asText().equals("object")) {
            throw new Pinning.Refused(where + " must have \"type\": \"object\": arguments are named; correct it");
        }
        if (!arguments.has("properties")) {
            arguments.putObject("properties");
        }
        checkUsable(arguments, where);
        return arguments;
    }

    /** @throws Pinning.Refused if a bound argument is not one of the tool's, or has a value the tool does not take */
    static ObjectNode bound(JsonNode bound, ObjectNode schema, String where) throws Pinning.Refused {
        if (bound == null || bound.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!(bound instanceof ObjectNode arguments)) {
            throw new Pinning.Refused(where + " must be an object of arguments by name; correct it");
        }
        ObjectNode partial = schema.deepCopy();
        // The model gives the rest.
        if (partial.get("required") instanceof ArrayNode required) {
            required.removeAll();
        }
        try {
            List<String> wrong = JsonSchema.of(partial).violations(arguments);
            if (!wrong.isEmpty()) {
                throw new Pinning.Refused(
                        where + " does not fit the tool's arguments: " + wrong.getFirst() + "; correct the Agent");
            }
        } catch (JsonSchema.Unusable e) {
            throw new Pinning.Refused(where + " cannot be checked: " + e.getMessage());
        }
        return arguments;
    }
}
