package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** Calls each tool through the adapter of its kind. A new kind is one adapter and one branch here. */
public final class ToolRouter implements ToolPort {
    private final ToolPort http;
    private final ToolPort mcp;
    private final ToolPort delegate;
    private final ToolPort sandbox;

    /**
     * Cheap: connections are made by the first call that needs them.
     *
     * @param sandbox the adapter of tools that work in a sandbox
     */
    public ToolRouter(
            KubernetesClient client,
            ApiPermits permits,
            JournalStore journals,
            SecretFiles secrets,
            Http http,
            McpServers servers,
            ToolPort sandbox) {
        this.http = new HttpTool(secrets, http);
        this.mcp = new McpTool(servers);
        this.delegate = new DelegateTool(client, permits, journals);
        this.sandbox = sandbox;
    }

    @Override
    public String place(RunId run, PinnedTool tool, String last) throws InterruptedException {
        Optional<ToolPort> adapter = adapter(tool);
        return adapter.isPresent() ? adapter.get().place(run, tool, last) : null;
    }

    @Override
    public void prepare(RunId run, PinnedTool tool) {
        adapter(tool).ifPresent(adapter -> adapter.prepare(run, tool));
    }

    @Override
    public ToolResult call(ToolInvocation invocation) throws InterruptedException {
        Optional<ToolPort> tool = adapter(invocation.tool());
        return tool.isPresent() ? tool.get().call(invocation) : new ToolResult.NotSent(unknownKind(invocation));
    }

    @Override
    public Optional<ToolResult> lookup(ToolInvocation invocation) throws InterruptedException {
        Optional<ToolPort> tool = adapter(invocation.tool());
        return tool.isPresent()
                ? tool.get().lookup(invocation)
                : Optional.of(new ToolResult.Unknown(unknownKind(invocation)));
    }

    private Optional<ToolPort> adapter(PinnedTool tool) {
        try {
            return Optional.of(
                    switch (ToolKind.valueOf(tool.kind())) {
                        case http -> http;
                        case mcp -> mcp;
                        case delegate -> delegate;
                        case sandbox -> sandbox;
                        case ask -> throw new IllegalArgumentException("people answer it");
                    });
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String unknownKind(ToolInvocation invocation) {
        return "this runtime does not know tools of kind '" + invocation.tool().kind() + "'; upgrade it";
    }
}
