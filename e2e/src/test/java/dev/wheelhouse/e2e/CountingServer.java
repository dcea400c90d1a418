package dev.wheelhouse.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * The world that agents act on, in the tests: counts each call with its idempotency key, before it answers, and can
 * hold answers back. {@code /act/<what>} counts a call; {@code /lookup/<key>} tells whether a call with that key was
 * seen; other paths answer what {@link #answer} set, or 404.
 */
final class CountingServer implements AutoCloseable {
    /** One call as it arrived. */
    record Call(String path, String query, String key, String authorization, String body) {}

    private final HttpServer server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final Map<String, UnaryOperator<String>> answers = new ConcurrentHashMap<>();

    CountingServer() {
        try {
            server = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url(String path) {
        return "http://" + Cluster.HOST + ":" + server.getAddress().getPort() + path;
    }

    /** From now on, calls of {@code /act/<what>} are counted at once but answered only after {@link #release}. */
    void hold(String what) {
        held.put(act(what), new CountDownLatch(1));
    }

    void release(String what) {
        CountDownLatch gate = held.remove(act(what));
        if (gate != null) {
            gate.countDown();
        }
    }

    /** From now on, this path answers 200 with what the function makes of the request's body. */
    void answer(String path, UnaryOperator<String> answer) {
        answers.put(path, answer);
    }

    /** Waits until this many calls of {@code /act/<what>} have arrived. */
    void awaitCalls(String what, int count) {
        Space.await(
                count + " calls of " + what + "; so far " + calls,
                () -> calls(what).size() >= count);
    }

    /** Calls of {@code /act/<what>}. */
    List<Call> calls(String what) {
        return of(act(what));
    }

    /** Calls of this path. */
    List<Call> of(String path) {
        return calls.stream().filter(call -> call.path().equals(path)).toList();
    }

    /** Idempotency keys seen in calls of {@code /act/<what>}. */
    List<String> keys(String what) {
        return calls(what).stream().map(Call::key).distinct().toList();
    }

    private static String act(String what) {
        return "/act/" + what;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (path.startsWith("/lookup/")) {
                lookUp(exchange, path.substring("/lookup/".length()));
                return;
            }
            var headers = exchange.getRequestHeaders();
            calls.add(new Call(
                    path,
                    exchange.getRequestURI().getQuery(),
                    headers.getFirst("Idempotency-Key"),
                    headers.getFirst("Authorization"),
                    body));
            CountDownLatch gate = held.get(path);
            if (gate != null) {
                gate.await();
            }
            if (answers.containsKey(path)) {
                reply(exchange, 200, answers.get(path).apply(body));
            } else if (path.startsWith("/act/")) {
                reply(exchange, 200, "{\"done\":" + of(path).size() + "}");
            } else {
                reply(exchange, 404, "{}");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookUp(HttpExchange exchange, String key) throws IOException {
        boolean seen = calls.stream().anyMatch(call -> key.equals(call.key()));
        reply(exchange, seen ? 200 : 404, seen ? "{\"done\":true}" : "{}");
    }

    private static void reply(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        held.values().forEach(CountDownLatch::countDown);
        server.stop(0);
    }
}
