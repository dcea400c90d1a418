package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.api.v1alpha1.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTreeTest {
    @Test
    void draws_children_below_their_parents() {
        Run top = run(
                "voyage",
                "captain",
                null,
                "{phase: Waiting, step: 1, usage: {cost: '$0.0021'},"
                        + " waitingFor: {kind: Run, names: [b], summary: 2 child runs}}");
        Run a = run("voyage-1a", "cook", "voyage", "{phase: Succeeded, step: 2, usage: {cost: '$0.01'}}");
        Run b = run("voyage-2b", "pilot", "voyage", "{phase: Running, step: 1}");
        Run c = run(
                "voyage-1a-3c",
                "baker",
                "voyage-1a",
                "{phase: Failed, conditions: [{type: Succeeded,"
                        + " status: 'False', reason: LimitReached, message: m}]}");

        assertEquals("""
                RUN                  AGENT     STEP   COST      STATE
                voyage               captain      1   $0.0021   Waiting for 2 child runs
                ├─ voyage-1a         cook         2   $0.01     Succeeded
                │  └─ voyage-1a-3c   baker        -   -         Failed (LimitReached)
                └─ voyage-2b         pilot        1   -         Running
                """, String.join("\n", RunTree.lines(top, List.of(c, b, a))) + "\n");
    }

    @Test
    void a_sandbox_that_cannot_be_made_is_named() {
        String why = "conditions: [{type: SandboxReady, status: 'False', reason: SandboxFailed, message: no quota}]";
        Run waits =
                run("a", "x", null, "{phase: Waiting, waitingFor: {kind: Resource, summary: Sandbox/k}, " + why + "}");
        Run tries = run("b", "x", null, "{phase: Running, " + why + "}");
        Run done = run("c", "x", null, "{phase: Running, " + why.replace("False", "True") + "}");

        assertEquals("Waiting for Sandbox/k (SandboxFailed: no quota)", RunLine.state(waits));
        assertEquals("Running (SandboxFailed: no quota)", RunLine.state(tries));
        assertEquals("Running", RunLine.state(done));
    }

    @Test
    void a_loop_in_forged_parents_ends() {
        Run a = run("a", "x", "b", "{}");
        Run b = run("b", "x", "a", "{}");

        assertEquals(3, RunTree.lines(a, List.of(a, b)).size());
    }

    private static Run run(String name, String agent, String parent, String status) {
        String from = parent == null ? "" : ", parent: {name: p, uid: uid-" + parent + ", callId: c, depth: 1}";
        return Manifests.run(
                "{name: " + name + ", uid: uid-" + name + "}", "{agent: " + agent + ", input: i" + from + "}", status);
    }
}
