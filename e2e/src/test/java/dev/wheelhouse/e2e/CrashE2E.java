package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.core.journal.Entry;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A runtime dies at a chosen moment; the run goes on elsewhere and the world sees no action twice. */
@Order(Spaces.LONG)
class CrashE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    private static Space space;

    @BeforeAll
    static void open() {
        Processes.require();
        space = SPACES.openForClass("crash")
                .tenant("runtime: {cpu: 10m, replicas: 2, idleSeconds: 0}")
                .world(WORLD);
        space.scripted("warm", "- then: {text: warm}\n");
        space.run("warm");
        space.awaitComplete("warm");
    }

    @BeforeEach
    void twoRuntimes() {
        space.replaceRestartedRuntimes();
        space.awaitReadyRuntimes(2);
    }

    @ParameterizedTest
    @CsvSource({"look", "put", "check", "once"})
    void killed_in_a_model_call_before_any_intent_acts_once(String tool) {
        String name = "model-" + tool;
        act(name, tool, "delayMillis: 3000, ", "");
        space.run(name);
        space.awaitPhase(name, RunPhase.Running);
        Space.await(
                "the model to be asked", () -> !new Journal(space, name).maps().isEmpty());
        kill(name);
        finished(name, "done");
        assertEquals(1, WORLD.calls(name).size());
        assertEquals(1, new Journal(space, name).entries(Entry.Epoch.class).size());
    }

    @ParameterizedTest
    @CsvSource({"look", "put"})
    void killed_in_a_call_that_may_be_repeated_repeats_it_with_the_same_key(String tool) {
        String name = "call-" + tool;
        act(name, tool, "", "");
        WORLD.hold(name);
        space.run(name);
        WORLD.awaitCalls(name, 1);
        kill(name);
        WORLD.release(name);
        finished(name, "done");
        assertEquals(2, WORLD.calls(name).size());
        assertEquals(1, WORLD.keys(name).size(), "one key for both attempts");
    }

    @Test
    void killed_in_a_call_that_can_be_looked_up_looks_it_up_and_does_not_repeat_it() {
        act("call-check", "check", "", "");
        WORLD.hold("call-check");
        space.run("call-check");
        WORLD.awaitCalls("call-check", 1);
        kill("call-check");
        WORLD.release("call-check");
        finished("call-check", "done");
        assertEquals(1, WORLD.calls("call-check").size());
    }

    @Test
    void killed_in_a_call_that_must_not_be_repeated_is_in_doubt_and_says_so() {
        act("call-once", "once", "", "");
        WORLD.hold("call-once");
        space.run("call-once");
        WORLD.awaitCalls("call-once", 1);
        kill("call-once");
        WORLD.release("call-once");
        Run run = space.awaitRun("call-once", "in doubt", seen -> Runs.waits(seen, "Approvals"));
        assertEquals(1, WORLD.calls("call-once").size());
        assertEquals(
                1, new Journal(space, "call-once").entries(Entry.InDoubt.class).size());
        assertEquals("Approval", run.getStatus().waitingFor().kind().name());
        assertEquals(1, run.getStatus().waitingFor().names().size());
        assertTrue(run.getStatus().waitingFor().summary().contains("once"), () -> Runs.describe(run));
        String shown = space.kubectl("get", "arun", "call-once").orThrow().out();
        assertTrue(shown.contains(run.getStatus().waitingFor().summary()), shown);
        String described =
                space.kubectl("describe", "arun", "call-once").orThrow().out();
        assertTrue(described.contains("must find out") && described.contains("Recovered"), described);
        new Journal(space, "call-once").assertSound();
        space.cancel("call-once");
        Runs.assertEnded(space.awaitComplete("call-once"), RunPhase.Cancelled, "Cancelled");
        assertEquals(1, WORLD.calls("call-once").size());
    }

    @ParameterizedTest
    @CsvSource({"put", "once"})
    void killed_after_a_call_was_recorded_does_not_repeat_it(String tool) {
        String name = "after-" + tool;
        act(name, tool, "", "delayMillis: 3000, ");
        space.run(name);
        Space.await(
                "the outcome to be recorded",
                () -> space.find(name) != null
                        && !new Journal(space, name)
                                .entries(Entry.ToolOutcome.class)
                                .isEmpty());
        kill(name);
        finished(name, "done");
        assertEquals(1, WORLD.calls(name).size());
    }

    @Test
    void a_pod_deleted_without_grace_is_a_crash_like_any_other() {
        act("deleted", "put", "", "");
        WORLD.hold("deleted");
        space.run("deleted");
        WORLD.awaitCalls("deleted", 1);
        String pod = space.get("deleted").getStatus().execution().pod();
        space.kubectl("delete", "pod", pod, "--grace-period=0", "--force").orThrow();
        WORLD.release("deleted");
        Run run = finished("deleted", "done");
        assertNotEquals(pod, run.getStatus().execution().pod());
        assertEquals(1, WORLD.keys("deleted").size());
    }

    @Test
    void a_frozen_runtime_that_wakes_writes_nothing_and_calls_nothing() {
        space.scripted("zombie", """
            - when: {step: 1}
              then: {delayMillis: 2000, calls: [{tool: once, arguments: {what: zombie-1}}]}
            - when: {step: 2}
              then: {delayMillis: 500, calls: [{tool: put, arguments: {what: zombie-2}}]}
            - then: {text: done}
            """);
        space.run("zombie");
        Space.await(
                "the model to be asked",
                () -> space.find("zombie") != null
                        && !new Journal(space, "zombie").maps().isEmpty());
        String pod = space.get("zombie").getStatus().execution().pod();
        String holder = Runs.holder(space.get("zombie"));
        var frozen = Processes.of(space, pod);
        frozen.signal("STOP");
        Run run;
        try {
            run = finished("zombie", "done");
        } finally {
            frozen.signal("CONT");
        }
        // Awake again once it has taken a new identity, in the same process or, if a probe was quicker, in the next.
        Space.await("the zombie to come back", () -> {
            var lease = Cluster.client()
                    .leases()
                    .inNamespace(space.name())
                    .withName(pod)
                    .get();
            return lease == null || !holder.equals(lease.getSpec().getHolderIdentity());
        });
        assertNotEquals(pod, run.getStatus().execution().pod());
        assertEquals(1, WORLD.calls("zombie-1").size());
        assertEquals(1, WORLD.calls("zombie-2").size());
        new Journal(space, "zombie").assertSound();
        assertEquals(run.getStatus(), space.get("zombie").getStatus());
    }

    @Test
    void a_rollout_hands_runs_over_with_nothing_in_doubt() {
        for (int i = 0; i < 4; i++) {
            act("roll-" + i, "once", "delayMillis: 1500, ", "delayMillis: 1500, ");
            space.run("roll-" + i);
        }
        WORLD.hold("roll-0");
        WORLD.awaitCalls("roll-0", 1);
        var before = names();
        space.kubectl("rollout", "restart", "deployment/wheelhouse-runtime").orThrow();
        Space.await(
                "an old pod to be leaving",
                () -> Cluster.client().pods().inNamespace(space.name()).list().getItems().stream()
                        .anyMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));
        WORLD.release("roll-0");
        for (int i = 0; i < 4; i++) {
            String name = "roll-" + i;
            finished(name, "done");
            assertEquals(1, WORLD.calls(name).size());
            assertTrue(new Journal(space, name).entries(Entry.InDoubt.class).isEmpty());
        }
        space.kubectl("rollout", "status", "deployment/wheelhouse-runtime", "--timeout=120s")
                .orThrow();
        // And the operator lets the person have the restart.
        assertFalse(names().stream().anyMatch(before::contains), () -> before + " then " + names());
    }

    private static List<String> names() {
        return space.runtimePods().stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    /** A Model and an Agent of this name: one call of the tool, then the answer {@code done}. */
    private static void act(String name, String tool, String beforeCall, String beforeAnswer) {
        space.scripted(name, """
            - when: {step: 1}
              then: {%scalls: [{tool: %s, arguments: {what: %s}}]}
            - then: {%stext: done}
            """.formatted(beforeCall, tool, name, beforeAnswer));
    }

    private static void kill(String run) {
        Processes.of(space, space.get(run).getStatus().execution().pod()).signal("KILL");
    }

    private static Run finished(String name, String result) {
        Run run = space.awaitComplete(name);
        Runs.assertSucceeded(run, result);
        assertTrue(Runs.epoch(run) >= 1);
        new Journal(space, name).assertSound();
        return run;
    }
}
