package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.runtime.outbound.Abandonable;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The connections to MCP servers: one client for each server, made on first use and shared by all runs.
 */
public final class McpServers implements AutoCloseable {
    private static final int MAX_CLIENTS = 64;
    private static final int MAX_RESPONSE = 8 * 1024 * 1024;
    private static final int MAX_PAGES = 50;
    private static final int MAX_TOOLS = 2_000;
    private static final int MAX_SESSIONS = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SecretFiles secrets;
    private final Map<McpBinding, McpSyncClient> clients = new LinkedHashMap<>(16, 0.75f, true);

    public McpServers(SecretFiles secrets) {
        this.secrets = secrets;
    }

    /**
     * A tool as its server lists it: hostile input.
     *
     * @param schema JSON Schema of the arguments
     */
    public record Listed(String name, String description, JsonNode schema) {}

    /** The server cannot be used now. The message is safe to show. */
    public static final class Unreachable extends Exception {
        Unreachable(String message) {
            super(message);
        }
    }

    /**
     * The server's tools as of now.
     *
     * @throws SecretUnavailable if the server's credential is not there
     */
    public List<Listed> list(McpBinding server) throws Unreachable, SecretUnavailable, InterruptedException {
        Credential.of(server.auth(), secrets);
        return inSession(server, McpServers::pages, "did not list its tools");
    }

    /**
     * A client whose session the server knows at this moment. The SDK fails a call into a forgotten session in a way
     * that leaves open whether it happened, so a call that must not be repeated asks first.
     *
     * @throws Unreachable if the server does not answer; nothing but the question was sent
     */
    McpSyncClient alive(McpBinding server) throws Unreachable, InterruptedException {
        return inSession(
                server,
                client -> {
                    try {
                        client.ping();
                    } catch (RuntimeException e) {
                        // A server that refuses the question is alive and knows the session.
                        if (!McpFailure.of(e).answered()) {
                            throw e;
                        }
                    }
                    return client;
                },
                "did not answer");
    }

    /** Does something harmless, a second time in a new session if the server forgot the first. */
    private <T> T inSession(McpBinding server, Function<McpSyncClient, T> action, String failed)
            throws Unreachable, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            McpSyncClient client = ready(server);
            try {
                return Abandonable.call(Duration.ofSeconds(server.timeoutSeconds()), () -> action.apply(client));
            } catch (TimeoutException e) {
                throw new Unreachable(silence(server));
            } catch (ExecutionException e) {
                McpFailure failure = McpFailure.of(e.getCause());
                if (failure != McpFailure.SESSION_GONE || attempt == MAX_SESSIONS) {
                    throw new Unreachable("the MCP server at " + server.url() + " " + failed + " ("
                            + failure.words(e.getCause()) + ")");
                }
            }
        }
    }

    private static List<Listed> pages(McpSyncClient client) {
        List<Listed> tools = new ArrayList<>();
        String cursor = null;
        for (int page = 0; page < MAX_PAGES && tools.size() <= MAX_TOOLS; page++) {
            McpSchema.ListToolsResult result = client.listTools(cursor);
            result.tools()
                    .forEach(tool -> tools.add(new Listed(
                            tool.name(),
                            tool.description(),
                            JSON.valueToTree(tool.inputSchema() == null ? Map.of() : tool.inputSchema()))));
            cursor = result.nextCursor();
            if (cursor == null || cursor.isEmpty()) {
                break;
            }
        }
        return tools;
    }

    /**
     * A client whose session is open.
     *
     * @throws Unreachable if there is none; nothing but the handshake was sent
     */
    McpSyncClient ready(McpBinding server) throws Unreachable, InterruptedException {
        McpSyncClient client = client(server);
        if (client.isInitialized()) {
            return client;
        }
        try {
            Abandonable.call(Duration.ofSeconds(server.timeoutSeconds()), client::initialize);
            return client;
        } catch (TimeoutException e) {
            drop(server, client);
            throw new Unreachable(silence(server));
        } catch (ExecutionException e) {
            drop(server, client);
            throw new Unreachable("no MCP session with " + server.url() + " ("
                    + McpFailure.of(e.getCause()).words(e.getCause()) + ")");
        }
    }

    private static String silence(McpBinding server) {
        return "the MCP server at " + server.url() + " did not answer within " + server.timeoutSeconds() + " s";
    }

    private synchronized McpSyncClient client(McpBinding server) throws Unreachable {
        McpSyncClient known = clients.get(server);
        if (known != null) {
            return known;
        }
        if (clients.size() >= MAX_CLIENTS) {
            McpBinding eldest = clients.keySet().iterator().next();
            close(clients.remove(eldest));
        }
        McpSyncClient made = connect(server);
        clients.put(server, made);
        return made;
    }

    /**
     * Forgets a client that never came to a session. One that did stays: others' calls are under way on it, and the
     * SDK opens a new session by itself when the server forgot the old one.
     */
    private void drop(McpBinding server, McpSyncClient client) {
        synchronized (this) {
            clients.remove(server, client);
        }
        close(client);
    }

    private McpSyncClient connect(McpBinding server) throws Unreachable {
        URI uri = uri(server.url());
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        HttpClientStreamableHttpTransport transport = HttpClientStreamableHttpTransport.builder(
                        uri.getScheme() + "://" + uri.getRawAuthority())
                .endpoint(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
                .jsonMapper(new JacksonMcpJsonMapper(new ObjectMapper()))
                .customizeClient(http -> http.followRedirects(HttpClient.Redirect.NEVER))
                .connectTimeout(Duration.ofSeconds(Math.min(10, server.timeoutSeconds())))
                .maxResponseSize(MAX_RESPONSE)
                .httpRequestCustomizer((request, method, endpoint, body, context) -> {
                    try {
                        Credential.of(server.auth(), secrets).putInto(request::setHeader);
                    } catch (SecretUnavailable e) {
                        // Callers look before they call; a credential that vanished since is the server's to refuse.
                    }
                })
                .build();
        return McpClient.sync(transport)
                .clientInfo(
                        McpSchema.Implementation.builder("wheelhouse", "0.1").build())
                .requestTimeout(Duration.ofSeconds(server.timeoutSeconds()))
                .initializationTimeout(Duration.ofSeconds(server.timeoutSeconds()))
                // A server's output schemas are not run here: they are code of a stranger, and the model reads text.
                .jsonSchemaValidator(
                        (schema, content) -> JsonSchemaValidator.ValidationResponse.asValid(String.valueOf(content)))
                .build();
    }

    private static URI uri(String url) throws Unreachable {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new Unreachable("the URL of the MCP server is malformed: " + url);
    }

    private static void close(McpSyncClient client) {
        // Closing talks to the server, which may be what does not answer.
        Thread.ofVirtual().name("mcp-close").start(client::close);
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(McpServers::close);
        clients.clear();
    }

    SecretFiles secrets() {
        return secrets;
    }
}
