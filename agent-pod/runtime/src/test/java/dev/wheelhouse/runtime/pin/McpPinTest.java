package dev.wheelhouse.runtime.pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.runtime.outbound.FakeServer;
import dev.wheelhouse.runtime.tool.McpPlay;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools of an MCP server, as a run is pinned to them. */
class McpPinTest {
    private final FakeServer server = new FakeServer();
    private final McpPlay play = new McpPlay();
    private PinSpace space;

    @TempDir
    Path secrets;

    @BeforeEach
    void open() {
        space = new PinSpace(secrets);
        space.model("m", "{'provider':'scripted','script':[{'then':{'text':'x'}}]}");
        server.on(play);
        play.tools(
                "[{'name':'seen','description':'d','inputSchema':{'type':'object','properties':{'q':{'type':'string'}}},"
                        + "'annotations':{'readOnlyHint':true}},{'name':'hidden','inputSchema':{'type':'object'}}]");
        declare("{'name':'seen'},{'name':'later'}");
        choose("{'server':'mcp','name':'seen'}");
    }

    @AfterEach
    void close() {
        space.close();
        server.close();
    }

    private void declare(String tools) {
        space.toolServer(
                "mcp", "{'mcp':{'url':'" + server.url() + "/mcp','timeoutSeconds':5,'tools':[" + tools + "]}}");
    }

    private void choose(String tools) {
        space.agent("{'model':'m','instructions':'x','tools':[" + tools + "]}");
    }

    private WaitReason.ForResources lacks() {
        return (WaitReason.ForResources)
                assertThrows(Pinning.NotReady.class, space::pin).reason();
    }

    @Test
    void theServersSchemaIsPinnedAndItsHintsAreNot() throws Exception {
        List<PinnedTool> tools = space.pin().tools();
        assertEquals(1, tools.size());
        assertEquals(
                "string", tools.getFirst().schema().at("/properties/q/type").asText());
        assertEquals(EffectClass.AT_MOST_ONCE, tools.getFirst().effect());
        assertEquals("d", tools.getFirst().description());
    }

    @Test
    void aDeclaredDigestHolds() throws Exception {
        String digest = space.pin().tools().getFirst().digest();
        declare("{'name':'seen','schemaDigest':'" + digest + "'}");
        space.pin();
        play.tools("[{'name':'seen','inputSchema':{'type':'object','properties':{'path':{'type':'string'}}}}]");
        String message = assertThrows(Pinning.Refused.class, space::pin).getMessage();
        assertTrue(message.contains(digest), message);
    }

    @Test
    void whatTheServerDoesNotOfferNowIsWaitedFor() {
        choose("{'server':'mcp','name':'later'}");
        assertEquals(List.of("ToolServer/mcp"), lacks().names());
        assertTrue(lacks().summary().contains("'later'"), lacks().summary());
    }

    @Test
    void whatTheToolServerDoesNotAllowStaysInvisible() {
        choose("{'server':'mcp','name':'hidden'}");
        assertTrue(lacks().summary().contains("has no tool 'hidden'"), lacks().summary());
    }

    @Test
    void aServerThatIsDownIsWaitedFor() {
        server.close();
        assertEquals(List.of("ToolServer/mcp"), lacks().names());
    }

    @Test
    void aMalformedUrlIsSaid() {
        space.toolServer("mcp", "{'mcp':{'url':'http://h:9x/mcp','tools':[{'name':'seen'}]}}");
        assertTrue(lacks().summary().contains("malformed"), lacks().summary());
    }

    @Test
    void aToolCannotBeReconcilable() {
        declare("{'name':'seen','effect':'reconcilable'}");
        assertTrue(assertThrows(Pinning.Refused.class, space::pin).getMessage().contains("looked up"));
    }

    @Test
    void aSchemaThatReachesOutIsRefusedAndNotFetched() {
        try (FakeServer elsewhere = new FakeServer()) {
            play.tools("[{'name':'seen','inputSchema':{'type':'object','properties':{'q':{'$ref':'" + elsewhere.url()
                    + "/schema'}}}}]");
            assertThrows(Pinning.Refused.class, space::pin);
            assertTrue(elsewhere.requests.isEmpty());
        }
    }
}
