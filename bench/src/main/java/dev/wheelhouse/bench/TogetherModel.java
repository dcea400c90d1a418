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
 * Models in the form of Chat Completions. By {@link #TOGETHER} many runs call a tool at one moment: it answers all of them
 * some seconds after the last one asked, as models do, by when nothing is left of the work of starting them; what they ask
 * next ends them. By {@link #BUSY} a run gives one command after the other, without delay.
 */
final class TogetherModel implements AutoCloseable {
    /** Names of the models. */
    static final String TOGETHER = "together";

    static final String BUSY = "busy";
    private static final String CALL = """
            data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
            "delta":{"role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function",\
            "function":{"name":"shell","arguments":"{\\"command\\":\\"COMMAND\\"}"}}]},"finish_reason":null}]}

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

    private static final String RESULT = "\"role\":\"tool\"";

    private final HttpServer server;
    private final int commands;
    private final Phaser all;
    private volatile Instant answered;

    /**
     * @param runs that must have asked to be answered together
     * @param commands of a busy run
     */
    TogetherModel(int runs, int commands) throws IOException {
        this.commands = commands;
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
        int results = asked.split(RESULT, -1).length - 1;
        boolean busy = asked.contains("\"model\":\"" + BUSY + "\"");
        if (!busy && results == 0) {
            all.arriveAndAwaitAdvance();
        }
        // Five calls in a row that say the same would be a loop.
        String command = busy ? "true " + results : "date +%s.%N";
        boolean ends = results == (busy ? commands : 1);
        byte[] answer = ((ends ? END : CALL.replace("COMMAND", command)) + USAGE).getBytes(StandardCharsets.UTF_8);
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
