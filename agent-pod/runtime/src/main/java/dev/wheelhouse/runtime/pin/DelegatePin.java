package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Delegate;
import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.tool.DelegateBinding;
import dev.wheelhouse.runtime.tool.ToolKind;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** The built-in tool that starts child runs. */
final class DelegatePin {
    static final String NAME = "delegate";
    /** Of the request that makes the child; the child itself takes as long as its limits allow. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final int MAX_BYTES = 65_536;
    private static final int MAX_INPUT = 65_536;

    private DelegatePin() {}

    static PinnedTool of(List<Delegate> delegates, Isolation isolation) {
        List<String> agents = delegates.stream().map(Delegate::agent).distinct().toList();
        ObjectNode schema = schema(agents);
        return new PinnedTool(
                NAME,
                "Gives a task to another agent and returns its answer. Agents: "
                        + delegates.stream().map(DelegatePin::line).collect(Collectors.joining("; ")),
                ToolKind.BUILTIN,
                ToolKind.delegate.name(),
                EffectClass.RECONCILABLE,
                schema,
                JsonNodeFactory.instance.objectNode(),
                TIMEOUT,
                MAX_BYTES,
                new DelegateBinding(agents, isolation).json(),
                Canonical.digest(schema));
    }

    private static String line(Delegate delegate) {
        return delegate.agent() + (delegate.description() == null ? "" : " (" + delegate.description() + ")");
    }

    private static ObjectNode schema(List<String> agents) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode names = properties.putObject("agent").put("type", "string").putArray("enum");
        agents.forEach(names::add);
        properties
                .putObject("input")
                .put("type", "string")
                .put("description", "The whole task: the agent sees nothing else of this conversation.")
                .put("minLength", 1)
                .put("maxLength", MAX_INPUT);
        schema.putArray("required").add("agent").add("input");
        return schema.put("additionalProperties", false);
    }
}
