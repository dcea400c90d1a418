package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.AgentTool;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.tool.HttpBinding;
import dev.wheelhouse.runtime.tool.McpServers;
import dev.wheelhouse.runtime.tool.ToolKind;
import dev.wheelhouse.runtime.tool.UrlTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Copies the tools that an agent chose, each with the schema, effect and limits that hold for this run. */
final class ToolPins {
    private static final int HTTP_SECONDS = 30;
    private static final int MAX_BYTES = 65_536;

    private final Catalog catalog;
    private final SecretFiles secrets;
    private final McpPins mcp;
    private final Missing missing;

    ToolPins(Catalog catalog, SecretFiles secrets, McpServers servers, Missing missing) {
        this.catalog = catalog;
        this.secrets = secrets;
        this.mcp = new McpPins(servers, missing);
        this.missing = missing;
    }

    List<PinnedTool> of(AgentSpec agent) throws Pinning.Refused, InterruptedException {
        Map<String, List<AgentTool>> byServer = new LinkedHashMap<>();
        Map<String, String> owners = new LinkedHashMap<>();
        for (AgentTool tool : agent.tools() == null ? List.<AgentTool>of() : agent.tools()) {
            String other = owners.put(tool.name(), tool.server());
            if (other != null) {
                throw new Pinning.Refused("AgentInvalid: two tools are called '" + tool.name() + "' (of ToolServer '"
                        + other + "' and of '" + tool.server()
                        + "'); a model cannot tell them apart: remove one from spec.tools of the Agent");
            }
            byServer.computeIfAbsent(tool.server(), name -> new ArrayList<>()).add(tool);
        }
        List<PinnedTool> pinned = new ArrayList<>();
        for (Map.Entry<String, List<AgentTool>> entry : byServer.entrySet()) {
            pinned.addAll(ofServer(entry.getKey(), entry.getValue()));
        }
        return pinned;
    }

    private List<PinnedTool> ofServer(String name, List<AgentTool> chosen)
            throws Pinning.Refused, InterruptedException {
        Optional<ToolServerSpec> server = catalog.toolServer(name);
        if (server.isEmpty()) {
            missing.add("ToolServer/" + name, "ToolServer '" + name + "' does not exist; create it");
            return List.of();
        }
        if (!credentialThere(server.get())) {
            return List.of();
        }
        return server.get().mcp() != null
                ? mcp.of(name, server.get().mcp(), server.get().auth(), chosen)
                : ofHttp(name, server.get(), chosen);
    }

    private boolean credentialThere(ToolServerSpec server) throws Pinning.Refused {
        if (server.auth() == null) {
            return true;
        }
        String prefix = server.auth().prefix() == null ? "" : server.auth().prefix();
        if (!prefix.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new Pinning.Refused(
                    "ToolServer's spec.auth.prefix holds characters that an HTTP header cannot" + " carry; correct it");
        }
        try {
            secrets.read(server.auth().secret());
            return true;
        } catch (SecretUnavailable e) {
            missing.add("Secret/" + e.secret(), e.getMessage());
            return false;
        }
    }

    private List<PinnedTool> ofHttp(String server, ToolServerSpec spec, List<AgentTool> chosen) throws Pinning.Refused {
        List<PinnedTool> pinned = new ArrayList<>();
        for (AgentTool tool : chosen) {
            Optional<ToolServerSpec.HttpTool> declared = spec.http().tools().stream()
                    .filter(candidate -> candidate.name().equals(tool.name()))
                    .findFirst();
            if (declared.isEmpty()) {
                missing.add("ToolServer/" + server, notOffered(server, tool.name()));
            } else {
                pinned.add(http(server, declared.get(), spec.auth(), tool));
            }
        }
        return pinned;
    }

    static String notOffered(String server, String tool) {
        return "ToolServer '" + server + "' has no tool '" + tool + "'; declare it there or remove it from the Agent";
    }

    private static PinnedTool http(
            String server, ToolServerSpec.HttpTool declared, ToolServerSpec.AuthHeader auth, AgentTool chosen)
            throws Pinning.Refused {
        String where = "tool '" + declared.name() + "' of ToolServer '" + server + "'";
        ObjectNode schema = Schemas.ofArguments(declared.arguments(), "the arguments of " + where);
        checkUrl(declared.url(), schema, Set.of(), where);
        if (declared.lookupUrl() != null) {
            checkUrl(declared.lookupUrl(), schema, Set.of("idempotencyKey"), where);
        }
        return new PinnedTool(
                declared.name(),
                declared.description(),
                server,
                ToolKind.http.name(),
                Effects.of(declared.effect(), chosen.effect(), declared.lookupUrl() != null, declared.name(), server),
                schema,
                Schemas.bound(chosen.bound(), schema, "bound of " + where),
                Duration.ofSeconds(declared.timeoutSeconds() == null ? HTTP_SECONDS : declared.timeoutSeconds()),
                declared.maxResponseBytes() == null ? MAX_BYTES : declared.maxResponseBytes(),
                HttpBinding.of(declared, auth),
                Canonical.digest(schema));
    }

    private static void checkUrl(String url, ObjectNode schema, Set<String> given, String where)
            throws Pinning.Refused {
        try {
            for (String place : UrlTemplate.parse(url).names()) {
                if (!given.contains(place) && !schema.path("properties").has(place)) {
                    throw new Pinning.Refused("the URL of " + where + " has a place {" + place
                            + "}, but its arguments have no property of that name; add it");
                }
            }
        } catch (UrlTemplate.Unusable e) {
            throw new Pinning.Refused("the URL of " + where + " cannot be used: " + e.getMessage());
        }
    }
}
