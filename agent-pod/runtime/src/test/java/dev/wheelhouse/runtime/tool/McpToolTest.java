package dev.wheelhouse.runtime.tool;

import static dev.wheelhouse.runtime.tool.Invocations.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class McpToolTest {
    private final FakeServer server = new FakeServer();
    private final McpPlay play = new McpPlay();
    private McpServers servers;
    private McpTool tool;

    @TempDir
    Path secrets;

    @BeforeEach
    void open() throws Exception {
        Files.createDirectories(secrets.resolve("tools"));
        Files.writeString(secrets.resolve("tools/token"), Invocations.CANARY);
        servers = new McpServers(new SecretFiles(secrets));
        tool = new McpTool(servers);
        server.on(play);
    }

    @AfterEach
    void stop() {
        servers.close();
        server.close();
    }

    private McpBinding binding(int seconds) {
        return new McpBinding(server.url() + "/mcp?x=1", seconds, Invocations.AUTH);
    }

    private ToolInvocation invocation(Duration timeout) {
        return Invocations.of(
                "mcp",
                EffectClass.AT_MOST_ONCE,
                json("{'q':'🛞'}"),
                timeout,
                binding(20).json(),
                Limits.DEFAULT);
    }

    private ToolResult call() throws Exception {
        return tool.call(invocation(Duration.ofSeconds(20)));
    }

    @Test
    void oneSessionServesManyCalls() throws Exception {
        assertEquals(new ToolResult.Succeeded("called"), call());
        assertEquals(new ToolResult.Succeeded("called"), call());
        assertEquals(
                1,
                play.messages.stream()
                        .filter(m -> m.path("method").asText().equals("initialize"))
                        .count());
        JsonNode sent = play.messages.getLast().path("params");
        assertEquals("tool", sent.path("name").asText());
        assertEquals("🛞", sent.at("/arguments/q").asText());
        assertEquals(
                Invocations.KEY,
                sent.path("_meta").path("wheelhouse.dev/idempotency-key").asText());
        assertEquals("/mcp?x=1", server.last().target());
        assertEquals("Bearer " + Invocations.CANARY, server.last().header("X-Api-Key"));
    }

    @Test
    void anAnswerMayComeAsAStream() throws Exception {
        play.on((exchange, request) -> FakeServer.events(
                exchange,
                "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"x\"}}",
                "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":" + request.get("id")
                        + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"streamed\"}]}}"));
        assertEquals(new ToolResult.Succeeded("streamed"), call());
    }

    @Test
    void contentThatIsNoTextIsDescribed() throws Exception {
        play.on(
                (exchange, request) -> McpPlay.result(
                        exchange,
                        request,
                        "{'content':[{'type':'text','text':'a'},{'type':'image','mimeType':'image/png','data':'AAAA'},"
                                + "{'type':'resource','resource':{'uri':'file:///x','mimeType':'text/plain','text':'inside'}}]}"));
        assertEquals(new ToolResult.Succeeded("a\n[image, image/png, about 3 bytes]\ninside"), call());
    }

    @Test
    void structuredContentStandsInForText() throws Exception {
        play.on((exchange, request) -> McpPlay.result(exchange, request, "{'content':[],'structuredContent':{'n':1}}"));
        assertEquals(new ToolResult.Succeeded("{\"n\":1}"), call());
    }

    @Test
    void errorsOfToolAndProtocolAreDefinite() throws Exception {
        play.on((exchange, request) -> McpPlay.result(
                exchange, request, "{'content':[{'type':'text','text':'no such order'}],'isError':true}"));
        assertEquals(new ToolResult.Failed("no such order"), call());
        play.on((exchange, request) -> McpPlay.error(exchange, request, -32602, "bad q"));
        assertEquals(new ToolResult.Failed("MCP server 'server': error -32602: bad q"), call());
        play.on((exchange, request) -> exchange.sendResponseHeaders(403, -1));
        assertInstanceOf(ToolResult.Failed.class, call());
        play.on((exchange, request) -> exchange.sendResponseHeaders(422, -1));
        assertInstanceOf(ToolResult.Failed.class, call());
    }

    @Test
    void whatMayHaveHappenedIsUnknown() throws Exception {
        play.on((exchange, request) -> exchange.sendResponseHeaders(500, -1));
        assertInstanceOf(ToolResult.Unknown.class, call());
        play.on((exchange, request) -> {
            throw new IllegalStateException("cut");
        });
        assertInstanceOf(ToolResult.Unknown.class, call());
        assertEquals(2, play.calls(), "never sent twice");
    }

    @Test
    void silenceIsUnknown() throws Exception {
        call();
        play.on((exchange, request) -> server.hang());
        ToolResult result = tool.call(invocation(Duration.ofMillis(300)));
        assertTrue(assertInstanceOf(ToolResult.Unknown.class, result).reason().contains("did not answer"));
    }

    @Test
    void aRestartedServerIsFoundAgain() throws Exception {
        call();
        play.forgetSessions();
        assertEquals(new ToolResult.Succeeded("called"), call());
        assertEquals(2, play.calls());
    }

    @Test
    void noServerIsNotSentAndFoundLater() throws Exception {
        server.on((exchange, request) -> exchange.sendResponseHeaders(503, -1));
        assertInstanceOf(ToolResult.NotSent.class, call());
        server.on(play);
        assertEquals(new ToolResult.Succeeded("called"), call());
        servers.close();
        server.close();
        assertInstanceOf(ToolResult.NotSent.class, call());
    }

    @Test
    void aMissingCredentialIsNotSent() throws Exception {
        Files.delete(secrets.resolve("tools/token"));
        assertTrue(assertInstanceOf(ToolResult.NotSent.class, call()).reason().contains("'token'"));
        assertTrue(server.requests.isEmpty());
    }

    @Test
    void anEchoedCredentialIsMaskedAndALargeAnswerCut() throws Exception {
        play.on((exchange, request) -> McpPlay.text(exchange, request, Invocations.CANARY + "x".repeat(10_000)));
        String content = assertInstanceOf(ToolResult.Succeeded.class, call()).content();
        assertFalse(content.contains(Invocations.CANARY));
        assertTrue(content.contains("… [cut: 4096 of "), content.substring(4000));
    }

    @Test
    void aHugeAnswerIsNotRead() throws Exception {
        play.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 100; i++) {
                exchange.getResponseBody().write(chunk);
            }
        });
        assertTrue(assertInstanceOf(ToolResult.Failed.class, call()).content().contains("too large"));
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        try (FakeServer elsewhere = new FakeServer()) {
            server.on((exchange, request) -> {
                exchange.getResponseHeaders().set("Location", elsewhere.url() + "/mcp");
                exchange.sendResponseHeaders(307, -1);
            });
            assertInstanceOf(ToolResult.NotSent.class, call());
            assertTrue(elsewhere.requests.isEmpty());
        }
    }

    @Test
    void listsTools() throws Exception {
        play.tools("[{'name':'a','description':'does a','inputSchema':{'type':'object','$defs':{'x':{}},'foo':[1]}}]");
        List<McpServers.Listed> tools = servers.list(binding(20));
        assertEquals("a", tools.getFirst().name());
        assertEquals(
                json("{'type':'object','$defs':{'x':{}},'foo':[1]}"),
                tools.getFirst().schema());
        play.forgetSessions();
        assertEquals(1, servers.list(binding(20)).size());
        servers.close();
        server.close();
        assertThrows(McpServers.Unreachable.class, () -> servers.list(binding(20)));
    }
}
