package dev.wheelhouse.runtime.pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnerTest {
    @TempDir
    java.nio.file.Path secrets;

    private PinSpace space;

    @BeforeEach
    void open() throws Exception {
        space = new PinSpace(secrets);
        space.model("m", "{'provider':'scripted','script':[{'then':{'text':'x'}}]}");
    }

    @AfterEach
    void close() {
        space.close();
    }

    private static final String ORDER = "{'name':'order','description':'d','method':'POST','url':'http://h/o/{id}',"
            + "'arguments':{'properties':{'id':{'type':'string'},'n':{'type':'integer'}},'required':['id','n']},"
            + "'effect':'idempotent','timeoutSeconds':7,'maxResponseBytes':2048}";

    private void shop() {
        space.toolServer("shop", "{'http':{'tools':[" + ORDER + "]}}");
    }

    private String refused() {
        return assertThrows(Pinning.Refused.class, space::pin).getMessage();
    }

    private List<String> lacks() {
        return reason().names();
    }

    private WaitReason.ForResources reason() {
        return (WaitReason.ForResources)
                assertThrows(Pinning.NotReady.class, space::pin).reason();
    }

    @Test
    void everythingIsCopied() throws Exception {
        shop();
        space.secret("p", "k", PinSpace.CANARY);
        space.model(
                "real",
                "{'provider':'openai','model':'gpt','endpoint':'http://h/v1','secret':{'name':'p','key':'k'},"
                        + "'prices':{'input':3,'output':5},'timeoutSeconds':9,'attempts':2,'temperaturePercent':10}");
        space.agent("{'model':'real','fallbackModels':['m','real'],'instructions':'Be brief.','maxOutputTokens':77,"
                + "'tools':[{'server':'shop','name':'order','effect':'atMostOnce','bound':{'n':3}}],"
                + "'outputSchema':{'type':'object'},'limits':{'steps':9}}");
        PinnedRun run = space.pin();
        assertEquals("Be brief.", run.instructions());
        assertEquals("what?", run.input());
        assertEquals("ada", run.requester());
        assertEquals(9, run.limits().steps());
        assertEquals(Instant.parse("2026-11-24T10:00:00Z"), run.startedAt());
        assertEquals(
                List.of("real", "m"),
                run.models().stream().map(PinnedModel::name).toList());
        PinnedModel model = run.models().getFirst();
        assertEquals(new Prices(3, 3, 5), model.prices());
        assertEquals(77, model.maxOutputTokens());
        assertEquals(Duration.ofSeconds(9), model.timeout());
        assertEquals("http://h/v1", model.binding().path("endpoint").asText());
        PinnedTool tool = run.tools().getFirst();
        assertEquals(EffectClass.AT_MOST_ONCE, tool.effect());
        assertEquals(3, tool.bound().path("n").asInt());
        assertEquals(Duration.ofSeconds(7), tool.timeout());
        assertEquals(2048, tool.maxResponseBytes());
        assertEquals("object", tool.schema().path("type").asText());
        assertFalse(Json.write(run).contains(PinSpace.CANARY), "a secret value was pinned");
    }

    @Test
    void theDigestFollowsTheContent() throws Exception {
        space.agent("{'model':'m','instructions':'one'}");
        String one = Pinner.digest(space.pin());
        assertEquals(one, Pinner.digest(space.pin()));
        assertTrue(one.matches("sha256:[0-9a-f]{64}"), one);
        space.agent("{'model':'m','instructions':'two'}");
        assertNotEquals(one, Pinner.digest(space.pin()));
    }

    @Test
    void allThatIsMissingIsNamedAtOnce() {
        space.toolServer(
                "locked",
                "{'http':{'tools':[" + ORDER + "]},'auth':{'header':'A','secret':{'name':'tools','key':'t'}}}");
        space.agent("{'model':'gone','instructionsFrom':{'name':'cm','key':'k'},'delegates':[{'agent':'nobody'}],"
                + "'tools':[{'server':'locked','name':'order'},{'server':'absent','name':'x'}]}");
        assertEquals(
                List.of("Model/gone", "Secret/tools", "ToolServer/absent", "Agent/nobody", "ConfigMap/cm"), lacks());
        assertTrue(reason().summary().contains("create it"), reason().summary());
    }

    @Test
    void noAgent() {
        assertEquals(List.of("Agent/a"), lacks());
    }

    @Test
    void aModelsSecretIsWaitedFor() throws Exception {
        space.model("m", "{'provider':'anthropic','model':'c','secret':{'name':'p','key':'k'}}");
        space.agent("{'model':'m','instructions':'x'}");
        assertEquals(List.of("Secret/p"), lacks());
        space.secret("p", "k", PinSpace.CANARY);
        space.pin();
    }

    @Test
    void instructionsFromAConfigMap() throws Exception {
        space.configMap("cm", "k", "From a map.");
        space.agent("{'model':'m','instructionsFrom':{'name':'cm','key':'k'}}");
        assertEquals("From a map.", space.pin().instructions());
        space.agent("{'model':'m','instructionsFrom':{'name':'cm','key':'other'}}");
        assertEquals(List.of("ConfigMap/cm"), lacks());
    }

    @Test
    void aToolThatTheServerDoesNotDeclareIsWaitedFor() {
        shop();
        space.agent("{'model':'m','instructions':'x','tools':[{'server':'shop','name':'pay'}]}");
        assertEquals(List.of("ToolServer/shop"), lacks());
        assertTrue(reason().summary().contains("'pay'"), reason().summary());
    }

    @Test
    void whatCanNeverWorkIsRefused() {
        shop();
        space.agent("{'model':'m','instructions':'x','limits':{'costMicros':1}}");
        assertTrue(refused().contains("PriceUnknown"));
        space.agent("{'model':'m','instructions':'x','outputSchema':{'type':'nonsense'}}");
        assertTrue(refused().contains("outputSchema"));
        space.agent("{'model':'m','instructions':'x','outputSchema':{'$ref':'http://169.254.169.254/x'}}");
        assertTrue(refused().contains("outputSchema"));
        space.agent("{'model':'m','instructions':'x','outputSchema':{'type':'string','pattern':'('}}");
        assertTrue(refused().contains("outputSchema"));
        tools("{'server':'shop','name':'order','effect':'readOnly'}");
        assertTrue(refused().contains("weaker"));
        tools("{'server':'shop','name':'order','effect':'reconcilable'}");
        assertTrue(refused().contains("looked up"));
        tools("{'server':'shop','name':'order','bound':{'n':'three'}}");
        assertTrue(refused().contains("bound"));
        tools("{'server':'shop','name':'order','bound':[1]}");
        assertTrue(refused().contains("bound"));
        tools("{'server':'shop','name':'order'},{'server':'shop2','name':'order'}");
        assertTrue(refused().contains("called 'order'"));
    }

    private void tools(String tools) {
        space.agent("{'model':'m','instructions':'x','tools':[" + tools + "]}");
    }

    @Test
    void malformedToolsAreRefused() {
        tools("{'server':'s','name':'t'}");
        declared("'url':'http://h/{id}'");
        assertTrue(refused().contains("{id}"));
        declared("'url':'http://h/x','arguments':{'type':'array'}");
        assertTrue(refused().contains("\"type\": \"object\""));
        declared("'url':'http://h/x','arguments':{'properties':{'a':{'type':'number','minimum':'x'}}}");
        assertTrue(refused().contains("JSON Schema"));
        declared("'url':'http://{h}/x'");
        assertTrue(refused().contains("host"));
        declared("'url':'http://h:99999/x'");
        assertTrue(refused().contains("malformed"));
        space.model("m", "{'provider':'openai','model':'x','endpoint':'http://h:99999/v1'}");
        assertTrue(refused().contains("endpoint"));
    }

    private void declared(String fields) {
        space.toolServer("s", "{'http':{'tools':[{'name':'t','description':'d'," + fields + "}]}}");
    }

    @Test
    void aToolCalledDelegateClashesWithTheBuiltIn() {
        space.toolServer("s", "{'http':{'tools':[{'name':'delegate','description':'d','url':'http://h/x'}]}}");
        space.agent("{'model':'m','instructions':'x','tools':[{'server':'s','name':'delegate'}],"
                + "'delegates':[{'agent':'a'}]}");
        assertTrue(refused().contains("delegate"));
    }

    @Test
    void delegatesBecomeATool() throws Exception {
        space.agent("{'model':'m','instructions':'x','delegates':[{'agent':'a','description':'does it'}]}");
        PinnedTool tool = space.pin().tools().getFirst();
        assertTrue(tool.delegates());
        assertEquals(EffectClass.RECONCILABLE, tool.effect());
        assertEquals("a", tool.schema().at("/properties/agent/enum/0").asText());
        assertTrue(tool.description().contains("a (does it)"), tool.description());
        assertEquals(Canonical.digest(tool.schema()), tool.digest());
    }

    @Test
    void theTenantLowersAndTheChartsStandsInForIt() throws Exception {
        space.agent("{'model':'m','instructions':'x','limits':{'steps':30,'tokens':1000}}");
        assertEquals(20, space.pin().limits().steps(), "the chart's default tenant");
        space.tenant("{'limits':{'steps':10}}");
        assertEquals(10, space.pin().limits().steps());
        assertEquals(1000L, space.pin().limits().tokens());
    }

    @Test
    void limitsAreTheLowestThatIsSet() {
        assertEquals(dev.wheelhouse.core.guard.Limits.DEFAULT, EffectiveLimits.of(null, null, null));
        assertEquals(50, EffectiveLimits.of(steps(1000), null, null).steps(), "a ceiling is no wish");
        assertEquals(80, EffectiveLimits.of(steps(1000), null, steps(80)).steps());
        assertEquals(60, EffectiveLimits.of(steps(60), steps(90), steps(80)).steps());
        assertEquals(
                Duration.ofSeconds(5),
                EffectiveLimits.of(null, null, new Limits(null, null, null, null, 5L, null, null, null))
                        .wallTime());
    }

    private static Limits steps(int steps) {
        return new Limits(steps, null, null, null, null, null, null, null);
    }

    @Test
    void anApiServerThatDoesNotAnswerIsWaitedFor() {
        space.agent("{'model':'m','instructions':'x'}");
        space.api.faults(request -> FakeApiServer.Fault.UNAVAILABLE);
        assertEquals(List.of("Run/r"), lacks());
    }
}
