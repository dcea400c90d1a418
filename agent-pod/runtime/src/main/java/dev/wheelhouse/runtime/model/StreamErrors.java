package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelException.Kind;

/** Error objects as both providers write them: {@code {"error": {"type", "message"}}} or the inner object alone. */
final class StreamErrors {
    private StreamErrors() {}

    /** An error that came in the middle of a stream that began with status 200. */
    static ModelException of(JsonNode body, Access access) {
        String type = error(body).path("type").asText("");
        Kind kind = switch (type) {
            case "rate_limit_error", "rate_limit_exceeded", "insufficient_quota" -> Kind.RATE_LIMITED;
            case "invalid_request_error",
                    "authentication_error",
                    "permission_error",
                    "not_found_error",
                    "request_too_large",
                    "billing_error" -> Kind.REJECTED;
            default -> Kind.SERVER_ERROR;
        };
        return new ModelException(
                kind, "the provider broke off its answer" + ProviderErrors.words(message(body), access), null);
    }

    /** An SDK's error body as JSON; nothing for a body that was none, which the SDKs refuse to serialize. */
    static JsonNode tree(ObjectMapper mapper, Object body) {
        try {
            return mapper.valueToTree(body);
        } catch (IllegalArgumentException e) {
            return MissingNode.getInstance();
        }
    }

    /** The provider's words, or null. */
    static String message(JsonNode body) {
        JsonNode message = error(body).path("message");
        return message.isTextual() ? message.textValue() : null;
    }

    private static JsonNode error(JsonNode body) {
        return body.path("error").isObject() ? body.path("error") : body;
    }
}
