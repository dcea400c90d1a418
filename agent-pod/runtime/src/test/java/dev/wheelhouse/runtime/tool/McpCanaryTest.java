package dev.wheelhouse.runtime.tool;

import static dev.wheelhouse.runtime.tool.Invocations.json;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The MCP SDK carries the request's headers in some of its exceptions; none of it may be logged, at any level. */
class McpCanaryTest {
    @TempDir
    Path secrets;

    /** Keeps everything that is logged. */
    private static final class Kept extends Handler {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            StringBuilder line = new StringBuilder(record.getMessage() + Arrays.toString(record.getParameters()));
            for (Throwable t = record.getThrown(); t != null; t = t.getCause()) {
                line.append(t);
            }
            lines.add(line.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void theCredentialIsLoggedNowhere() throws Exception {
        Files.createDirectories(secrets.resolve("tools"));
        Files.writeString(secrets.resolve("tools/token"), Invocations.CANARY);
        Logger root = LogContext.getLogContext().getLogger("io.modelcontextprotocol");
        Kept kept = new Kept();
        kept.setLevel(Level.ALL);
        root.setLevel(Level.ALL);
        root.addHandler(kept);
        McpPlay play = new McpPlay();
        try (FakeServer server = new FakeServer();
                McpServers servers = new McpServers(new SecretFiles(secrets))) {
            server.on(play);
            ToolInvocation call = Invocations.of(
                    "mcp",
                    EffectClass.IDEMPOTENT,
                    json("{}"),
                    Duration.ofSeconds(20),
                    new McpBinding(server.url() + "/mcp", 20, Invocations.AUTH).json(),
                    Limits.DEFAULT);
            McpTool tool = new McpTool(servers);
            assertInstanceOf(ToolResult.Succeeded.class, tool.call(call));
            play.on((exchange, request) -> exchange.sendResponseHeaders(401, -1));
            assertInstanceOf(ToolResult.Failed.class, tool.call(call));
        } finally {
            root.removeHandler(kept);
            root.setLevel(null);
        }
        assertFalse(kept.lines.isEmpty(), "the test must see the SDK's log");
        assertFalse(kept.lines.toString().contains(Invocations.CANARY));
    }
}
