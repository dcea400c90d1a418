package dev.wheelhouse.runtime.pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.ConfigMapKey;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.SandboxShape;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an Agent's sandbox becomes for a run, and what the Tenant keeps it from. */
class SandboxPinsTest {
    @TempDir
    Path secrets;

    private PinSpace space;

    @BeforeEach
    void open() {
        space = new PinSpace(secrets);
        space.model("m", "{'provider':'scripted','modelId':'x','script':[{'say':'hi'}]}");
    }

    @AfterEach
    void close() {
        space.close();
    }

    @Test
    void the_tools_and_their_effects() throws Exception {
        sandbox("{}");
        PinnedRun run = space.pin();
        assertEquals(
                List.of("shell", "python", "read_file", "write_file", "edit_file", "list_files", "save_artifact"),
                run.tools().stream().map(PinnedTool::name).toList());
        PinnedTool shell = run.tool("shell").orElseThrow();
        assertEquals(EffectClass.RECONCILABLE, shell.effect());
        assertEquals(
                EffectClass.IDEMPOTENT, run.tool("write_file").orElseThrow().effect());
        assertEquals(EffectClass.READ_ONLY, run.tool("read_file").orElseThrow().effect());
        assertEquals("builtin", shell.server());
        assertEquals(PinSpace.IMAGE, shell.binding().at("/request/image").asText());
        assertEquals("512Mi", shell.binding().at("/request/resources/memory").asText());
        assertEquals(20, shell.binding().at("/request/key").asText().length());
        assertFalse(shell.binding().path("requireIsolation").asBoolean());
        assertTrue(shell.description().contains("Network: none."), shell.description());
    }

    @Test
    void a_run_has_a_sandbox_of_its_own_and_a_thread_shares_one() throws Exception {
        sandbox("{}");
        String own = key(space.pin());
        assertEquals(own, key(space.pin()));
        sandbox("{'scope':'Thread'}");
        String thread = key(space.pin(spec("t1", null)));
        assertEquals(thread, key(space.pin(spec("t1", null))));
        assertNotEquals(thread, key(space.pin(spec("t2", null))));
        var eves = new RunSpec("a", "what?", "eve", null, null, false, null, null, null, "t1", null);
        assertNotEquals(thread, key(space.pin(eves)), "a thread is its requester's");
        assertNotEquals(own, thread);
        PinnedRun alone = space.pin();
        assertEquals(
                "Run",
                alone.tool("shell").orElseThrow().binding().at("/request/scope").asText(),
                "without a thread nobody can share it, so it goes with its run");
    }

    @Test
    void only_a_plain_sandbox_can_be_a_warm_one() throws Exception {
        sandbox("{}");
        JsonNode plain = space.pin().tool("shell").orElseThrow().binding();
        assertEquals(
                SandboxShape.of(PinSpace.IMAGE, null, null),
                plain.path("warmShape").asText());
        for (String other : List.of(
                "{'scope':'Tenant'}",
                "{'workspace':{'keep':true}}",
                "{'workspace':{'size':'2Gi'}}",
                "{'idleSeconds':60}")) {
            sandbox(other);
            assertTrue(
                    space.pin()
                            .tool("shell")
                            .orElseThrow()
                            .binding()
                            .path("warmShape")
                            .isMissingNode(),
                    other);
        }
    }

    @Test
    void who_may_reach_something_else_shares_nothing() throws Exception {
        sandbox("{'scope':'Tenant'}");
        String closed = key(space.pin());
        sandbox("{'scope':'Tenant','egress':[{'host':'a.test','paths':['/*']}]}");
        PinnedRun open = space.pin();
        assertNotEquals(closed, key(open));
        String words = open.tool("shell").orElseThrow().description();
        assertTrue(words.contains("GET, HEAD https://a.test /*"), words);
        space.tenant("{'sandbox':{'privateNetworks':['10.1.0.0/16']}}");
        assertNotEquals(key(open), key(space.pin()));
    }

    @Test
    void the_tenant_decides_on_images() throws Exception {
        space.tenant("{'sandbox':{'images':['registry.test/*','registry.test/py:3']}}");
        sandbox("{}");
        assertEquals(
                "registry.test/py:3",
                space.pin()
                        .tool("shell")
                        .orElseThrow()
                        .binding()
                        .at("/request/image")
                        .asText());
        sandbox("{'image':'registry.test/other:1'}");
        space.pin();
        sandbox("{'image':'evil.test/x'}");
        refused("spec.sandbox.image 'evil.test/x'");
        space.tenant("{}");
        sandbox("{'image':'registry.test/other:1'}");
        refused("use one of [" + PinSpace.IMAGE + "]");
    }

