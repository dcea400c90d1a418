package dev.wheelhouse.operator.domain.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.api.v1alpha1.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionCheckTest {
    private static final String SCHEMA =
            "{\"type\":\"object\",\"properties\":{\"amount\":{\"type\":\"integer\",\"maximum\":10}},"
                    + "\"required\":[\"amount\"],\"additionalProperties\":false}";

    private static ApprovalRequest request(ApprovalRequest.Kind kind, String schema, List<String> choices) {
        return new ApprovalRequest(
                kind, null, null, null, null, null, null, null, "{}", null, null, null, null, null, null, null, null, 1,
                1, null, schema, choices, null, null, null, null);
    }

    private static Optional<String> edit(String arguments) {
        return DecisionCheck.problem(
                request(ApprovalRequest.Kind.ToolCall, SCHEMA, null),
                new Decision(Verdict.Edit, null, arguments, null, null));
    }

    private static Optional<String> answer(String schema, List<String> choices, String answer) {
        return DecisionCheck.problem(
                request(ApprovalRequest.Kind.Question, schema, choices),
                new Decision(Verdict.Respond, null, null, answer, null));
    }

    @Test
    void anEditThatFits() {
        assertEquals(Optional.empty(), edit("{\"amount\": 7}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"amount\": 11}|do not fit the tool's schema: /amount",
                "{}|do not fit the tool's schema",
                "{\"amount\": 1, \"to\": \"me\"}|do not fit the tool's schema",
                "{\"amount\": 1, \"amount\": 99}|not JSON",
                "{\"amount\": 1} {}|not JSON",
                "[]|must be a JSON object",
                "{\"amount\"|not JSON"
            })
    void anEditThatDoesNot(String arguments, String why) {
        assertTrue(
                edit(arguments).orElse("accepted").contains(why),
                () -> edit(arguments).orElse("accepted"));
    }

    @Test
    void answers() {
        assertEquals(Optional.empty(), answer(null, null, "anything"));
        assertEquals(Optional.empty(), answer(null, List.of("red", "blue"), "red"));
        assertTrue(answer(null, List.of("red", "blue"), "green").orElse("").contains("one of: red, blue"));
        assertEquals(Optional.empty(), answer("{\"type\":\"integer\"}", null, "7"));
        assertEquals(Optional.empty(), answer("{\"type\":\"string\"}", null, "7"), "text needs no quotes");
        assertTrue(answer("{\"type\":\"integer\"}", null, "seven").isPresent());
    }

    @Test
    void aSchemaThatCannotBeCheckedLetsNothingThrough() {
        assertTrue(answer("{\"$ref\":\"https://example.org/other\"}", null, "7").isPresent());
        assertTrue(answer("not JSON", null, "7").isPresent());
        assertTrue(answer("{\"type\":\"string\",\"pattern\":\"(a+)+$\"}", null, "a".repeat(60) + "!")
                .isPresent());
    }

    @Test
    void anAnswerInPlaceOfAToolIsFree() {
        assertEquals(
                Optional.empty(),
                DecisionCheck.problem(
                        request(ApprovalRequest.Kind.ToolCall, SCHEMA, null),
                        new Decision(Verdict.Respond, null, null, "done by hand", null)));
    }
}
