package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.effect.EffectClass;
import java.time.Duration;

/**
 * A tool as a run saw it at its start.
 *
 * @param server name of its ToolServer, or {@code builtin}
 * @param kind adapter that calls it: {@code http}, {@code mcp}, {@code delegate}
 * @param schema JSON Schema of the arguments as the tool takes them
 * @param bound arguments fixed by the author, hidden from the model; may be empty
 * @param binding what the adapter needs (URL, header names, Secret key names; never a secret value)
 * @param digest SHA-256 of the canonical schema, as {@code sha256:hex}
 * @param gate when its calls need a person; null: never
 */
public record PinnedTool(
        String name,
        String description,
        String server,
        String kind,
        EffectClass effect,
        JsonNode schema,
        ObjectNode bound,
        Duration timeout,
        int maxResponseBytes,
        JsonNode binding,
        String digest,
        Gate gate) {
    /** Kind of the built-in tool whose calls are answered by people. */
    public static final String ASK = "ask";

    /** A tool that needs no person. */
    public PinnedTool(
            String name,
            String description,
            String server,
            String kind,
            EffectClass effect,
            JsonNode schema,
            ObjectNode bound,
            Duration timeout,
            int maxResponseBytes,
            JsonNode binding,
            String digest) {
        this(name, description, server, kind, effect, schema, bound, timeout, maxResponseBytes, binding, digest, null);
    }

    /** The same with this gate. */
    public PinnedTool gated(Gate by) {
        return new PinnedTool(
                name, description, server, kind, effect, schema, bound, timeout, maxResponseBytes, binding, digest, by);
    }

    /** Whether its calls are questions to people. */
    public boolean asks() {
        return kind.equals(ASK);
    }

    /** Whether its calls start runs of their own, which spend this run's budget. */
    public boolean delegates() {
        return kind.equals("delegate");
    }

    /**
     * As the model may see it: without the arguments that the author fixed. Only properties at the top of the schema
     * can be hidden.
     */
    public PinnedTool asShown() {
        if (bound.isEmpty() || !(schema instanceof ObjectNode)) {
            return this;
        }
        ObjectNode shown = schema.deepCopy();
        if (shown.get("properties") instanceof ObjectNode properties) {
            bound.fieldNames().forEachRemaining(properties::remove);
        }
        if (shown.get("required") instanceof ArrayNode required) {
            required.removeIf(name -> bound.has(name.asText()));
        }
        ObjectNode none = bound.objectNode();
        return new PinnedTool(
                name, description, server, kind, effect, shown, none, timeout, maxResponseBytes, binding, digest, gate);
    }
}
