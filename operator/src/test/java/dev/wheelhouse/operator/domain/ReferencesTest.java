package dev.wheelhouse.operator.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.AgentTool;
import dev.wheelhouse.api.v1alpha1.Delegate;
import dev.wheelhouse.api.v1alpha1.EffectClass;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.Prices;
import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReferencesTest {
    private final Map<String, AgentSpec> agents = new HashMap<>();
    private final Map<String, ModelSpec> models = new HashMap<>();
    private final Map<String, ToolServerSpec> servers = new HashMap<>();
    private Limits tenantLimits;

    private final Definitions defs = new Definitions() {
        @Override
        public Optional<AgentSpec> agent(String name) {
            return Optional.ofNullable(agents.get(name));
        }

        @Override
        public Optional<ModelSpec> model(String name) {
            return Optional.ofNullable(models.get(name));
        }

        @Override
        public Optional<ToolServerSpec> toolServer(String name) {
            return Optional.ofNullable(servers.get(name));
        }

        @Override
        public Collection<AgentSpec> agents() {
            return agents.values();
        }

        @Override
        public Collection<ModelSpec> models() {
            return models.values();
        }

        @Override
        public Collection<ToolServerSpec> toolServers() {
            return servers.values();
        }

        @Override
        public TenantSpec tenant() {
            return new TenantSpec(1, null, null, null, tenantLimits, null, null);
        }

        @Override
        public boolean used() {
            return true;
        }
    };

    private void model(String name, Prices prices) {
        models.put(name, new ModelSpec(Provider.openai, null, "x", null, prices, null, null, null, null));
    }

    private void server(String name, String tool, EffectClass effect) {
        var mcp = new ToolServerSpec.Mcp(
                "http://mcp", List.of(new ToolServerSpec.McpTool(tool, effect, null)), null, null);
        servers.put(name, new ToolServerSpec(null, mcp, null));
    }

    private static AgentSpec agent(List<String> fallbacks, List<AgentTool> tools, List<Delegate> delegates) {
        return new AgentSpec(null, "m", fallbacks, "x", null, tools, delegates, null, null, null, null, null);
    }

    private static AgentTool tool(String server, String name) {
        return new AgentTool(server, name, null, null, null);
    }

    private Problem problem(AgentSpec spec) {
        agents.put("a", spec);
        return References.ofRun("a", false, defs).orElse(null);
    }

    private void expect(String reason, String object, AgentSpec spec) {
        Problem problem = problem(spec);
        assertEquals(reason, problem.reason());
        assertEquals(object, problem.object());
        assertTrue(problem.message().contains("'"), problem.message());
    }

    @Test
    void whatIsMissingIsNamed() {
        assertEquals("Agent/a", References.ofRun("a", false, defs).orElseThrow().object());
        expect("ModelNotFound", "Model/m", agent(null, null, null));
        model("m", null);
        assertEquals(null, problem(agent(null, null, null)));
        expect("ModelNotFound", "Model/spare", agent(List.of("spare"), null, null));
        expect("ToolServerNotFound", "ToolServer/s", agent(null, List.of(tool("s", "t")), null));
        expect("DelegateNotFound", "Agent/other", agent(null, null, List.of(new Delegate("other", null))));
        server("s", "real", null);
        expect("ToolNotFound", "ToolServer/s", agent(null, List.of(tool("s", "t")), null));
        assertTrue(problem(agent(null, List.of(tool("s", "t")), null)).message().contains("real"));
        assertEquals(null, problem(agent(null, List.of(tool("s", "real")), null)));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        model("m", null);
        server("s", "t", EffectClass.idempotent);
        server("s2", "t", null);
        server("d", "delegate", null);
        expect("AgentInvalid", "Agent/a", agent(null, List.of(tool("s", "t"), tool("s2", "t")), null));
        expect(
                "AgentInvalid",
                "Agent/a",
                agent(null, List.of(new AgentTool("s", "t", EffectClass.readOnly, null, null)), null));
        expect(
                "AgentInvalid",
                "Agent/a",
                agent(null, List.of(new AgentTool("s", "t", null, TextNode.valueOf("no object"), null)), null));
        expect(
                "AgentInvalid",
                "Agent/a",
                agent(null, List.of(tool("d", "delegate")), List.of(new Delegate("a", null))));
        assertEquals(
                null, problem(agent(null, List.of(new AgentTool("s", "t", EffectClass.atMostOnce, null, null)), null)));
    }

    @Test
    void aCostLimitNeedsPrices() {
        model("m", null);
        agents.put("a", agent(null, null, null));
        assertEquals(
                "PriceUnknown", References.ofRun("a", true, defs).orElseThrow().reason());
        tenantLimits = new Limits(null, null, null, 5L, null, null, null, null);
        assertEquals(
                "PriceUnknown", References.ofRun("a", false, defs).orElseThrow().reason());
        model("m", new Prices(1L, 1L, null));
        assertEquals(Optional.empty(), References.ofRun("a", true, defs));
    }
}
