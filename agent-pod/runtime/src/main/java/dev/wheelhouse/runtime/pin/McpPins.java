package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.AgentTool;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.outbound.CappedText;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.tool.McpBinding;
import dev.wheelhouse.runtime.tool.McpServers;
import dev.wheelhouse.runtime.tool.ToolKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Copies tools as an MCP server lists them at this moment. Its own hints about their effects are not looked at. */
record McpPins(McpServers servers, Missing missing) {
    private static final int MAX_BYTES = 65_536;
    private static final int MAX_DESCRIPTION = 4096;

    List<PinnedTool> of(String server, ToolServerSpec.Mcp spec, ToolServerSpec.AuthHeader auth, List<AgentTool> chosen)
            throws Pinning.Refused, InterruptedException {
        McpBinding binding = McpBinding.of(spec, auth);
        List<PinnedTool> pinned = new ArrayList<>();
        try {
            List<McpServers.Listed> listed = servers.list(binding);
            for (AgentTool tool : chosen) {
                Optional<ToolServerSpec.McpTool> allowed = spec.tools().stream()
                        .filter(candidate -> candidate.name().equals(tool.name()))
                        .findFirst();
                Optional<McpServers.Listed> offered = listed.stream()
                        .filter(candidate -> candidate.name().equals(tool.name()))
                        .findFirst();
                if (allowed.isEmpty()) {
                    missing.add("ToolServer/" + server, ToolPins.notOffered(server, tool.name()));
                } else if (offered.isEmpty()) {
                    missing.add(
                            "ToolServer/" + server,
                            "the MCP server of ToolServer '" + server + "' does not offer the tool '" + tool.name()
                                    + "' now; add it there or remove it from the Agent");
                } else {
                    pinned.add(pin(server, spec, binding, allowed.get(), offered.get(), tool));
                }
            }
        } catch (McpServers.Unreachable e) {
            missing.add("ToolServer/" + server, e.getMessage() + "; start it or correct the ToolServer");
        } catch (SecretUnavailable e) {
            missing.add("Secret/" + e.secret(), e.getMessage());
        }
        return pinned;
    }

    private static PinnedTool pin(
            String server,
            ToolServerSpec.Mcp spec,
            McpBinding binding,
            ToolServerSpec.McpTool allowed,
            McpServers.Listed offered,
            AgentTool chosen)
            throws Pinning.Refused {
        String where = "tool '" + allowed.name() + "' of ToolServer '" + server + "'";
        String digest = Canonical.digest(offered.schema());
        if (allowed.schemaDigest() != null && !allowed.schemaDigest().equals(digest)) {
            throw new Pinning.Refused("the MCP server offers " + where + " with other arguments than declared (schema "
                    + digest + ", declared " + allowed.schemaDigest()
                    + "); look at the change, then set schemaDigest in the ToolServer");
        }
        ObjectNode schema = Schemas.ofArguments(offered.schema(), "the arguments of " + where);
        return new PinnedTool(
                allowed.name(),
                offered.description() == null
                        ? ""
                        : CappedText.of(offered.description(), MAX_DESCRIPTION).text(),
                server,
                ToolKind.mcp.name(),
                Effects.of(allowed.effect(), chosen.effect(), false, allowed.name(), server),
                schema,
                Schemas.bound(chosen.bound(), schema, "bound of " + where),
                Duration.ofSeconds(binding.timeoutSeconds()),
                spec.maxResponseBytes() == null ? MAX_BYTES : spec.maxResponseBytes(),
                binding.json(),
                digest);
    }
}
