package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.Verdict;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A person decides, with kubectl: from the question to the effect. */
class ApprovalE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String ALWAYS = "mode: Always";
    private static Approvals approvals;
    private static Space space;
    private static CountingServer world;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("approvals").tenant("runtime: {cpu: 10m, replicas: 1}");
        world = SPACES.common().world();
        space.world(world);
        approvals = new Approvals(space).people();
    }

    private static String put(String what) {
        return "{tool: put, arguments: {what: " + what + "}}";
    }

    private static String result(Run run) {
        return String.valueOf(run.getStatus().result());
    }

    @Test
    void approved_and_done_once() {
        approvals.agent("approve", put("approve"), Approvals.gated(ALWAYS));
        String name = approvals.ask("approve");
        assertTrue(world.calls("approve").isEmpty());
        Approval asked = approvals.await(name, "pending", s -> s.phase() == Phase.Pending);
        assertEquals("{\"what\":\"approve\"}", asked.getSpec().request().arguments());
        assertEquals("amy", asked.getSpec().request().requester());
        String table = space.kubectl("get", "appr").orThrow().out();
        for (String part : List.of("RUN", "SUMMARY", "REQUESTER", "EXPIRES", "put", "amy", "Pending")) {
            assertTrue(table.contains(part), () -> part + " is not in\n" + table);
        }
        assertTrue(
                space.kubectl("describe", "appr", name).orThrow().out().contains("\"what\":\"approve\""),
                "describe shows the arguments");

        approvals.decide("bob", name, "Approve", ",\"reason\":\"INC-42\"").orThrow();

        Run run = space.awaitComplete("approve");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertEquals(1, world.calls("approve").size());
        Approval used = approvals.await(name, "consumed", s -> s.phase() == Phase.Consumed);
        assertEquals("bob", used.getStatus().decidedBy());
        assertTrue(
                PluginE2E.plugin(space, "transcript", "approve").orThrow().out().contains("bob"));
    }

    @Test
    void rejected_and_the_model_hears_why() {
        approvals.agent("reject", put("reject"), Approvals.gated(ALWAYS));
        approvals
                .decide("bob", approvals.ask("reject"), "Reject", ",\"reason\":\"too expensive\"")
                .orThrow();
        Run run = space.awaitComplete("reject");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(result(run).contains("too expensive"), () -> Runs.describe(run));
        assertTrue(world.calls("reject").isEmpty());
    }

    @Test
    void edited_by_one_and_approved_by_another() {
        approvals.agent("edit", put("edit"), Approvals.gated(ALWAYS + ", allowEdit: true"));
        String first = approvals.ask("edit");
        approvals
                .decide("bob", first, "Edit", ",\"arguments\":\"{\\\"what\\\":7}\"")
                .orThrow();
        Approval told = approvals.await(first, "told that the edit does not fit", s -> s.invalidDecisions() != null);
        assertEquals(Phase.Pending, told.getStatus().phase());
        assertFalse(approvals
                .decide("carol", first, "Edit", ",\"arguments\":null,\"answer\":null")
                .ok());

        approvals
                .decide("bob", first, "Edit", ",\"arguments\":\"{\\\"what\\\":\\\"edited\\\"}\"")
                .orThrow();

        assertEquals(
                Verdict.Edit,
                approvals
                        .await(first, "withdrawn", s -> s.phase() == Phase.Withdrawn)
                        .getStatus()
                        .verdict());
        String second =
                approvals.awaitAsked("edit", names -> !names.contains(first)).getFirst();
        assertEquals(first, approvals.get(second).getSpec().request().supersedes());
        String shown =
                PluginE2E.plugin(space, "approvals", "show", second).orThrow().out();
        assertTrue(shown.contains("-   \"what\" : \"edit\"") && shown.contains("+   \"what\" : \"edited\""), shown);
        Kubectl.Result own = approvals.decide("bob", second, "Approve", "");
        assertTrue(!own.ok() && own.err().contains("edited the call"), own.err());
        PluginE2E.plugin(space, "approvals", "approve", second, "--as", "carol").orThrow();

        Run run = space.awaitComplete("edit");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertEquals(1, world.calls("edited").size());
        assertTrue(world.calls("edit").isEmpty());
    }

    @Test
    void answered_in_place_of_the_tool() {
        approvals.agent("respond", put("respond"), Approvals.gated(ALWAYS + ", allowEdit: true"));
        String name = approvals.ask("respond");
        PluginE2E.plugin(space, "approvals", "respond", name, "done by hand", "--as", "bob")
                .orThrow();
        Run run = space.awaitComplete("respond");
        assertTrue(result(run).contains("done by hand"), () -> Runs.describe(run));
        assertTrue(world.calls("respond").isEmpty());
    }

    @Test
    void expiry_never_approves() {
        approvals.agent("late", put("late"), Approvals.gated(ALWAYS + ", expiresAfterSeconds: 10"));
        approvals.agent(
                "latefail", put("late"), Approvals.gated(ALWAYS + ", expiresAfterSeconds: 10, onExpiry: FailRun"));
        approvals.start("late");
        approvals.start("latefail");
        Run told = space.awaitComplete("late");
        assertEquals(RunPhase.Succeeded, Runs.phase(told), () -> Runs.describe(told));
        assertTrue(result(told).contains("in time"), () -> Runs.describe(told));
        Runs.assertEnded(space.awaitComplete("latefail"), RunPhase.Failed, "ApprovalExpired");
        assertTrue(world.calls("late").isEmpty());
        List<Approval> all = Cluster.client()
                .resources(Approval.class)
                .inNamespace(space.name())
                .list()
                .getItems();
        Approval expired = all.stream()
                .filter(a -> a.getSpec().request().run().name().equals("late"))
                .findFirst()
                .orElseThrow();
        Kubectl.Result late = approvals.decide("bob", expired.getMetadata().getName(), "Approve", "");
        assertTrue(!late.ok() && late.err().contains("already Expired"), late.err());
    }

    @Test
    void a_quorum_and_a_question() {
        approvals.agent("two", put("two"), Approvals.gated(ALWAYS + ", quorum: 2"));
        String name = approvals.ask("two");
        approvals.decide("bob", name, "Approve", "").orThrow();
        approvals.await(name, "seen one voice", s -> s.observedDecisions() != null);
        assertTrue(world.calls("two").isEmpty());
        approvals.decide("carol", name, "Approve", "").orThrow();
        space.awaitComplete("two");
        assertEquals(1, world.calls("two").size());
        assertEquals("bob,carol", approvals.get(name).getStatus().decidedBy());
    }

    @Test
    void parallel_calls_are_decided_each_for_itself() {
        approvals.agent(
                "several",
                put("several-yes") + ", " + put("several-no") + ", {tool: look, arguments: {what: several-free}}",
                Approvals.gated(ALWAYS) + "- {server: world, name: look}\n");
        approvals.start("several");
        List<String> names = approvals.awaitAsked("several", asked -> asked.size() == 2);
        assertEquals(1, world.calls("several-free").size(), "what needs nobody goes on");
        for (String name : names) {
            boolean yes = approvals.get(name).getSpec().request().arguments().contains("several-yes");
            approvals
                    .decide(yes ? "bob" : "carol", name, yes ? "Approve" : "Reject", "")
                    .orThrow();
        }
        space.awaitComplete("several");
        assertEquals(1, world.calls("several-yes").size());
        assertTrue(world.calls("several-no").isEmpty());
        assertEquals(1, world.calls("several-free").size());
    }

    @Test
    void deleting_is_rejecting_and_nobody_can_put_another_in_its_place() {
        approvals.agent("gone", put("gone"), Approvals.gated(ALWAYS));
        String name = approvals.ask("gone");
        String copy = space.kubectl("get", "appr", name, "-o", "json").orThrow().out();
        assertTrue(approvals.as("amy", "delete", "appr", name).err().contains("cannot delete"));
        space.kubectl("delete", "appr", name).orThrow();
        Kubectl.Result again = Kubectl.run(copy, "-n", space.name(), "create", "-f", "-");
        assertTrue(!again.ok() && again.err().contains("are made by the runtime pods"), again.err());
        Run run = space.awaitComplete("gone");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(world.calls("gone").isEmpty());
    }
}
