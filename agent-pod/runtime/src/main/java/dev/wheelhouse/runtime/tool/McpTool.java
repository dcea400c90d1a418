package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.runtime.outbound.Abandonable;
import dev.wheelhouse.runtime.outbound.CappedText;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** A tool of an MCP server over streamable HTTP. */
final class McpTool implements ToolPort {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** For servers that want to tell attempts of one call from separate calls. */
    private static final String META_KEY = "wheelhouse.dev/idempotency-key";

    private final McpServers servers;

    McpTool(McpServers servers) {
        this.servers = servers;
    }

    @Override
    public ToolResult call(ToolInvocation call) throws InterruptedException {
        McpBinding server = McpBinding.of(call.tool().binding());
        try {
            Credential credential = Credential.of(server.auth(), servers.secrets());
            McpSyncClient client =
                    call.tool().effect() == EffectClass.AT_MOST_ONCE ? servers.alive(server) : servers.ready(server);
            return attempt(call, client, credential);
        } catch (SecretUnavailable | McpServers.Unreachable e) {
            return new ToolResult.NotSent(e.getMessage());
        }
    }

    /** The protocol has no way to ask whether a call happened; such tools are refused when the run is pinned. */
    @Override
    public Optional<ToolResult> lookup(ToolInvocation call) {
        return Optional.of(new ToolResult.Unknown("a tool of an MCP server cannot be looked up"));
    }

    private static ToolResult attempt(ToolInvocation call, McpSyncClient client, Credential credential)
            throws InterruptedException {
        McpSchema.CallToolRequest request = new McpSchema.CallToolRequest(
                call.tool().name(),
                JSON.convertValue(call.arguments(), new TypeReference<Map<String, Object>>() {}),
                Map.of(META_KEY, call.idempotencyKey()));
        try {
            McpSchema.CallToolResult result = Abandonable.call(call.timeout(), () -> client.callTool(request));
            CappedText content = CappedText.of(
                    credential.mask(McpContent.text(result)), call.tool().maxResponseBytes());
            return Boolean.TRUE.equals(result.isError())
                    ? new ToolResult.Failed(content.text(), content.cut(), Spend.NONE)
                    : new ToolResult.Succeeded(content.text(), content.cut(), Spend.NONE);
        } catch (TimeoutException e) {
            return new ToolResult.Unknown(
                    "the MCP server did not answer within " + call.timeout().toSeconds() + " s");
        } catch (ExecutionException e) {
            return failed(call, credential, e.getCause());
        }
    }

    private static ToolResult failed(ToolInvocation call, Credential credential, Throwable cause) {
        McpFailure failure = McpFailure.of(cause);
        CappedText said =
                CappedText.of(credential.mask(failure.words(cause)), call.tool().maxResponseBytes());
        String words = "MCP server '" + call.tool().server() + "': " + said.text();
        return switch (failure) {
            case NOT_SENT -> new ToolResult.NotSent(words);
            case ANSWERED, FORBIDDEN, REFUSED -> new ToolResult.Failed(words, said.cut(), Spend.NONE);
            case TOO_LARGE -> new ToolResult.Failed(words + "; it was thrown away. What the call did, it has done.");
            case SESSION_GONE, TIMEOUT, BROKEN -> new ToolResult.Unknown(words);
        };
    }
}
