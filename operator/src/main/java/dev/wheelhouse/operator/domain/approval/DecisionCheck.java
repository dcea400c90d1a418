package dev.wheelhouse.operator.domain.approval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.core.guard.JsonSchema;
import java.util.List;
import java.util.Optional;

/**
 * Whether an edit or an answer can be used. The schema is as hostile as the server it came from; checking is bounded by
 * {@link JsonSchema}.
 */
public final class DecisionCheck {
    private static final int LONGEST = 1000;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private DecisionCheck() {}

    /** Why the decision cannot be used, for its author; empty if it can. */
    public static Optional<String> problem(ApprovalRequest request, Decision decision) {
        return switch (decision.verdict()) {
            case Edit -> edit(request, decision.arguments());
            case Respond -> answer(request, decision.answer());
            case Approve, Reject, Happened, DidNotHappen, Abort -> Optional.empty();
            case null -> Optional.of("this version of the operator does not know the verdict");
        };
    }

    private static Optional<String> edit(ApprovalRequest request, String arguments) {
        if (arguments == null) {
            return Optional.of("verdict Edit needs the new arguments");
        }
        try {
            JsonNode value = JSON.readTree(arguments);
            return value.isObject()
                    ? violations(request, value).map(text -> "arguments do not fit the tool's schema: " + text)
                    : Optional.of("arguments must be a JSON object");
        } catch (JsonProcessingException e) {
            return Optional.of(cut("arguments are not JSON: " + e.getOriginalMessage()));
        }
    }

    private static Optional<String> answer(ApprovalRequest request, String answer) {
        if (answer == null) {
            return Optional.of("verdict Respond needs an answer");
        }
        List<String> choices = request.choices();
        if (choices != null && !choices.isEmpty()) {
            return choices.contains(answer)
                    ? Optional.empty()
                    : Optional.of(cut("answer must be one of: " + String.join(", ", choices)));
        }
        if (request.kind() != ApprovalRequest.Kind.Question) {
            return Optional.empty(); // It stands for the tool's result, and the schema is that of the arguments.
        }
        Optional<String> asText = violations(request, TextNode.valueOf(answer));
        return asText.isEmpty() ? asText : asJson(request, answer, asText);
    }

    private static Optional<String> asJson(ApprovalRequest request, String answer, Optional<String> otherwise) {
        try {
            return violations(request, JSON.readTree(answer)).map(text -> "answer does not fit the schema: " + text);
        } catch (JsonProcessingException e) {
            return otherwise.map(text -> "answer does not fit the schema: " + text);
        }
    }

    private static Optional<String> violations(ApprovalRequest request, JsonNode value) {
        if (request.schema() == null || request.schema().isEmpty()) {
            return Optional.empty();
        }
        try {
            List<String> wrong = JsonSchema.of(JSON.readTree(request.schema())).violations(value);
            return wrong.isEmpty() ? Optional.empty() : Optional.of(cut(String.join("; ", wrong)));
        } catch (JsonProcessingException e) {
            return Optional.of("the schema is not JSON");
        } catch (JsonSchema.Unusable e) {
            return Optional.of(cut("the schema cannot be checked: " + e.getMessage()));
        }
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
