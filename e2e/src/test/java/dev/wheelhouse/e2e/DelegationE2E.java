package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Agents that give work to agents. */
class DelegationE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static CountingServer world;

    @BeforeAll
    static void open() {
        space = SPACES.common().space();
        world = SPACES.common().world();
    }

    @Test
    void a_parent_waits_for_its_child_without_holding_a_pod() {
        space.scripted("child-a", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: child-a}}], tokens: {input: 100, output: 0}}
            - then: {text: 'child says {{input}}', tokens: {input: 100, output: 0}}
            """);
        parent("parent-a", "child-a", "");
        world.hold("child-a");
        space.run("parent-a");
        world.awaitCalls("child-a", 1);
        Run waiting = space.awaitRun("parent-a", "waiting", run -> Runs.waits(run, "ChildRuns"));
        Run child = children("parent-a").getFirst();
        assertEquals("Run", waiting.getStatus().waitingFor().kind().name());
        assertEquals(
                List.of(child.getMetadata().getName()),
                waiting.getStatus().waitingFor().names());
        assertEquals("parent-a", child.getSpec().parent().name());
        assertEquals(1, child.getSpec().parent().depth());
        assertEquals(
                waiting.getMetadata().getUid(),
                child.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals(waiting.getSpec().requester(), child.getSpec().requester());
        assertTrue(space.kubectl("get", "arun", "parent-a")
                .out()
                .contains(child.getMetadata().getName()));

        world.release("child-a");
        Run done = space.awaitComplete("parent-a");
        assertTrue(done.getStatus().result().contains("child says task"), () -> Runs.describe(done));
        assertTrue(done.getStatus().usage().inputTokens() >= 200, "what the child used counts for the parent");
        assertEquals(1, children("parent-a").size());
        new Journal(space, "parent-a").assertSound();

        var tree = PluginE2E.plugin(space, "tree", "parent-a");
        assertTrue(tree.orThrow().out().contains(child.getMetadata().getName()), tree.out());
    }

    @Test
    void cancelling_the_parent_cancels_the_child() {
        space.scripted("child-b", "- then: {text: late, delayMillis: 600000}\n");
        parent("parent-b", "child-b", "");
        space.run("parent-b");
        space.awaitRun("parent-b", "waiting", run -> Runs.waits(run, "ChildRuns"));
        space.cancel("parent-b");
        Runs.assertEnded(space.awaitComplete("parent-b"), RunPhase.Cancelled, "Cancelled");
        String child = children("parent-b").getFirst().getMetadata().getName();
        Runs.assertEnded(space.awaitComplete(child), RunPhase.Cancelled, "Cancelled");
    }

    @Test
    void a_failed_child_is_an_error_that_the_parent_sees() {
        space.scripted("child-c", "- then: {fail: {status: 400}}\n");
        // The longest name that a Run may have: that of the child still fits.
        String name = "parent-c".concat("x".repeat(44));
        parent(name, "child-c", "");
        space.run(name);
        String result = space.awaitComplete(name).getStatus().result();
        assertTrue(result.contains("ModelFailed") || result.contains("400"), result);
    }

    @Test
    void limits_reach_the_child() {
        space.scripted(
                "child-d",
                "- then: {calls: [{tool: look, arguments: {what: child-d}}], " + "tokens: {input: 1000, output: 0}}\n",
                "maxOutputTokens: 1\n");
        parent("parent-d", "child-d", "maxOutputTokens: 1\n");
        space.run("parent-d", "parent-d", "go", "limits: {tokens: 3000}");
        space.awaitComplete("parent-d");
        Run child = children("parent-d").getFirst();
        assertTrue(
                child.getSpec().limits().tokens() <= 3000, () -> child.getSpec().toString());
        Runs.assertEnded(space.awaitComplete(child.getMetadata().getName()), RunPhase.Failed, "LimitReached", "tokens");
    }

    @Test
    void an_agent_that_delegates_to_itself_ends_at_the_depth_limit() {
        parent("deep", "deep", "");
        space.run("deep", "deep", "go", "limits: {depth: 2}");
        Run run = space.awaitComplete("deep");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        long depth = space.runs().stream()
                .filter(one ->
                        one.getSpec().agent().equals("deep") && one.getSpec().parent() != null)
                .mapToInt(one -> one.getSpec().parent().depth())
                .max()
                .orElse(0);
        assertEquals(2, depth);
        assertTrue(run.getStatus().result().contains("depth"), "the deepest one was told why: " + run.getStatus());
    }

    /** An agent that delegates one task and repeats the answer. */
    private static void parent(String name, String child, String fields) {
        space.create("Model", name, Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: delegate, arguments: {agent: %s, input: task}}], tokens: {input: 1, output: 1}}
            - then: {text: 'heard: {{lastMessage}}', tokens: {input: 1, output: 1}}
            """.formatted(child)));
        space.create(
                "Agent", name, "model: " + name + "\ninstructions: x\ndelegates: [{agent: " + child + "}]\n" + fields);
    }

    private static List<Run> children(String parent) {
        return space.runs().stream()
                .filter(run -> run.getSpec().parent() != null
                        && run.getSpec().parent().name().equals(parent))
                .toList();
    }
}
