package dev.wheelhouse.runtime.model;

import static dev.wheelhouse.runtime.model.Requests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.wheelhouse.api.v1alpha1.ScriptRule;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptedModelTest {
    private static final Message ASKED = new Message.User("find 🛞 {{lastMessage}}");
    private final List<String> streamed = new ArrayList<>();

    private ModelReply call(String script, int step, int attempt, Message... messages) throws Exception {
        List<ScriptRule> rules = Requests.JSON.convertValue(json(script), new TypeReference<>() {});
        return new ScriptedModel().call(Requests.scripted(rules, step, attempt, List.of(messages)), streamed::add);
    }

    private static Message output(String tool, String content) {
        return new Message.ToolOutput("call-1-1", tool, content, false);
    }

    @Test
    void theFirstRuleThatMatchesSpeaks() throws Exception {
        String script = "[{'when':{'step':1,'input':'fi.d'},'then':{'calls':[{'tool':'t','arguments':{'q':'{{input}}',"
                + "'n':[1,'{{input}}']}}]}},{'when':{'afterTool':'t','lastMessage':'^ok'},'then':{'text':'got {{lastMessage}}'}},"
                + "{'then':{'text':'else'}}]";
        ModelReply first = call(script, 1, 1, ASKED);
        assertEquals("call-1-1", first.calls().getFirst().id());
        // What is put in is not expanded again: an input cannot speak the template language.
        assertEquals(
                json("{'q':'find 🛞 {{lastMessage}}','n':[1,'find 🛞 {{lastMessage}}']}"),
                Requests.JSON.readTree(first.calls().getFirst().arguments()));
        assertEquals(first, call(script, 1, 1, ASKED), "the same in any process");
        assertEquals("got ok", call(script, 2, 1, ASKED, output("t", "ok")).text());
        assertEquals("else", call(script, 2, 1, ASKED, output("t", "no")).text());
        assertEquals("else", call(script, 2, 1, ASKED, output("u", "ok")).text());
    }

    @Test
    void theInputIsThatOfThisRunAndNotOfTheThreadsFirst() throws Exception {
        List<ScriptRule> rules = Requests.JSON.convertValue(
                json("[{'when':{'input':'^now'},'then':{'text':'{{input}}, after: {{history}}'}}]"),
                new TypeReference<>() {});
        var plain = Requests.scripted(
                rules,
                1,
                1,
                List.of(
                        new Message.User("before"),
                        new Message.Assistant("said", List.of(), null, null),
                        new Message.User("now")));
        var request =
                new ModelRequest(plain.run(), plain.model(), "Be brief.", plain.messages(), 2, List.of(), 1, 1, 1000);
        assertEquals(
                "now, after: before\nsaid",
                new ScriptedModel().call(request, streamed::add).text());
        assertThrows(ModelException.class, () -> new ScriptedModel().call(plain, streamed::add), "none are earlier");
    }

    @Test
    void noRuleIsSaid() {
        ModelException e = assertThrows(
                ModelException.class, () -> call("[{'when':{'step':1},'then':{'text':'x'}}]", 2, 1, ASKED));
        assertEquals(ModelException.Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("matches step 2"), e.getMessage());
    }

    @Test
    void failsTheFirstAttemptsAndThenAnswers() throws Exception {
        String script = "[{'then':{'text':'ok','fail':{'status':429,'times':2,'retryAfterSeconds':3}}}]";
        for (int attempt = 1; attempt <= 2; attempt++) {
            int n = attempt;
            ModelException e = assertThrows(ModelException.class, () -> call(script, 1, n, ASKED));
            assertEquals(ModelException.Kind.RATE_LIMITED, e.kind());
            assertEquals(Duration.ofSeconds(3), e.retryAfter());
        }
        assertEquals("ok", call(script, 1, 3, ASKED).text());
    }

    @Test
    void statusesMeanWhatAProviderWouldMean() {
        assertEquals(ModelException.Kind.TIMEOUT, kindOf(0));
        assertEquals(ModelException.Kind.REJECTED, kindOf(401));
        assertEquals(ModelException.Kind.SERVER_ERROR, kindOf(529));
    }

    private ModelException.Kind kindOf(int status) {
        return assertThrows(
                        ModelException.class, () -> call("[{'then':{'fail':{'status':" + status + "}}}]", 1, 99, ASKED))
                .kind();
    }

    @Test
    void streamsInAsManyPartsAsAsked() throws Exception {
        assertEquals(
                "abcdefg",
                call("[{'then':{'text':'abcdefg','chunks':3}}]", 1, 1, ASKED).text());
        assertEquals(List.of("abc", "def", "g"), streamed);
    }

    @Test
    void rawArgumentsStayMalformed() throws Exception {
        assertEquals(
                "{oops",
                call("[{'then':{'calls':[{'tool':'t','rawArguments':'{oops'}]}}]", 1, 1, ASKED)
                        .calls()
                        .getFirst()
                        .arguments());
    }

    @Test
    void reportsTokensAsToldOrByLength() throws Exception {
        assertEquals(
                new TokenUsage(7, 0, 8),
                call("[{'then':{'text':'x','tokens':{'input':7,'output':8}}}]", 1, 1, ASKED)
                        .usage());
        // "Be brief." is 9 characters, "12345678" 8: 17 in four parts each, rounded up.
        assertEquals(
                new TokenUsage(5, 0, 2),
                call("[{'then':{'text':'abcde'}}]", 1, 1, new Message.User("12345678"))
                        .usage());
    }

    @Test
    void aRegularExpressionOutsideRe2IsSaid() {
        ModelException e = assertThrows(
                ModelException.class, () -> call("[{'when':{'input':'(a)\\\\1'},'then':{'text':'x'}}]", 1, 1, ASKED));
        assertTrue(e.getMessage().contains("RE2"), e.getMessage());
    }
}
