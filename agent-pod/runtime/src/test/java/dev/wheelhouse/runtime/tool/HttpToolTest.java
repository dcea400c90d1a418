package dev.wheelhouse.runtime.tool;

import static dev.wheelhouse.runtime.tool.Invocations.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec.Method;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpToolTest {
    private final FakeServer server = new FakeServer();
    private HttpTool tool;

    @TempDir
    Path secrets;

    @BeforeEach
    void key() throws Exception {
        Files.createDirectories(secrets.resolve("tools"));
        Files.writeString(secrets.resolve("tools/token"), Invocations.CANARY + "\n");
        tool = new HttpTool(new SecretFiles(secrets), new Http());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpBinding binding(Method method, String path, ToolServerSpec.AuthHeader auth) {
        return new HttpBinding(
                method, server.url() + path, "Idempotency-Key", server.url() + "/done/{idempotencyKey}", auth);
    }

    private ToolResult call(Method method, String path, EffectClass effect, String arguments) throws Exception {
        return tool.call(
                Invocations.http(binding(method, path, null), effect, json(arguments), Duration.ofSeconds(20)));
    }

    private ToolResult get(EffectClass effect) throws Exception {
        return call(Method.GET, "/x", effect, "{}");
    }

    @Test
    void leftOverArgumentsGoToTheQuery() throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 200, "application/json", "{\"ok\":1}"));
        ToolResult result = call(
                Method.GET,
                "/users/{id}?fixed=1",
                EffectClass.READ_ONLY,
                "{'id':'a/b','q':'x&y=1','tags':['a','b'],'deep':{'k':1},'none':null}");
        assertEquals(new ToolResult.Succeeded("{\"ok\":1}"), result);
        assertEquals(
                "/users/a%2Fb?fixed=1&q=x%26y%3D1&tags=a&tags=b&deep=%7B%22k%22%3A1%7D",
                server.last().target());
        assertNull(server.last().header("Idempotency-Key"));
    }

    @Test
    void leftOverArgumentsGoToTheBody() throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 201, "text/plain", "made"));
        assertEquals(
                new ToolResult.Succeeded("made"),
                call(Method.POST, "/users/{id}", EffectClass.AT_MOST_ONCE, "{'id':7,'name':'Ä\\r\\nX: 1'}"));
        assertEquals("/users/7", server.last().target());
        assertEquals(
                json("{'name':'Ä\\r\\nX: 1'}"),
                Invocations.JSON.readTree(server.last().body()));
        assertEquals("application/json", server.last().header("Content-Type"));
        assertNull(server.last().header("X"));
    }

    @ParameterizedTest
    @EnumSource(
            value = EffectClass.class,
            names = {"IDEMPOTENT", "RECONCILABLE", "AT_MOST_ONCE"})
    void effectsCarryTheirKey(EffectClass effect) throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 200, "text/plain", ""));
        call(Method.PUT, "/x", effect, "{}");
        assertEquals(Invocations.KEY, server.last().header("Idempotency-Key"));
    }

    @Test
    void aDefiniteAnswerIsADefiniteOutcome() throws Exception {
        for (int status : new int[] {400, 404, 409, 429, 500, 501}) {
            server.on((exchange, request) -> FakeServer.respond(exchange, status, "text/plain", "because"));
            assertEquals(new ToolResult.Failed("HTTP " + status + ": because"), get(EffectClass.AT_MOST_ONCE));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void aGatewaysAnswerLeavesItOpenAndIsNotRepeated(int status) throws Exception {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Retry-After", "0");
            FakeServer.respond(exchange, status, "text/plain", "");
        });
        assertInstanceOf(ToolResult.Unknown.class, get(EffectClass.AT_MOST_ONCE));
        assertEquals(1, server.requests.size(), "the client must not repeat on its own");
    }

    @Test
    void nobodyListens() throws Exception {
        server.close();
        assertInstanceOf(ToolResult.NotSent.class, get(EffectClass.AT_MOST_ONCE));
    }

    @Test
    void unknownHost() throws Exception {
        HttpBinding binding = new HttpBinding(Method.GET, "http://nowhere.invalid/", "K", null, null);
        ToolResult result =
                tool.call(Invocations.http(binding, EffectClass.AT_MOST_ONCE, json("{}"), Duration.ofSeconds(20)));
        assertTrue(assertInstanceOf(ToolResult.NotSent.class, result).reason().contains("nowhere.invalid"));
    }

    @Test
    void noTlsThere() throws Exception {
        try (ServerSocket plain = new ServerSocket(0)) {
            Thread.ofVirtual().start(() -> {
                try (var socket = plain.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException e) {
                    // The client went away first.
                }
            });
            HttpBinding binding =
                    new HttpBinding(Method.POST, "https://localhost:" + plain.getLocalPort() + "/", "K", null, null);
            ToolResult result =
                    tool.call(Invocations.http(binding, EffectClass.AT_MOST_ONCE, json("{}"), Duration.ofSeconds(20)));
            assertTrue(
                    assertInstanceOf(ToolResult.NotSent.class, result).reason().contains("TLS"));
        }
    }

    @Test
    void aCutConnectionAfterSendingIsUnknown() throws Exception {
        server.on((exchange, request) -> {
            throw new IllegalStateException("cut");
        });
        for (EffectClass effect : EffectClass.values()) {
            assertInstanceOf(ToolResult.Unknown.class, get(effect));
        }
        assertEquals(EffectClass.values().length, server.requests.size(), "one request for each call");
    }

    @Test
    void aCutBodyIsUnknown() throws Exception {
        server.on((exchange, request) -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
        });
        assertInstanceOf(ToolResult.Unknown.class, get(EffectClass.IDEMPOTENT));
    }

    @Test
    void silenceAndTrickleAreUnknown() throws Exception {
        ToolInvocation call = Invocations.http(
                binding(Method.POST, "/x", null), EffectClass.AT_MOST_ONCE, json("{}"), Duration.ofSeconds(2));
        server.on((exchange, request) -> server.hang());
        assertTrue(assertInstanceOf(ToolResult.Unknown.class, tool.call(call))
                .reason()
                .contains("after the request"));
        server.on((exchange, request) -> {
            exchange.sendResponseHeaders(200, 0);
            for (OutputStream out = exchange.getResponseBody(); ; Thread.sleep(10)) {
                out.write('x');
                out.flush();
            }
        });
        assertInstanceOf(ToolResult.Unknown.class, tool.call(call));
    }

    @Test
    void aServerThatNeverShakesHandsIsNotSent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            HttpBinding binding =
                    new HttpBinding(Method.POST, "https://localhost:" + silent.getLocalPort() + "/", "K", null, null);
            assertInstanceOf(
                    ToolResult.NotSent.class,
                    tool.call(Invocations.http(binding, EffectClass.AT_MOST_ONCE, json("{}"), Duration.ofMillis(300))));
        }
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        try (FakeServer elsewhere = new FakeServer()) {
            server.on((exchange, request) -> {
                exchange.getResponseHeaders().set("Location", elsewhere.url() + "/steal");
                exchange.sendResponseHeaders(307, -1);
            });
            ToolResult result = tool.call(Invocations.http(
                    binding(Method.POST, "/x", Invocations.AUTH),
                    EffectClass.AT_MOST_ONCE,
                    json("{}"),
                    Duration.ofSeconds(20)));
            assertTrue(
                    assertInstanceOf(ToolResult.Failed.class, result).content().contains("not followed"));
            assertTrue(elsewhere.requests.isEmpty());
        }
    }

    @Test
    void theCredentialIsSentAndAnEchoOfItIsMasked() throws Exception {
        server.on((exchange, request) ->
                FakeServer.respond(exchange, 200, "text/plain", "you sent " + request.header("X-Api-Key")));
        ToolResult result = authorized();
        assertEquals("Bearer " + Invocations.CANARY, server.last().header("X-Api-Key"));
        assertEquals(new ToolResult.Succeeded("you sent Bearer [key 'token' of Secret 'tools']"), result);
        assertFalse(result.toString().contains(Invocations.CANARY));
    }

    private ToolResult authorized() throws Exception {
        return tool.call(Invocations.http(
                binding(Method.GET, "/x", Invocations.AUTH),
                EffectClass.READ_ONLY,
                json("{}"),
                Duration.ofSeconds(20)));
    }

    @Test
    void aMissingOrUnsendableCredentialIsNotSent() throws Exception {
        Files.writeString(secrets.resolve("tools/token"), Invocations.CANARY + "\nX-Evil: 1");
        String broken = assertInstanceOf(ToolResult.NotSent.class, authorized()).reason();
        assertFalse(broken.contains(Invocations.CANARY));
        Files.delete(secrets.resolve("tools/token"));
        String missing =
                assertInstanceOf(ToolResult.NotSent.class, authorized()).reason();
        assertTrue(missing.contains("key 'token' of Secret 'tools' is not mounted"), missing);
        assertTrue(server.requests.isEmpty());
    }

    @Test
    void aPrefixThatNoHeaderCanCarryGivesNothingAway() throws Exception {
        ToolServerSpec.AuthHeader evil =
                new ToolServerSpec.AuthHeader("X-Api-Key", "Bearer \n", Invocations.AUTH.secret());
        ToolResult result = tool.call(Invocations.http(
                binding(Method.GET, "/x", evil), EffectClass.READ_ONLY, json("{}"), Duration.ofSeconds(20)));
        assertFalse(assertInstanceOf(ToolResult.NotSent.class, result).reason().contains(Invocations.CANARY));
    }

    @Test
    void lookupTellsWhatHappened() throws Exception {
        ObjectNode none = json("{}");
        ToolInvocation call = Invocations.http(
                binding(Method.POST, "/x", null), EffectClass.RECONCILABLE, none, Duration.ofSeconds(20));
        server.on((exchange, request) -> FakeServer.respond(exchange, 200, "text/plain", "order 7"));
        assertEquals(Optional.of(new ToolResult.Succeeded("order 7")), tool.lookup(call));
        assertEquals("/done/" + Invocations.KEY, server.last().target());
        server.on((exchange, request) -> FakeServer.respond(exchange, 404, "text/plain", "no"));
        assertEquals(Optional.empty(), tool.lookup(call));
        server.on((exchange, request) -> FakeServer.respond(exchange, 500, "text/plain", "no"));
        assertInstanceOf(ToolResult.Unknown.class, tool.lookup(call).orElseThrow());
        server.close();
        assertInstanceOf(ToolResult.Unknown.class, tool.lookup(call).orElseThrow());
    }

    @Test
    void anArgumentThatClimbsIsTheModelsMistake() throws Exception {
        ToolResult result = call(Method.GET, "/users/{id}", EffectClass.READ_ONLY, "{'id':'../admin'}");
        assertTrue(assertInstanceOf(ToolResult.Failed.class, result).content().contains("must not climb"));
        assertTrue(server.requests.isEmpty());
    }
}
