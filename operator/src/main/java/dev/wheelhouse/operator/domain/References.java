package dev.wheelhouse.operator.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.AgentTool;
import dev.wheelhouse.api.v1alpha1.Delegate;
import dev.wheelhouse.api.v1alpha1.EffectClass;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.operator.domain.sandbox.SandboxRules;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Whether everything that an agent or a run refers to exists and fits; else the first thing that does not. */
public final class References {
    /** Name of the built-in tool that starts child runs. */
    static final String DELEGATE = "delegate";

    private References() {}

    /** First problem of a run of this agent. {@code costLimited}: the run itself has a cost limit. */
    public static Optional<Problem> ofRun(String agent, boolean costLimited, Definitions defs) {
        Optional<AgentSpec> spec = defs.agent(agent);
        if (spec.isEmpty()) {
            return Optional.of(missing("Agent", agent, "the run"));
        }
        return ofAgent(agent, spec.get(), defs).or(() -> price(agent, spec.get(), costLimited, defs));
    }

    /** First problem of an agent. */
    public static Optional<Problem> ofAgent(String name, AgentSpec agent, Definitions defs) {
        return first(
                () -> models(agent)
                        .filter(model -> defs.model(model).isEmpty())
                        .findFirst()
                        .map(model -> missing("Model", model, "Agent '" + name + "'")),
                () -> tools(name, agent, defs),
                () -> list(agent.delegates()).stream()
                        .map(Delegate::agent)
                        .filter(target -> defs.agent(target).isEmpty())
                        .findFirst()
                        .map(target -> new Problem(
                                "DelegateNotFound",
                                "Agent/" + target,
                                "Agent '" + name + "' delegates to Agent '" + target
                                        + "', which does not exist in this namespace; create it, or remove it from"
                                        + " spec.delegates")),
                () -> sandbox(name, agent, defs),
                () -> shape(name, agent));
    }

    private static Optional<Problem> tools(String name, AgentSpec agent, Definitions defs) {
        Set<String> seen = new HashSet<>();
        return list(agent.tools()).stream()
                .map(tool -> seen.add(tool.name())
                        ? tool(name, tool, defs)
                        : Optional.of(invalid(
                                name,
                                "lists two tools named '" + tool.name()
                                        + "', which the model could not tell apart; remove one of them")))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Problem> tool(String agent, AgentTool tool, Definitions defs) {
        Optional<ToolServerSpec> server = defs.toolServer(tool.server());
        if (server.isEmpty()) {
            return Optional.of(missing("ToolServer", tool.server(), "Agent '" + agent + "'"));
        }
        Map<String, EffectClass> offered = offered(server.get());
        EffectClass declared = offered.get(tool.name());
        if (declared == null) {
            return Optional.of(new Problem(
                    "ToolNotFound",
                    "ToolServer/" + tool.server(),
                    "Agent '" + agent + "' uses tool '" + tool.name() + "', which ToolServer '" + tool.server()
                            + "' does not list; it lists: " + String.join(", ", offered.keySet())));
        }
        if (tool.effect() != null && tool.effect().compareTo(declared) < 0) {
            return Optional.of(invalid(
                    agent,
                    "declares tool '" + tool.name() + "' as " + tool.effect() + ", but ToolServer '" + tool.server()
                            + "' says " + declared + "; an agent may only be stricter"));
        }
        return object(tool.bound())
                ? Optional.empty()
                : Optional.of(invalid(agent, "has bound arguments of tool '" + tool.name() + "' that are no object"));
    }

    private static Optional<Problem> sandbox(String name, AgentSpec agent, Definitions defs) {
        return agent.sandbox() == null
                ? Optional.empty()
                : new SandboxRules(defs.tenant().sandbox())
                        .refuse(agent.sandbox())
                        .map(why -> new Problem("SandboxNotAllowed", "Tenant/default", "Agent '" + name + "': " + why));
    }

    private static Optional<Problem> shape(String name, AgentSpec agent) {
        boolean clash = list(agent.tools()).stream().anyMatch(t -> t.name().equals(DELEGATE));
        if (clash && !list(agent.delegates()).isEmpty()) {
            return Optional.of(invalid(
                    name, "has a tool named 'delegate' beside spec.delegates, which adds one; rename the tool"));
        }
        return object(agent.outputSchema())
                ? Optional.empty()
                : Optional.of(invalid(name, "has a spec.outputSchema that is no object"));
    }

    private static Optional<Problem> price(String name, AgentSpec agent, boolean costLimited, Definitions defs) {
        boolean limited = costLimited
                || costLimit(agent.limits())
                || costLimit(defs.tenant().limits());
        if (!limited) {
            return Optional.empty();
        }
        return models(agent)
                .filter(model -> defs.model(model).map(ModelSpec::prices).isEmpty())
                .findFirst()
                .map(model -> new Problem(
                        "PriceUnknown",
                        "Model/" + model,
                        "a cost limit holds, but Model '" + model + "' of Agent '" + name
                                + "' has no price; set spec.prices of the Model, or remove limits.costMicros"));
    }

    private static boolean costLimit(Limits limits) {
        return limits != null && limits.costMicros() != null;
    }

    /** Tools of a server with their effect classes, in its order. */
    static Map<String, EffectClass> offered(ToolServerSpec server) {
        Map<String, EffectClass> offered = new LinkedHashMap<>();
        if (server.http() != null) {
            list(server.http().tools()).forEach(t -> offered.put(t.name(), orStrictest(t.effect())));
        }
        if (server.mcp() != null) {
            list(server.mcp().tools()).forEach(t -> offered.put(t.name(), orStrictest(t.effect())));
        }
        return offered;
    }

    private static EffectClass orStrictest(EffectClass effect) {
        return effect == null ? EffectClass.atMostOnce : effect;
    }

    private static Stream<String> models(AgentSpec agent) {
        return Stream.concat(Stream.of(agent.model()), list(agent.fallbackModels()).stream());
    }

    private static Problem missing(String kind, String name, String by) {
        return new Problem(
                kind + "NotFound",
                kind + "/" + name,
                kind + " '" + name + "', which " + by + " uses, does not exist in this namespace; create it");
    }

    private static Problem invalid(String agent, String what) {
        return new Problem("AgentInvalid", "Agent/" + agent, "Agent '" + agent + "' " + what);
    }

    private static boolean object(JsonNode node) {
        return node == null || node.isNull() || node.isObject();
    }

    private static <T> List<T> list(List<T> list) {
        return list == null ? List.of() : list;
    }

    @SafeVarargs
    private static Optional<Problem> first(Supplier<Optional<Problem>>... checks) {
        return Stream.of(checks).map(Supplier::get).flatMap(Optional::stream).findFirst();
    }
}
