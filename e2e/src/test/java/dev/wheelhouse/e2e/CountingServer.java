package dev.wheelhouse.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The world that agents act on, in the tests: counts each call with its idempotency key, before it answers, and can
 * hold answers back. Paths: {@code /act/<name>} counts a call; everything else is 404.
 */
final class CountingServer implements AutoCloseable {
    /** One call as it arrived. */
    record Call(String path, String key, String body, long nanoTime) {}

    private final HttpServer server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, Semaphore> held = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> arrivals = new ConcurrentHashMap<>();

    CountingServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url(String path) {
        return "http://" + Cluster.HOST + ":" + server.getAddress().getPort() + path;
    }

    /** From now on, calls of this path are counted at once but answered only after {@link #release}. */
    void hold(String path) {
        held.put(path, new Semaphore(0));
        arrivals.put(path, new CountDownLatch(1));
    }

    void release(String path) {
        Semaphore gate = held.remove(path);
        if (gate != null) {
            gate.release(1000);
        }
    }

    /** Waits until a call of a held path has arrived. */
    void awaitArrival(String path) throws InterruptedException {
        if (!arrivals.get(path).await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no call of " + path + " arrived; calls so far: " + calls);
        }
    }

    List<Call> calls(String path) {
        return calls.stream().filter(call -> call.path().equals(path)).toList();
    }

    long distinctKeys(String path) {
        return calls(path).stream().map(Call::key).distinct().count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (!path.startsWith("/act/")) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        calls.add(new Call(path, exchange.getRequestHeaders().getFirst("Idempotency-Key"), body, System.nanoTime()));
        Semaphore gate = held.get(path);
        if (gate != null) {
            arrivals.get(path).countDown();
            gate.acquireUninterruptibly();
        }
        byte[] answer = ("{\"done\":" + calls(path).size() + "}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @Override
    public void close() {
        held.keySet().forEach(this::release);
        server.stop(0);
    }
}
