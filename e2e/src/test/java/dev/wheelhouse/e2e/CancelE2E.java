package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.core.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A run can be ended from outside, whatever it does at that moment. */
class CancelE2E {
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
    void cancel_interrupts_a_model_call() {
        space.scripted("cancel-model", "- then: {text: late, delayMillis: 600000}\n");
        space.run("cancel-model");
        space.awaitPhase("cancel-model", RunPhase.Running);
        space.cancel("cancel-model");
        Runs.assertEnded(space.awaitComplete("cancel-model"), RunPhase.Cancelled, "Cancelled");
        assertEquals(
                1,
                new Journal(space, "cancel-model")
                        .entries(Entry.Cancelled.class)
                        .size());
        new Journal(space, "cancel-model").assertSound();
    }

    @Test
    void cancel_awaits_a_tool_call_and_records_its_outcome() {
        space.scripted("cancel-tool", """
            - when: {step: 1}
              then: {calls: [{tool: once, arguments: {what: cancel-tool}}]}
            - then: {text: late}
            """);
        world.hold("cancel-tool");
        space.run("cancel-tool");
        world.awaitCalls("cancel-tool", 1);
        space.cancel("cancel-tool");
        world.release("cancel-tool");
        Runs.assertEnded(space.awaitComplete("cancel-tool"), RunPhase.Cancelled, "Cancelled");
        var journal = new Journal(space, "cancel-tool");
        journal.assertSound();
        assertEquals(1, journal.entries(Entry.ToolOutcome.class).size(), "the call that ran has an outcome");
        assertEquals(1, world.calls("cancel-tool").size());
    }

    @Test
    void cancel_ends_a_run_that_waits_for_something_missing() {
        space.run("cancel-missing", "no-such-agent", "go", "");
        space.awaitRun("cancel-missing", "not accepted", run -> Runs.refused(run, "AgentNotFound"));
        space.cancel("cancel-missing");
        Runs.assertEnded(space.awaitComplete("cancel-missing"), RunPhase.Cancelled, "Cancelled");
    }

    @Test
    void cancel_before_the_first_look_ends_the_run_at_once() {
        space.scripted("cancel-early", "- then: {text: done}\n");
        space.run("cancel-early", "cancel-early", "go", "cancel: true");
        Runs.assertEnded(space.awaitComplete("cancel-early"), RunPhase.Cancelled, "Cancelled");
    }

    @Test
    void deadline_ends_a_run_in_a_model_call() {
        space.scripted("deadline", "- then: {text: late, delayMillis: 600000}\n");
        space.run("deadline", "deadline", "go", "activeDeadlineSeconds: 3");
        var run = space.awaitComplete("deadline");
        Runs.assertEnded(run, RunPhase.Failed, "DeadlineExceeded", "activeDeadlineSeconds");
        var took = Duration.between(
                Instant.parse(run.getStatus().startTime()),
                Instant.parse(run.getStatus().completionTime()));
        assertTrue(took.toSeconds() >= 2, "not before its time: " + took);
    }

    @Test
    void deadline_can_be_set_while_the_run_is_under_way() {
        space.scripted("deadline-later", "- then: {text: late, delayMillis: 600000}\n");
        space.run("deadline-later");
        space.awaitPhase("deadline-later", RunPhase.Running);
        space.patch("arun", "deadline-later", "spec: {activeDeadlineSeconds: 1}")
                .orThrow();
        Runs.assertEnded(space.awaitComplete("deadline-later"), RunPhase.Failed, "DeadlineExceeded");
    }
}
