package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code kubectl wheelhouse}: what happened in a run, without other tools. */
class PluginE2E {
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
    void transcript_and_logs_tell_all_that_happened() {
        space.scripted("told", """
            - when: {step: 1}
              then: {text: 'I will look.', calls: [{tool: put, arguments: {what: told}}]}
            - then: {text: 'It says {{lastMessage}}', delayMillis: 500}
            """);
        space.run("told", "told", "What does it say?", "");
        // Follows the run while it executes, and ends with it.
        String logs = plugin(space, "logs", "-f", "told").orThrow().out();
        assertTrue(Runs.complete(space.awaitComplete("told")));
        String transcript = plugin(space, "transcript", "told").orThrow().out();
        for (String part : List.of("What does it say?", "I will look.", "put", "told", "It says {\"done\":1}")) {
            assertTrue(transcript.contains(part), () -> "'" + part + "' is not in:\n" + transcript);
        }
        assertTrue(logs.contains("put"), logs);
    }

    @Test
    void a_whole_long_answer_is_in_the_transcript() {
        space.scripted("whole", "- then: {text: '" + "word ".repeat(2000) + "the end'}\n");
        space.run("whole");
        space.awaitComplete("whole");
        assertTrue(
                plugin(space, "transcript", "--full", "whole").orThrow().out().contains("the end"));
    }

    @Test
    void cancel_cancels() {
        space.scripted("stop", "- then: {text: late, delayMillis: 600000}\n");
        space.run("stop");
        space.awaitPhase("stop", RunPhase.Running);
        plugin(space, "cancel", "stop").orThrow();
        Runs.assertEnded(space.awaitComplete("stop"), RunPhase.Cancelled, "Cancelled");
        assertFalse(plugin(space, "transcript", "no-such-run").ok());
        assertTrue(world.calls("stop").isEmpty());
    }

    static Kubectl.Result plugin(Space space, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Cluster.repository().resolve("plugin/kubectl-wheelhouse").toString());
        command.addAll(List.of("-n", space.name()));
        command.addAll(List.of(arguments));
        return Kubectl.exec(null, command);
    }
}
