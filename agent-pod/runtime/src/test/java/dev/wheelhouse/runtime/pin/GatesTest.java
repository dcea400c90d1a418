package dev.wheelhouse.runtime.pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which calls need a person, by the Agent's rule and the Tenant's floors. */
class GatesTest {
    @TempDir
    Path secrets;

    private PinSpace space;

    @BeforeEach
    void open() throws IOException {
        space = new PinSpace(secrets);
        space.model("m", "{'provider':'scripted','script':[{'then':{'text':'x'}}]}");
        space.toolServer(
                "shop",
                "{'http':{'tools':[{'name':'order','description':'d','method':'POST','url':'http://h/o',"
                        + "'effect':'idempotent'},{'name':'look','description':'d','method':'GET','url':'http://h/l',"
                        + "'effect':'readOnly'}]}}");
    }

    @AfterEach
    void close() {
        space.close();
    }

    private void agent(String rule) {
        space.agent("{'model':'m','instructions':'x','tools':[{'server':'shop','name':'order'"
                + (rule == null ? "" : ",'approval':" + rule) + "},{'server':'shop','name':'look'}]}");
    }

    private Gate gate(String tool) throws Exception {
        return space.pin().tool(tool).orElseThrow().gate();
    }

    @Test
    void withoutARuleNobodyIsNeeded() throws Exception {
        agent(null);
        assertNull(gate("order"));
        agent("{'mode':'Never'}");
        assertNull(gate("order"));
        assertEquals(Gate.IN_DOUBT, space.pin().inDoubt());
    }

    @Test
    void theAgentsRuleIsPinned() throws Exception {
        agent("{'mode':'When','when':'args.n > 3','approverGroups':['a'],'quorum':2,'allowEdit':true,"
                + "'expiresAfterSeconds':60,'onExpiry':'FailRun'}");
        Gate gate = gate("order");
        assertEquals(List.of("args.n > 3"), gate.when());
        assertEquals(List.of("a"), gate.approverGroups());
        assertEquals(2, gate.quorum());
        assertTrue(gate.allowEdit());
        assertEquals(Duration.ofSeconds(60), gate.expiresAfter());
        assertEquals(Request.OnExpiry.FailRun, gate.onExpiry());
        assertNull(gate("look"));
    }

    @Test
    void anExpressionThatIsNoneRefusesTheRun() {
        agent("{'mode':'When','when':'args.n >'}");
        String message = assertThrows(Pinning.Refused.class, space::pin).getMessage();
        assertTrue(message.contains("approval.when of tool 'order'"), message);
    }

    @Test
    void aFloorHoldsForWhatItNames() throws Exception {
        agent(null);
        space.tenant("{'approvals':{'floors':[{'effects':['idempotent','atMostOnce'],'rule':{'mode':'Always',"
                + "'approverGroups':['ops']}}]}}");
        assertEquals(List.of("ops"), gate("order").approverGroups());
        assertNull(gate("look"));
        space.tenant("{'approvals':{'floors':[{'toolServer':'shop','tool':'look','rule':{'mode':'Always'}}]}}");
        assertNull(gate("order"));
        assertEquals(List.of(), gate("look").when());
    }

    @Test
    void anAgentCanOnlyTightenAFloor() throws Exception {
        space.tenant(
                "{'approvals':{'floors':[{'rule':{'mode':'When','when':'args.n > 9','approverGroups':['ops','sec'],"
                        + "'quorum':2,'rejectQuorum':1,'expiresAfterSeconds':600}}]}}");
        agent("{'mode':'Never'}");
        assertEquals(List.of("args.n > 9"), gate("order").when(), "Never does not lower it");
        agent("{'mode':'When','when':'args.n > 3','approverGroups':['sec','friends'],'escalationGroups':['friends'],"
                + "'escalateAfterSeconds':1,'quorum':1,'rejectQuorum':3,'allowEdit':true,'allowServiceAccounts':true,"
                + "'expiresAfterSeconds':6000}");
        Gate gate = gate("order");
        assertEquals(List.of("args.n > 3", "args.n > 9"), gate.when(), "either is enough to ask");
        assertEquals(List.of("sec"), gate.approverGroups());
        assertEquals(List.of(), gate.escalationGroups());
        assertEquals(2, gate.quorum());
        assertEquals(1, gate.rejectQuorum());
        assertEquals(false, gate.allowEdit());
        assertEquals(false, gate.allowServiceAccounts());
        assertEquals(Duration.ofSeconds(600), gate.expiresAfter());
        agent("{'mode':'Always','approverGroups':['friends']}");
        assertEquals(List.of("ops", "sec"), gate("order").approverGroups(), "nothing in common: the floor's decide");
        assertEquals(List.of(), gate("order").when(), "Always is more than When");
    }

    @Test
    void theToolAskAndEffectsInDoubtHaveGatesOfTheirOwn() throws Exception {
        space.agent("{'model':'m','instructions':'x','ask':{'approverGroups':['help'],'expiresAfterSeconds':30}}");
        space.tenant(
                "{'approvals':{'inDoubt':{'approverGroups':['ops'],'expiresAfterSeconds':90,'onExpiry':'Reject'}}}");
        PinnedRun run = space.pin();
        PinnedTool ask = run.tool("ask").orElseThrow();
        assertTrue(ask.asks());
        assertEquals(List.of("help"), ask.gate().approverGroups());
        assertEquals(List.of("ops"), run.inDoubt().approverGroups());
        assertEquals(Request.OnExpiry.Reject, run.inDoubt().onExpiry());
        assertEquals(Duration.ofSeconds(90), run.inDoubt().expiresAfter());
    }
}
