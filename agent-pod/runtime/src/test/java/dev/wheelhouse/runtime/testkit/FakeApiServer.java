package dev.wheelhouse.runtime.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * An API server in memory, strict where the CRUD mock of Fabric8 is not: it locks PUT of objects and of their status,
 * refuses changes of immutable ConfigMaps, understands field selectors, watches from a resource version, and can lose
 * requests and replies. It knows no schema, no RBAC and no admission.
 */
public final class FakeApiServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        // Without it each reply waits for a delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** What happens to one request. */
    public enum Fault {
        NONE,
        /** 503 and nothing applied. */
        UNAVAILABLE,
        /** Connection cut, nothing applied. */
        LOSE_REQUEST,
        /** Applied, then the connection is cut. */
        LOSE_REPLY
    }

    /** A request as it came in. */
    public record Request(String method, String path, String body) {
        public boolean writes() {
            return !method.equals("GET");
        }
    }

    private final HttpServer http;
    private final FakeStore store = new FakeStore();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Function<Request, Fault> faults = request -> Fault.NONE;
    private volatile boolean closed;

    public FakeApiServer() {
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::handle);
        http.start();
    }

    /** A client of this server, without retries of its own. */
    public KubernetesClient client(String namespace) {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + http.getAddress().getPort())
                .withNamespace(namespace)
                .withRequestTimeout(20_000)
                .withConnectionTimeout(20_000)
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectInterval(50)
                .withOnlyHttpWatches(true)
                .withAutoConfigure(false)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    public void faults(Function<Request, Fault> faults) {
        this.faults = faults;
    }

    /** Writes received so far, those of Leases left out. */
    public List<Request> writes() {
        return requests.stream()
                .filter(r -> r.writes() && !r.path().contains("/leases"))
                .toList();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    /** The objects behind the server, for tests that play the other parts of the cluster. */
    public FakeStore store() {
        return store;
    }

    @Override
    public void close() {
        closed = true;
        store.wake();
        http.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Request request = new Request(
                exchange.getRequestMethod(), exchange.getRequestURI().getPath(), body);
        requests.add(request);
        Fault fault = faults.apply(request);
        switch (fault) {
            case UNAVAILABLE -> reply(exchange, FakeStore.Reply.error(503, "ServiceUnavailable", "fault"));
            case LOSE_REQUEST -> exchange.close();
            case LOSE_REPLY -> {
                store.handle(request, Map.of());
                exchange.close();
            }
            case NONE -> serve(exchange, request, Selectors.parameters(query));
        }
    }

    private void serve(HttpExchange exchange, Request request, Map<String, String> parameters) throws IOException {
        if ("true".equals(parameters.get("watch"))) {
            watch(exchange, request.path(), parameters);
        } else {
            reply(exchange, store.handle(request, parameters));
        }
    }

    private void watch(HttpExchange exchange, String path, Map<String, String> parameters) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        long since = Long.parseLong(parameters.getOrDefault("resourceVersion", "0"));
        Selectors selectors = Selectors.of(parameters);
        try (var out = exchange.getResponseBody()) {
            // The client takes a watch for established once something came.
            out.write((JSON.writeValueAsString(FakeStore.bookmark(since)) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            while (!closed) {
                for (FakeStore.Event event : store.eventsAfter(since)) {
                    since = event.version();
                    for (ObjectNode seen : event.seenBy(path, selectors)) {
                        out.write((JSON.writeValueAsString(seen) + "\n").getBytes(StandardCharsets.UTF_8));
                        out.flush();
                    }
                }
                if (faults.apply(new Request("GET", path + "?watch", "")) != Fault.NONE) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void reply(HttpExchange exchange, FakeStore.Reply reply) throws IOException {
        byte[] bytes = text(reply.body()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(reply.code(), bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String text(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
