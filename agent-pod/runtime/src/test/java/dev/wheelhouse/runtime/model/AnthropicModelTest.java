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

class AnthropicModelTest {
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
        return router.call(Requests.to(Provider.anthropic, server.url(), Requests.PATIENT, messages), streamed::add);
    }

    private ModelReply ask() throws Exception {
        return call(List.of(new Message.User("hi")));
    }

    static String event(String json) {
        String data = json.replace('\'', '"');
        return "event: " + json(data).path("type").asText() + "\ndata: " + data;
    }

    static final String START =
            event("{'type':'message_start','message':{'id':'msg','type':'message','role':'assistant','model':'m',"
                    + "'content':[],'stop_reason':null,'stop_sequence':null,'usage':{'input_tokens':10,'cache_creation_input_tokens':2,"
                    + "'cache_read_input_tokens':5,'output_tokens':1}}}");

    private static String block(int index, String block) {
        return event("{'type':'content_block_start','index':" + index + ",'content_block':" + block + "}");
    }

    private static String delta(int index, String delta) {
        return event("{'type':'content_block_delta','index':" + index + ",'delta':" + delta + "}");
    }

    private static String stop(int index) {
        return event("{'type':'content_block_stop','index':" + index + "}");
    }

    private static String ending(String reason) {
        return event("{'type':'message_delta','delta':{'stop_reason':'" + reason
                + "','stop_sequence':null},'usage':{'output_tokens':20}}");
    }

    private static final String STOP = event("{'type':'message_stop'}");

    private void answers(String... middle) {
        List<String> all = new ArrayList<>(List.of(START));
        all.addAll(List.of(middle));
        all.add(STOP);
        server.on((exchange, request) -> FakeServer.events(exchange, all.toArray(String[]::new)));
    }

    @Test
    void textStreamsInPartsAndUsageIsTheLatest() throws Exception {
        answers(
                block(0, "{'type':'text','text':''}"),
                delta(0, "{'type':'text_delta','text':'Grü'}"),
                event("{'type':'ping'}"),
                delta(0, "{'type':'text_delta','text':'ße 🛞'}"),
                stop(0),
                ending("end_turn"));
        ModelReply reply = ask();
        assertEquals("Grüße 🛞", reply.text());
        assertEquals(List.of("Grü", "ße 🛞"), streamed);
        assertEquals(new TokenUsage(17, 5, 20), reply.usage());
    }

    @Test
    void theRequestCarriesInstructionsToolsLimitsAndKey() throws Exception {
        answers(ending("end_turn"));
        assertEquals("", ask().text());
        assertEquals("/v1/messages", server.last().target());
        assertEquals(List.of(Requests.CANARY), server.last().headers().get("X-Api-Key"));
        JsonNode body = Requests.JSON.readTree(server.last().body());
        assertEquals("some-model", body.path("model").asText());
        assertEquals("Be brief.", body.path("system").asText());
        assertEquals(1000, body.path("max_tokens").asInt());
        assertEquals(0.5, body.path("temperature").asDouble());
        assertEquals("lookup", body.at("/tools/0/name").asText());
        assertEquals("object", body.at("/tools/0/input_schema/type").asText());
        assertTrue(body.path("stream").asBoolean());
    }

    @Test
    void thinkingWithItsSignatureGoesBackUnchangedAndResultsShareOneMessage() throws Exception {
        answers(
                block(0, "{'type':'thinking','thinking':'','signature':''}"),
                delta(0, "{'type':'thinking_delta','thinking':'hm'}"),
                delta(0, "{'type':'signature_delta','signature':'SIG=='}"),
                stop(0),
                block(1, "{'type':'redacted_thinking','data':'XYZ'}"),
                stop(1),
                block(2, "{'type':'tool_use','id':'a','name':'lookup','input':{}}"),
                delta(2, "{'type':'input_json_delta','partial_json':'{\\\"q\\\":'}"),
                delta(2, "{'type':'input_json_delta','partial_json':'1}'}"),
                stop(2),
                block(3, "{'type':'tool_use','id':'b','name':'lookup','input':{}}"),
                stop(3),
                ending("tool_use"));
        ModelReply first = ask();
        assertEquals(
                List.of(new ToolCall("a", "lookup", "{\"q\":1}"), new ToolCall("b", "lookup", "{}")), first.calls());
        Message.Assistant said = new Message.Assistant(first.text(), first.calls(), "anthropic", first.raw());
        call(List.of(
                new Message.User("hi"),
                said,
                new Message.ToolOutput("a", "lookup", "one", false),
                new Message.ToolOutput("b", "lookup", "two", true)));
        JsonNode messages = Requests.JSON.readTree(server.last().body()).path("messages");
        assertEquals(3, messages.size());
        assertEquals(first.raw(), messages.get(1).path("content"));
        assertEquals("SIG==", messages.get(1).at("/content/0/signature").asText());
        assertEquals("XYZ", messages.get(1).at("/content/1/data").asText());
        assertEquals("a", messages.get(2).at("/content/0/tool_use_id").asText());
        assertTrue(messages.get(2).at("/content/1/is_error").asBoolean());
    }

    @Test
    void malformedInputReachesTheHarnessAsItIs() throws Exception {
        answers(
                block(0, "{'type':'tool_use','id':'a','name':'lookup','input':{}}"),
                delta(0, "{'type':'input_json_delta','partial_json':'{oops'}"),
                stop(0),
                ending("max_tokens"));
        ModelReply reply = ask();
        assertEquals("{oops", reply.calls().getFirst().arguments());
        assertTrue(reply.raw().get(0).path("input").isObject());
    }

    @Test
    void anotherProvidersMessageIsConverted() throws Exception {
        answers(ending("end_turn"));
        Message.Assistant said = new Message.Assistant(
                "", List.of(new ToolCall("t1", "lookup", "{bad")), "openai", json("{'role':'assistant'}"));
        call(List.of(new Message.User("hi"), said, new Message.ToolOutput("t1", "lookup", "boom", true)));
        JsonNode messages = Requests.JSON.readTree(server.last().body()).path("messages");
        assertEquals("tool_use", messages.get(1).at("/content/0/type").asText());
        assertEquals("{bad", messages.get(1).at("/content/0/input/malformed").asText());
    }

    @Test
    void anAnswerCutByItsLimitSaysSo() throws Exception {
        answers(block(0, "{'type':'text','text':'half'}"), stop(0), ending("max_tokens"));
        ModelReply reply = ask();
        assertEquals("half", reply.text());
        assertTrue(reply.truncated());
    }

    @Test
    void aRefusalIsNoAnswer() {
        answers(block(0, "{'type':'text','text':'No.'}"), stop(0), ending("refusal"));
        ModelException e = assertThrows(ModelException.class, this::ask);
        assertEquals(ModelException.Kind.REJECTED, e.kind());
        assertTrue(e.getMessage().contains("refused to answer: No."), e.getMessage());
    }

    @Test
    void anErrorInMidStreamIsToldApart() {
        server.on((exchange, request) -> FakeServer.events(
                exchange, START, event("{'type':'error','error':{'type':'overloaded_error','message':'Overloaded'}}")));
        ModelException e = assertThrows(ModelException.class, this::ask);
        assertEquals(ModelException.Kind.SERVER_ERROR, e.kind());
        assertTrue(e.getMessage().contains("Overloaded"), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }
}
