package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.PinCheck;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import dev.wheelhouse.runtime.tool.McpBinding;
import dev.wheelhouse.runtime.tool.McpServers;
import dev.wheelhouse.runtime.tool.ToolKind;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tools as their ToolServers, and the servers behind them, have them at this moment; prices as the Models say. */
public final class PinsNow implements PinCheck {
    private final KubernetesClient client;
    private final ApiPermits permits;
    private final McpServers servers;
    /** Their answers come from readings that began after the question, so they are of this moment. */
    private final SharedReads reads = new SharedReads();

    public PinsNow(KubernetesClient client, ApiPermits permits, McpServers servers) {
        this.client = client;
        this.permits = permits;
        this.servers = servers;
    }

    @Override
    public ToolNow now(RunId run, PinnedTool tool) throws InterruptedException {
        if (tool.server().equals(ToolKind.BUILTIN)) {
            return new ToolNow.There(tool.schema(), tool.digest());
        }
        String resource = "ToolServer/" + tool.server();
        try {
            Optional<ToolServerSpec> server =
                    new Catalog(client, permits, reads, run.namespace()).toolServer(tool.server());
            if (server.isEmpty()) {
                return new ToolNow.Gone("ToolServer '" + tool.server() + "' does not exist any more");
            }
            return server.get().mcp() != null ? mcp(server.get(), tool) : http(server.get(), tool);
        } catch (KubernetesClientException e) {
            return new ToolNow.Unreachable(resource, Failures.reason(e));
        } catch (McpServers.Unreachable | SecretUnavailable e) {
            return new ToolNow.Unreachable(resource, e.getMessage());
        } catch (Pinning.Refused e) {
            return new ToolNow.Gone(e.getMessage());
        }
    }

    @Override
    public Map<String, Optional<Prices>> prices(RunId run, List<String> models) {
        Catalog catalog = new Catalog(client, permits, reads, run.namespace());
        Map<String, Optional<Prices>> prices = new HashMap<>();
        for (String name : models) {
            try {
                catalog.model(name)
                        .ifPresent(model -> prices.put(name, Optional.ofNullable(ModelPins.prices(model.prices()))));
            } catch (KubernetesClientException e) {
                // The price of the start stays; the next decision looks again.
            }
        }
        return prices;
    }

    private static ToolNow http(ToolServerSpec server, PinnedTool tool) throws Pinning.Refused {
        Optional<ToolServerSpec.HttpTool> declared = server.http() == null
                ? Optional.empty()
                : server.http().tools().stream()
                        .filter(candidate -> candidate.name().equals(tool.name()))
                        .findFirst();
        if (declared.isEmpty()) {
            return gone(tool);
        }
        JsonNode schema = Schemas.ofArguments(declared.get().arguments(), "the arguments of '" + tool.name() + "'");
        return new ToolNow.There(schema, Canonical.digest(schema));
    }

    private ToolNow mcp(ToolServerSpec server, PinnedTool tool)
            throws Pinning.Refused, McpServers.Unreachable, SecretUnavailable, InterruptedException {
        Optional<ToolServerSpec.McpTool> allowed = server.mcp().tools().stream()
                .filter(candidate -> candidate.name().equals(tool.name()))
                .findFirst();
        Optional<McpServers.Listed> offered = servers.list(McpBinding.of(server.mcp(), server.auth())).stream()
                .filter(candidate -> candidate.name().equals(tool.name()))
                .findFirst();
        if (allowed.isEmpty() || offered.isEmpty()) {
            return gone(tool);
        }
        String digest = Canonical.digest(offered.get().schema());
        if (allowed.get().schemaDigest() != null
                && !allowed.get().schemaDigest().equals(digest)) {
            return new ToolNow.Gone("the MCP server offers '" + tool.name() + "' with other arguments than declared");
        }
        return new ToolNow.There(
                Schemas.ofArguments(offered.get().schema(), "the arguments of '" + tool.name() + "'"), digest);
    }

    private static ToolNow gone(PinnedTool tool) {
        return new ToolNow.Gone("ToolServer '" + tool.server() + "' has no tool '" + tool.name() + "' any more");
    }
}
