package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.LogLevel;
import com.openai.core.ObjectMappers;
import com.openai.core.Timeout;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.SseException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import okhttp3.OkHttpClient;
import okhttp3.ResponseBody;
import okio.Okio;

/** Chat Completions through the official SDK, at OpenAI or any compatible endpoint. */
final class OpenAiModel implements ModelPort {
    private static final ObjectMapper JSON = ObjectMappers.jsonMapper();
    private static final String NO_KEY = "none";

    private final SecretFiles secrets;
    private final Http http;
    private volatile OpenAIClient base;

    OpenAiModel(SecretFiles secrets, Http http) {
        this.secrets = secrets;
        this.http = http;
    }

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        ModelBinding binding = ModelBinding.of(request.model());
        Access access = Access.of(binding.secret(), secrets);
        Duration limit = request.model().timeout();
        return ProviderCall.within(limit, access, OpenAiModel::explain, () -> {
            ObjectNode body = OpenAiRequest.body(request, binding);
            OpenAiAnswer answer = new OpenAiAnswer();
            try (StreamResponse<ChatCompletionChunk> stream =
                    client(binding, access, limit).chat().completions().createStreaming(params(body))) {
                for (Iterator<ChatCompletionChunk> chunks = stream.stream().iterator(); chunks.hasNext(); ) {
                    answer.add(JSON.valueToTree(chunks.next()), sink);
                }
            }
            return AnswerCaps.check(
                    answer.complete(access, () -> body.toString().length()));
        });
    }

    private static ChatCompletionCreateParams params(ObjectNode body) {
        ChatCompletionCreateParams.Builder params = ChatCompletionCreateParams.builder()
                .model(body.path("model").textValue())
                // The messages as they are: a typed detour would drop the fields of compatible servers.
                .messages(JsonValue.fromJsonNode(body.path("messages")));
        body.properties().forEach(field -> {
            if (!field.getKey().equals("model") && !field.getKey().equals("messages")) {
                params.putAdditionalBodyProperty(field.getKey(), JsonValue.fromJsonNode(field.getValue()));
            }
        });
        return params.build();
    }

    /** The key is in no client that outlives the call. */
    private OpenAIClient client(ModelBinding binding, Access access, Duration limit) {
        return base().withOptions(options -> {
            options.apiKey(access.secret().map(SecretValue::reveal).orElse(NO_KEY));
            options.timeout(Timeout.builder().read(limit).request(limit).build());
            if (binding.endpoint() != null) {
                options.baseUrl(binding.endpoint());
            }
        });
    }

    private synchronized OpenAIClient base() {
        if (base == null) {
            OkHttpClient capped = http.get()
                    .newBuilder()
                    .addInterceptor(chain -> {
                        okhttp3.Response response = chain.proceed(chain.request());
                        ResponseBody body = response.body();
                        return response.newBuilder()
                                .body(ResponseBody.create(
                                        Okio.buffer(Okio.source(AnswerCaps.bounded(body.byteStream()))),
                                        body.contentType(),
                                        body.contentLength()))
                                .build();
                    })
                    .build();
            base = OpenAIOkHttpClient.builder()
                    .okHttpClient(capped)
                    .streamHandlerExecutor(Runnable::run)
                    .apiKey(NO_KEY)
                    .maxRetries(0)
                    .logLevel(LogLevel.OFF)
                    .build();
        }
        return base;
    }

    private static ModelException explain(Throwable failure, Access access) {
        return switch (failure) {
            case SseException e -> StreamErrors.of(StreamErrors.tree(JSON, e.body()), access);
            case OpenAIServiceException e ->
                ProviderErrors.status(
                        e.statusCode(),
                        StreamErrors.message(StreamErrors.tree(JSON, e.body())),
                        e.headers().values("retry-after").stream().findFirst().orElse(null),
                        access,
                        Instant.now());
            case OpenAIIoException e -> ProviderErrors.unreachable(e.getCause() == null ? e : e.getCause());
            default -> ProviderErrors.malformed(failure.getClass().getSimpleName());
        };
    }
}
