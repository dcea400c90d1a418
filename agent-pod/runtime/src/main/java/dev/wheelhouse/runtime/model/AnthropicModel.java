package dev.wheelhouse.runtime.model;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.LogLevel;
import com.anthropic.core.ObjectMappers;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.core.http.Interceptor;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.SseException;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretValue;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Set;

/** Anthropic's Messages API through the official SDK. */
final class AnthropicModel implements ModelPort {
    private static final ObjectMapper JSON = ObjectMappers.jsonMapper();
    private static final String KEY_HEADER = "X-Api-Key";
    /** Set by typed setters; everything else goes as an additional property. */
    private static final Set<String> TYPED = Set.of("model", "max_tokens", "messages");

    private final SecretFiles secrets;
    private volatile AnthropicClient base;

    AnthropicModel(SecretFiles secrets) {
        this.secrets = secrets;
    }

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        ModelBinding binding = ModelBinding.of(request.model());
        Access access = Access.of(binding.secret(), secrets);
        Duration limit = request.model().timeout();
        return ProviderCall.within(limit, access, AnthropicModel::explain, () -> {
            AnthropicAnswer answer = new AnthropicAnswer();
            try (StreamResponse<RawMessageStreamEvent> stream = client(binding, access)
                    .messages()
                    .createStreaming(params(AnthropicRequest.body(request, binding)), options(limit))) {
                for (Iterator<RawMessageStreamEvent> events = stream.stream().iterator(); events.hasNext(); ) {
                    answer.add(JSON.valueToTree(events.next()), sink);
                }
            }
            return AnswerCaps.check(answer.complete(access));
        });
    }

    private static MessageCreateParams params(ObjectNode body) {
        MessageCreateParams.Builder params = MessageCreateParams.builder()
                .model(body.path("model").textValue())
                .maxTokens(body.path("max_tokens").longValue())
                // The messages as they are: signatures must come back unchanged.
                .messages(JsonValue.fromJsonNode(body.path("messages")));
        body.properties().forEach(field -> {
            if (!TYPED.contains(field.getKey())) {
                params.putAdditionalBodyProperty(field.getKey(), JsonValue.fromJsonNode(field.getValue()));
            }
        });
        return params.build();
    }

    private static RequestOptions options(Duration limit) {
        return RequestOptions.builder()
                .timeout(Timeout.builder().read(limit).request(limit).build())
                // OkHttp takes only "Authorization" off a redirected request; the key is in another header.
                .followRedirects(false)
                .build();
    }

    /** The key is in no client that outlives the call. */
    private AnthropicClient client(ModelBinding binding, Access access) {
        return base().withOptions(options -> {
            if (binding.endpoint() != null) {
                options.baseUrl(binding.endpoint());
            }
            options.addInterceptor(Interceptor.syncOnly((http, request, requestOptions) ->
                    new BoundedResponse(http.execute(withKey(request, access), requestOptions))));
        });
    }

    private static HttpRequest withKey(HttpRequest request, Access access) {
        HttpRequest.Builder builder = request.toBuilder();
        access.secret()
                .map(SecretValue::reveal)
                .ifPresentOrElse(
                        key -> builder.replaceHeaders(KEY_HEADER, key), () -> builder.removeHeaders(KEY_HEADER));
        return builder.build();
    }

    private synchronized AnthropicClient base() {
        if (base == null) {
            base = AnthropicOkHttpClient.builder()
                    .streamHandlerExecutor(Runnable::run)
                    // A placeholder keeps the SDK from looking for credentials in environment and home directory.
                    .apiKey("none")
                    .maxRetries(0)
                    .logLevel(LogLevel.OFF)
                    .build();
        }
        return base;
    }

    private static ModelException explain(Throwable failure, Access access) {
        return switch (failure) {
            case SseException e -> StreamErrors.of(StreamErrors.tree(JSON, e.body()), access);
            case AnthropicServiceException e ->
                ProviderErrors.status(
                        e.statusCode(),
                        StreamErrors.message(StreamErrors.tree(JSON, e.body())),
                        e.headers().values("retry-after").stream().findFirst().orElse(null),
                        access,
                        Instant.now());
            case AnthropicIoException e -> ProviderErrors.unreachable(e.getCause() == null ? e : e.getCause());
            default -> ProviderErrors.malformed(failure.getClass().getSimpleName());
        };
    }

    /** A response whose body does not go on for ever. */
    private record BoundedResponse(HttpResponse response) implements HttpResponse {
        @Override
        public int statusCode() {
            return response.statusCode();
        }

        @Override
        public Headers headers() {
            return response.headers();
        }

        @Override
        public InputStream body() {
            return AnswerCaps.bounded(response.body());
        }

        @Override
        public void close() {
            response.close();
        }
    }
}
