package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.runtime.outbound.Abandonable;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * A tool that is one HTTP request. Each call sends at most one request, and knows afterwards whether it was sent: the
 * difference between a definite failure and an effect in doubt.
 */
final class HttpTool implements ToolPort {
    /** The client's own limit comes first; this one is for what does not heed it, such as a name lookup. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final Duration CONNECT = Duration.ofSeconds(10);
    /** A kept-alive connection that the server just closed would put a call in doubt that never arrived. */
    private final ConnectionPool neverReused = new ConnectionPool(0, 1, TimeUnit.NANOSECONDS);

    private final SecretFiles secrets;
    private final Http http;

    HttpTool(SecretFiles secrets, Http http) {
        this.secrets = secrets;
        this.http = http;
    }

    /** Turns a response into a result. */
    @FunctionalInterface
    private interface Reading<T> {
        T read(Response response) throws IOException;
    }

    @Override
    public ToolResult call(ToolInvocation call) throws InterruptedException {
        try {
            HttpBinding binding = HttpBinding.of(call.tool().binding());
            Credential credential = Credential.of(binding.auth(), secrets);
            Request request = HttpToolRequest.of(call, binding, credential);
            Answers answers = new Answers(credential, call.tool().maxResponseBytes());
            return exchange(call, request, answers::ofCall, reason -> reason);
        } catch (SecretUnavailable e) {
            return new ToolResult.NotSent(e.getMessage());
        } catch (UrlTemplate.Unusable e) {
            return new ToolResult.Failed(e.getMessage());
        } catch (IllegalArgumentException e) {
            // Not its message: clients quote the header that they refuse.
            return new ToolResult.NotSent("the request could not be built from the ToolServer's fields");
        }
    }

    @Override
    public Optional<ToolResult> lookup(ToolInvocation call) throws InterruptedException {
        try {
            HttpBinding binding = HttpBinding.of(call.tool().binding());
            Credential credential = Credential.of(binding.auth(), secrets);
            Request request = HttpToolRequest.lookup(call, binding, credential);
            Answers answers = new Answers(credential, call.tool().maxResponseBytes());
            return exchange(
                    call,
                    request,
                    answers::ofLookup,
                    result -> Optional.of(new ToolResult.Unknown("the lookup got no answer: " + reason(result))));
        } catch (SecretUnavailable | UrlTemplate.Unusable e) {
            return Optional.of(new ToolResult.Unknown("the lookup is not possible: " + e.getMessage()));
        } catch (IllegalArgumentException e) {
            return Optional.of(new ToolResult.Unknown("the lookup could not be built from the ToolServer's fields"));
        }
    }

    private static String reason(ToolResult result) {
        return switch (result) {
            case ToolResult.NotSent r -> r.reason();
            case ToolResult.Unknown r -> r.reason();
            default -> "";
        };
    }

    private <T> T exchange(
            ToolInvocation call, Request request, Reading<T> reading, java.util.function.Function<ToolResult, T> failed)
            throws InterruptedException {
        AtomicBoolean sent = new AtomicBoolean();
        OkHttpClient client = client(call, sent);
        try {
            return Abandonable.call(call.timeout().plus(GRACE), () -> {
                try (Response response = client.newCall(request).execute()) {
                    return reading.read(response);
                }
            });
        } catch (TimeoutException e) {
            return failed.apply(failure(new InterruptedIOException(), sent.get(), request, call.timeout()));
        } catch (ExecutionException e) {
            return failed.apply(failure(e.getCause(), sent.get(), request, call.timeout()));
        }
    }

    private OkHttpClient client(ToolInvocation call, AtomicBoolean sent) {
        OkHttpClient.Builder builder = http.get()
                .newBuilder()
                .callTimeout(call.timeout())
                .connectTimeout(CONNECT)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                // Runs when the connection, TLS included, stands and nothing is written yet. OkHttp comes here a
                // second time when it wants to repeat a request on its own (503 with Retry-After: 0).
                .addNetworkInterceptor(chain -> {
                    if (sent.getAndSet(true)) {
                        throw new IOException("a call is sent once");
                    }
                    return chain.proceed(chain.request());
                });
        if (call.tool().effect() == EffectClass.AT_MOST_ONCE) {
            builder.connectionPool(neverReused);
        }
        return builder.build();
    }

    private static ToolResult failure(Throwable cause, boolean sent, Request request, Duration limit) {
        String host = request.url().host() + ":" + request.url().port();
        String what = switch (cause) {
            case InterruptedIOException e -> "no complete answer from " + host + " within " + limit.toSeconds() + " s";
            case java.net.UnknownHostException e -> "the name " + request.url().host() + " is not known";
            case java.net.ConnectException e -> host + " refuses connections or cannot be reached";
            case javax.net.ssl.SSLException e -> "no trusted TLS connection to " + host;
            case IOException e -> "the connection to " + host + " broke off";
            default -> "the call broke off (" + cause.getClass().getSimpleName() + ")";
        };
        return sent ? new ToolResult.Unknown(what + " after the request was sent") : new ToolResult.NotSent(what);
    }
}
