package dev.wheelhouse.runtime.model;

import static dev.wheelhouse.runtime.model.Requests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenAiModelTest {
    private final FakeServer server = new FakeServer();
    private final List<String> streamed = new ArrayList<>();
    private ModelRouter router;

    @TempDir
    Path secrets;

    @BeforeEach
    void key() throws Exception {
        Requests.putKey(secrets, Requests.CANARY + "\n");
        router = new ModelRouter(new SecretFiles(secrets), new Http());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ModelReply call(List<Message> messages) throws Exception {
        return router.call(
                Requests.to(Provider.openai, server.url() + "/v1", Requests.PATIENT, messages), streamed::add);
    }

    private ModelReply ask() throws Exception {
        return call(List.of(new Message.User("hi")));
    }

    private static String chunk(String choice) {
        return ("data: {'id':'c','object':'chat.completion.chunk','created':1,'model':'m','choices':[" + choice + "]}")
                .replace('\'', '"');
    }

    private static String delta(String delta) {
        return chunk("{'index':0,'delta':" + delta + ",'finish_reason':null}");
    }

    private static String finish(String reason) {
        return chunk("{'index':0,'delta':{},'finish_reason':'" + reason + "'}");
    }

    private static final String USAGE =
            ("data: {'id':'c','object':'chat.completion.chunk','created':1,'model':'m','choices':[],'usage':{'prompt_tokens':11,"
                            + "'completion_tokens':7,'total_tokens':18,'prompt_tokens_details':{'cached_tokens':4}}}")
                    .replace('\'', '"');
    private static final String DONE = "data: [DONE]";

    @Test
    void textStreamsInPartsAndComesBackWhole() throws Exception {
        server.on((exchange, request) -> FakeServer.events(
                exchange,
                delta("{'role':'assistant','content':''}"),
                delta("{'content':'Gr\\u00fc'}"),
                delta("{'content':'\\u00dfe 🛞'}"),
                finish("stop"),
                USAGE,
                DONE));
        ModelReply reply = ask();
        assertEquals("Grüße 🛞", reply.text());
        assertEquals(List.of("Grü", "ße 🛞"), streamed);
        assertEquals(new TokenUsage(11, 4, 7), reply.usage());
        assertTrue(reply.calls().isEmpty());
    }

    @Test
    void theRequestCarriesInstructionsToolsLimitsAndKey() throws Exception {
        server.on((exchange, request) -> FakeServer.events(exchange, delta("{'content':'x'}"), finish("stop"), DONE));
        ask();
        assertEquals("/v1/chat/completions", server.last().target());
        assertEquals("Bearer " + Requests.CANARY, server.last().header("Authorization"));
        assertEquals(1, server.last().headers().get("Authorization").size());
        JsonNode body = Requests.JSON.readTree(server.last().body());
        assertEquals("some-model", body.path("model").asText());
        assertEquals("system", body.at("/messages/0/role").asText());
        assertEquals("Be brief.", body.at("/messages/0/content").asText());
        assertEquals("hi", body.at("/messages/1/content").asText());
        assertEquals("lookup", body.at("/tools/0/function/name").asText());
        assertEquals("object", body.at("/tools/0/function/parameters/type").asText());
        assertEquals(1000, body.path("max_tokens").asInt());
        assertEquals(0.5, body.path("temperature").asDouble());
        assertTrue(body.at("/stream_options/include_usage").asBoolean());
        assertTrue(body.path("stream").asBoolean());
    }

    @Test
    void parallelCallsArePutTogetherFromTheirPieces() throws Exception {
        server.on((exchange, request) -> FakeServer.events(
                exchange,
                delta(
                        "{'role':'assistant','content':null,'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'lookup','arguments':''}}]}"),
                delta(
                        "{'tool_calls':[{'index':1,'id':'b','type':'function','function':{'name':'lookup','arguments':'{\\\"q\\\":'}}]}"),
                delta(
                        "{'tool_calls':[{'index':0,'function':{'arguments':'{\\\"q\\\":1}'}},{'index':1,'function':{'arguments':'2}'}}]}"),
                finish("tool_calls"),
                USAGE,
                DONE));
        ModelReply reply = ask();
        assertEquals(
                List.of(new ToolCall("a", "lookup", "{\"q\":1}"), new ToolCall("b", "lookup", "{\"q\":2}")),
                reply.calls());
        assertEquals("", reply.text());
    }

    @Test
    void malformedArgumentsReachTheHarnessAsTheyAre() throws Exception {
        server.on((exchange, request) -> FakeServer.events(
                exchange,
                delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'lookup','arguments':'{oops'}}]}"),
                finish("tool_calls"),
                DONE));
        assertEquals("{oops", ask().calls().getFirst().arguments());
    }

    @Test
    void theRawMessageGoesBackUnchangedWithFieldsWeDoNotKnow() throws Exception {
        server.on((exchange, request) -> FakeServer.events(
                exchange,
                delta("{'role':'assistant','reasoning_content':'think '}"),
                delta(
                        "{'reasoning_content':'hard','tool_calls':[{'index':0,'id':'a','type':'function','extra_content':{'sig':'S'},'function':{'name':'lookup','arguments':'{}'}}]}"),
                finish("tool_calls"),
                DONE));
        ModelReply first = ask();
        assertEquals("think hard", first.raw().path("reasoning_content").asText());
        // The harness renamed a repeated id; the provider must see its own.
        Message.Assistant said =
                new Message.Assistant("", List.of(new ToolCall("a-2", "lookup", "{}")), "openai", first.raw());
        call(List.of(new Message.User("hi"), said, new Message.ToolOutput("a-2", "lookup", "found", false)));
        JsonNode messages = Requests.JSON.readTree(server.last().body()).path("messages");
        assertEquals(first.raw(), messages.get(2));
        assertEquals("S", messages.get(2).at("/tool_calls/0/extra_content/sig").asText());
        assertEquals("a", messages.get(3).path("tool_call_id").asText());
    }

    @Test
    void anotherProvidersMessageIsConverted() throws Exception {
        server.on((exchange, request) -> FakeServer.events(exchange, delta("{'content':'x'}"), finish("stop"), DONE));
        Message.Assistant said = new Message.Assistant(
                "so", List.of(new ToolCall("t1", "lookup", "{\"q\":1}")), "anthropic", json("[{'type':'thinking'}]"));
        call(List.of(new Message.User("hi"), said, new Message.ToolOutput("t1", "lookup", "boom", true)));
        JsonNode messages = Requests.JSON.readTree(server.last().body()).path("messages");
        assertEquals("so", messages.get(2).path("content").asText());
        assertEquals(
                "{\"q\":1}",
                messages.get(2).at("/tool_calls/0/function/arguments").asText());
        assertEquals("Error: boom", messages.get(3).path("content").asText());
        assertFalse(messages.toString().contains("thinking"));
    }

    @Test
    void withoutReportedUsageTheGuessIsNotZero() throws Exception {
        server.on((exchange, request) ->
                FakeServer.events(exchange, delta("{'content':'abcdef'}"), finish("stop"), DONE));
        TokenUsage usage = ask().usage();
        assertTrue(usage.input() > 50, () -> "input " + usage.input());
        assertEquals(2, usage.output());
    }

    @Test
    void anAnswerCutByItsLimitSaysSo() throws Exception {
        server.on((exchange, request) ->
                FakeServer.events(exchange, delta("{'content':'half'}"), finish("length"), DONE));
        ModelReply reply = ask();
        assertEquals("half", reply.text());
        assertTrue(reply.truncated());
    }

    @Test
    void anEmptyAnswerIsAnAnswer() throws Exception {
        server.on((exchange, request) -> FakeServer.events(exchange, delta("{'content':''}"), finish("stop"), DONE));
        assertEquals("", ask().text());
    }

    @Test
    void aRefusalIsNoAnswer() {
        server.on((exchange, request) ->
                FakeServer.events(exchange, delta("{'refusal':'I cannot help'}"), finish("stop"), DONE));
        ModelException e = assertThrows(ModelException.class, this::ask);
        assertEquals(ModelException.Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("refused to answer: I cannot help"), e.getMessage());
    }

    @Test
    void anErrorInMidStreamIsNoAnswer() {
        server.on((exchange, request) -> FakeServer.events(
                exchange,
                delta("{'content':'x'}"),
                "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}"));
        ModelException e = assertThrows(ModelException.class, this::ask);
        assertEquals(ModelException.Kind.SERVER_ERROR, e.kind());
    }
}
