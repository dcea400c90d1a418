package dev.wheelhouse.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelException.Kind;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong with providers, the same for both. */
class ProviderFailureTest {
    private final FakeServer server = new FakeServer();
    private ModelRouter router;

    @TempDir
    Path secrets;

    @BeforeEach
    void key() throws Exception {
        Requests.putKey(secrets, Requests.CANARY);
        router = new ModelRouter(new SecretFiles(secrets), new Http());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ModelException failure(Provider provider, Duration timeout) {
        return failure(provider, server.url(), timeout);
    }

    private ModelException failure(Provider provider, String endpoint, Duration timeout) {
        ModelException e = assertThrows(
                ModelException.class,
                () -> router.call(
                        Requests.to(provider, endpoint, timeout, List.of(new Message.User("hi"))), text -> {}));
        assertNoKey(e);
        return e;
    }

    private ModelException failure(Provider provider) {
        return failure(provider, Requests.PATIENT);
    }

    private static void assertNoKey(Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        assertFalse(trace.toString().contains(Requests.CANARY), "the key is in an exception");
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void rateLimitWithSeconds(Provider provider) {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            FakeServer.respond(exchange, 429, "application/json", "{\"error\":{\"message\":\"slow down\"}}");
        });
        ModelException e = failure(provider);
        assertEquals(Kind.RATE_LIMITED, e.kind());
        assertEquals(Duration.ofSeconds(7), e.retryAfter());
        assertTrue(e.getMessage().contains("slow down"), e.getMessage());
        assertEquals(1, server.requests.size(), "the SDK must not retry");
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void serverErrorIsNotRetriedHere(Provider provider) {
        server.on((exchange, request) -> FakeServer.respond(exchange, 503, "text/html", "<h1>down</h1>"));
        assertEquals(Kind.SERVER_ERROR, failure(provider).kind());
        assertEquals(1, server.requests.size(), "the SDK must not retry");
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aRefusedKeyNamesTheSecretAndNotItsValue(Provider provider) {
        server.on((exchange, request) -> FakeServer.respond(
                exchange, 401, "application/json", "{\"error\":{\"message\":\"bad key " + Requests.CANARY + "\"}}"));
        ModelException e = failure(provider);
        assertEquals(Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("key 'api-key' of Secret 'provider'"), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void anEchoedKeyIsMasked(Provider provider) {
        server.on((exchange, request) -> FakeServer.respond(
                exchange, 400, "application/json", "{\"error\":{\"message\":\"you sent " + Requests.CANARY + "\"}}"));
        ModelException e = failure(provider);
        assertEquals(Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("you sent [key 'api-key'"), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void redirectsAreNotFollowed(Provider provider) {
        try (FakeServer elsewhere = new FakeServer()) {
            server.on((exchange, request) -> {
                exchange.getResponseHeaders().set("Location", elsewhere.url() + "/steal");
                exchange.sendResponseHeaders(307, -1);
            });
            ModelException e = failure(provider);
            assertEquals(Kind.REJECTED, e.kind());
            assertTrue(e.getMessage().contains("redirect"), e.getMessage());
            assertTrue(elsewhere.requests.isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void silenceIsATimeout(Provider provider) {
        server.on((exchange, request) -> server.hang());
        assertEquals(Kind.TIMEOUT, failure(provider, Duration.ofMillis(300)).kind());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aTrickleIsATimeout(Provider provider) {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            for (OutputStream out = exchange.getResponseBody(); ; Thread.sleep(20)) {
                out.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        });
        assertEquals(Kind.TIMEOUT, failure(provider, Duration.ofMillis(500)).kind());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aStreamThatEndsEarlyIsNoAnswer(Provider provider) {
        server.on((exchange, request) -> FakeServer.events(exchange, begin(provider)));
        assertEquals(Kind.SERVER_ERROR, failure(provider).kind());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aCutConnectionIsNoAnswer(Provider provider) {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 100_000);
            exchange.getResponseBody().write((begin(provider) + "\n\n").getBytes(StandardCharsets.UTF_8));
        });
        assertEquals(Kind.SERVER_ERROR, failure(provider).kind());
    }

    private static String begin(Provider provider) {
        return provider == Provider.openai
                ? "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ha\"},\"finish_reason\":null}]}"
                : AnthropicModelTest.START;
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void malformedJsonIsRejected(Provider provider) {
        server.on((exchange, request) -> FakeServer.events(exchange, "event: message_start\ndata: {\"type\":"));
        assertEquals(Kind.REJECTED, failure(provider).kind());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void anEndlessAnswerIsCutOff(Provider provider) {
        server.on((exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            byte[] filler = (":" + "x".repeat(1 << 20) + "\n\n").getBytes(StandardCharsets.UTF_8);
            for (OutputStream out = exchange.getResponseBody(); ; ) {
                out.write(filler);
            }
        });
        ModelException e = failure(provider);
        assertEquals(Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("too large"), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void nobodyListens(Provider provider) {
        String gone = server.url();
        server.close();
        assertEquals(
                Kind.SERVER_ERROR, failure(provider, gone, Requests.PATIENT).kind());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aMissingKeyNamesWhatToCreate(Provider provider) throws Exception {
        Files.delete(secrets.resolve("provider/api-key"));
        ModelException e = failure(provider);
        assertEquals(Kind.NO_CREDENTIAL, e.kind());
        assertTrue(e.getMessage().contains("key 'api-key' of Secret 'provider' is not mounted"), e.getMessage());
        assertTrue(server.requests.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aKeyWithALineBreakIsNotSentAndNotQuoted(Provider provider) throws Exception {
        Requests.putKey(secrets, Requests.CANARY + "\r\nX-Evil: 1");
        assertEquals(Kind.NO_CREDENTIAL, failure(provider).kind());
        assertTrue(server.requests.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void aRotatedKeyIsUsedAtOnce(Provider provider) throws Exception {
        server.on((exchange, request) -> FakeServer.respond(exchange, 500, "text/plain", ""));
        failure(provider);
        Requests.putKey(secrets, "sk-rotated");
        failure(provider);
        assertTrue(server.last().headers().toString().contains("sk-rotated"));
        assertFalse(server.last().headers().toString().contains(Requests.CANARY));
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void theKeyIsInItsHeaderAndNowhereElse(Provider provider) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(printed, true));
        System.setErr(new PrintStream(printed, true));
        try {
            server.on((exchange, request) -> FakeServer.respond(exchange, 500, "text/plain", "no"));
            failure(provider);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertFalse(printed.toString().contains(Requests.CANARY), "the key was printed");
        String header = provider == Provider.openai ? "Authorization" : "X-api-key";
        assertEquals(
                1,
                server.last().headers().values().stream()
                        .flatMap(List::stream)
                        .filter(value -> value.contains(Requests.CANARY))
                        .count());
        assertTrue(server.last().header(header).contains(Requests.CANARY));
        assertFalse(server.last().body().contains(Requests.CANARY));
        assertFalse(server.last().target().contains(Requests.CANARY));
    }

    @ParameterizedTest
    @EnumSource(names = {"openai", "anthropic"})
    void anInterruptEndsTheCall(Provider provider) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        server.on((exchange, request) -> {
            arrived.countDown();
            server.hang();
        });
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                router.call(
                        Requests.to(provider, server.url(), Duration.ofMinutes(10), List.of(new Message.User("hi"))),
                        text -> {});
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        arrived.await();
        caller.interrupt();
        caller.join();
        assertEquals(InterruptedException.class, thrown.get().getClass());
    }
}
