package dev.wheelhouse.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;

/**
 * A model in the form of Chat Completions, by which many runs call a tool at one moment: it answers all of them some
 * seconds after the last one asked, as models do, by when nothing is left of the work of starting them. What they ask next
 * ends them.
 */
final class TogetherModel implements AutoCloseable {
    private static final String CALL = """
            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
            "delta":{"role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function",\
            "function":{"name":"shell","arguments":"{\\"command\\":\\"date +%s.%N\\"}"}}]},"finish_reason":null}]}

            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
            "delta":{},"finish_reason":"tool_calls"}]}
            """;

    private static final String END = """
            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
            "delta":{"role":"assistant","content":"done"},"finish_reason":null}]}

            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
            "delta":{},"finish_reason":"stop"}]}
            """;

    private static final String USAGE = """

            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[],\
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}

            data: [DONE]

            """;

    private static final Duration THINKS = Duration.ofSeconds(3);

    private final HttpServer server;
    private final Phaser all;
    private volatile Instant answered;

    /** @param runs that must have asked */
    TogetherModel(int runs) throws IOException {
        all = new Phaser(runs) {
            @Override
            protected boolean onAdvance(int phase, int parties) {
                LockSupport.parkNanos(THINKS.toNanos());
                answered = Instant.now();
                return false;
            }
        };
        server = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), runs);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url() {
        return "http://" + World.HOST + ":" + server.getAddress().getPort();
    }

    /** When the last ones got their calls, by the clock of this machine. */
    Instant answered() {
        return answered;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean called = asked.contains("\"role\":\"tool\"");
        if (!called) {
            all.arriveAndAwaitAdvance();
        }
        byte[] answer = ((called ? END : CALL) + USAGE).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
