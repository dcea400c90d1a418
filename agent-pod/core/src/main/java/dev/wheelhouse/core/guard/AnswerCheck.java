package dev.wheelhouse.core.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.journal.Json;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Accepts a final answer only if it is whole and satisfies the agent's schema; else the model gets it back. */
public final class AnswerCheck implements Guard {
    private static final String NAME = "answer";
    private static final Pattern FENCED = Pattern.compile("\\A\\s*```\\w*\\n(.*)\\n```\\s*\\z", Pattern.DOTALL);

    @Override
    public Step check(State state, Step step, Instant now) {
        if (!(step instanceof Step.Finish(var text))) {
            return step;
        }
        if (state.turns().getLast().answer().truncated()) {
            return again(
                    state,
                    FailureReason.FAILED,
                    "Your answer was cut off because it was too long. Give a complete, shorter one.");
        }
        JsonNode schema = state.run().outputSchema();
        if (schema != null) {
            return againstSchema(state, schema, text);
        }
        return text.isBlank()
                ? again(state, FailureReason.FAILED, "Your answer was empty. Give the final answer.")
                : step;
    }

    private static Step againstSchema(State state, JsonNode schema, String text) {
        Matcher fenced = FENCED.matcher(text);
        String json = fenced.matches() ? fenced.group(1) : text;
        try {
            JsonNode answer = Json.parse(json);
            List<String> wrong = answer.isMissingNode()
                    ? List.of("it is empty")
                    : JsonSchema.of(schema).violations(answer);
            return wrong.isEmpty()
                    ? new Step.Finish(Json.write(answer))
                    : mismatch(state, "it does not match the schema: " + String.join("; ", wrong));
        } catch (JsonProcessingException e) {
            return mismatch(state, "it is not valid JSON: " + e.getOriginalMessage());
        } catch (JsonSchema.Unusable e) {
            return new Step.Fail(
                    FailureReason.OUTPUT_SCHEMA_MISMATCH,
                    "no answer can be checked: the agent's outputSchema is unusable: " + e.getMessage());
        }
    }

    private static Step mismatch(State state, String what) {
        return again(
                state,
                FailureReason.OUTPUT_SCHEMA_MISMATCH,
                "Your answer was not accepted: " + what
                        + ". Answer again with only a JSON value that satisfies the output schema: "
                        + Json.write(state.run().outputSchema()));
    }

    private static Step again(State state, FailureReason reason, String message) {
        int allowed = state.run().limits().repairs();
        return state.repairs() < allowed
                ? new Step.Correct(NAME, message)
                : new Step.Fail(reason, "after " + state.repairs() + " repairs: " + message);
    }
}