    @Test
    void the_tenant_decides_on_hosts_resources_and_isolation() throws Exception {
        space.tenant("{'sandbox':{'hosts':['*.ok.test'],'maxResources':{'cpu':'1500m','memory':'1Gi'},"
                + "'requireIsolation':true}}");
        sandbox("{'egress':[{'host':'a.ok.test','paths':['/']}],'resources':{'cpu':'1.5','memory':'1024Mi'}}");
        assertTrue(space.pin()
                .tool("shell")
                .orElseThrow()
                .binding()
                .path("requireIsolation")
                .asBoolean());
        sandbox("{'egress':[{'host':'ok.test','paths':['/']}]}");
        refused("allows host 'ok.test'");
        sandbox("{'resources':{'memory':'1025Mi'}}");
        refused("spec.sandbox.resources.memory of the Agent is 1025Mi, but the Tenant allows at most 1Gi");
        sandbox("{'resources':{'cpu':'2'}}");
        refused("spec.sandbox.resources.cpu");
        space.tenant("{'sandbox':{'privateNetworks':['10.0.0.0/99']}}");
        refused("'10.0.0.0/99'");
    }

    @Test
    void what_is_missing_is_waited_for() throws Exception {
        sandbox("{'egress':[{'host':'a.test','paths':['/'],'credential':{'secret':{'name':'s','key':'k'}}}]}");
        RunSpec spec = spec(null, List.of(new RunSpec.InputFile("a.csv", new ConfigMapKey("input", "a.csv"))));
        var waits = assertThrows(Pinning.NotReady.class, () -> space.pin(spec));
        assertEquals(List.of("Secret/s", "ConfigMap/input"), ((WaitReason.ForResources) waits.reason()).names());
        space.secret("s", "k", PinSpace.CANARY);
        space.configMap("input", "a.csv", "1;2");
        PinnedTool shell = space.pin(spec).tool("shell").orElseThrow();
        assertEquals("a.csv", shell.binding().at("/files/0/path").asText());
        assertFalse(shell.toString().contains(PinSpace.CANARY));
    }

    @Test
    void files_without_a_sandbox_are_refused() {
        space.agent("{'model':'m','instructions':'x'}");
        RunSpec spec = spec(null, List.of(new RunSpec.InputFile("a.csv", new ConfigMapKey("input", "a.csv"))));
        var refused = assertThrows(Pinning.Refused.class, () -> space.pin(spec));
        assertTrue(refused.getMessage().contains("spec.files"), refused.getMessage());
    }

    @Test
    void another_tool_of_the_same_name_is_refused() {
        space.toolServer(
                "s",
                "{'http':{'tools':[{'name':'shell','description':'x','method':'GET','url':'https://x.test/','effect':"
                        + "'readOnly'}]}}");
        space.agent("{'model':'m','instructions':'x','tools':[{'server':'s','name':'shell'}],'sandbox':{}}");
        refused("a tool is called 'shell' like the built-in tool of spec.sandbox");
    }

    @Test
    void floors_of_the_tenant_hold_for_commands_too() throws Exception {
        sandbox("{}");
        space.tenant("{'approvals':{'floors':[{'toolServer':'builtin','tool':'shell','rule':{'mode':'Always',"
                + "'approverGroups':['ops']}}]}}");
        PinnedRun run = space.pin();
        assertEquals(List.of("ops"), run.tool("shell").orElseThrow().gate().approverGroups());
        assertNull(run.tool("python").orElseThrow().gate());
        space.tenant("{'approvals':{'floors':[{'effects':['reconcilable'],'rule':{'mode':'Always'}}]}}");
        run = space.pin();
        assertEquals(List.of(), run.tool("python").orElseThrow().gate().when());
        assertNull(run.tool("read_file").orElseThrow().gate());
    }

    private void sandbox(String spec) {
        space.agent("{'model':'m','instructions':'x','sandbox':" + spec + "}");
    }

    private static RunSpec spec(String thread, List<RunSpec.InputFile> files) {
        return new RunSpec("a", "what?", "ada", null, null, false, null, null, null, thread, files);
    }

    private static String key(PinnedRun run) {
        return run.tool("shell").orElseThrow().binding().at("/request/key").asText();
    }

    private void refused(String why) {
        var refused = assertThrows(Pinning.Refused.class, () -> space.pin());
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
    }
}
