package dev.wheelhouse.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/**
 * The service that the benchmark's agents call. {@code /now} answers at once; {@code /held/<name>} leaves its first
 * call unanswered and answers the next ones, so that a crash can be placed inside a call.
 */
final class World implements AutoCloseable {
    /** One call as it arrived. */
    record Call(String path, String key, long nanoTime) {}

    /** Address of this machine as pods see it. */
    static final String HOST = System.getenv().getOrDefault("WHEELHOUSE_HOST_ADDRESS", "10.88.0.1");

    private final HttpServer server;
    private final Map<String, Queue<Call>> calls = new ConcurrentHashMap<>();

    World() throws IOException {
        server = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), 1024);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url(String path) {
        return "http://" + HOST + ":" + server.getAddress().getPort() + path;
    }

    Queue<Call> calls(String path) {
        return calls.computeIfAbsent(path, p -> new ConcurrentLinkedQueue<>());
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        exchange.getRequestBody().readAllBytes();
        var soFar = calls(path);
        soFar.add(new Call(path, exchange.getRequestHeaders().getFirst("Idempotency-Key"), System.nanoTime()));
        if (path.startsWith("/held/") && soFar.size() == 1) {
            return; // never answered: its caller will be killed
        }
        byte[] answer = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
