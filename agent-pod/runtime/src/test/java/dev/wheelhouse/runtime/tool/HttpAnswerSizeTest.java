package dev.wheelhouse.runtime.tool;

import static dev.wheelhouse.runtime.tool.Invocations.json;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ToolServerSpec.Method;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that are too large or no text. */
class HttpAnswerSizeTest {
    private final FakeServer server = new FakeServer();
    private final HttpTool tool = new HttpTool(new SecretFiles(Path.of("none")), new Http());

    @AfterEach
    void stop() {
        server.close();
    }

    private ToolResult get() throws Exception {
        HttpBinding binding = new HttpBinding(Method.GET, server.url() + "/x", "K", null, null);
        return tool.call(Invocations.http(binding, EffectClass.READ_ONLY, json("{}"), Duration.ofSeconds(60)));
    }

    @Test
    void aLargeAnswerIsCutVisibly() throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 200, "text/plain", "ä".repeat(4096)));
        ToolResult.Succeeded cut = assertInstanceOf(ToolResult.Succeeded.class, get());
        assertTrue(cut.truncated());
        String content = cut.content();
        assertTrue(
                content.startsWith("ä".repeat(2048) + " … [cut: 4096 of 8192 bytes, sha256:"), content.substring(2040));
    }

    @Test
    void aHundredMegabytesAreNotKept() throws Exception {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 100L << 20);
            byte[] chunk = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 100; i++) {
                exchange.getResponseBody().write(chunk);
            }
        });
        String content = assertInstanceOf(ToolResult.Succeeded.class, get()).content();
        assertTrue(content.length() < 4400, "kept " + content.length());
        assertTrue(content.contains("[cut: 4096 of more than "), content.substring(4090));
    }

    @Test
    void whatIsNoTextIsDescribed() throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 200, "image/png", "12345"));
        String content = assertInstanceOf(ToolResult.Succeeded.class, get()).content();
        assertTrue(content.startsWith("[image/png] … [cut: 0 of 5 bytes, sha256:"), content);
    }

    @Test
    void whatUnpacksToMoreThanItSeemsIsCutToo() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                gzip.write(zeros);
            }
        }
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, packed.size());
            exchange.getResponseBody().write(packed.toByteArray());
        });
        String content = assertInstanceOf(ToolResult.Succeeded.class, get()).content();
        assertTrue(content.contains("[cut: 4096 of more than "), content.substring(4090));
    }
}
