package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs of one thread are one conversation. The agent says what it is asked now, and all that it knows from before. */
class ThreadE2E {
    private static final String EVE = "eve@example.org";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("thread").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("Model", "parrot", Manifest.scripted("""
            - when: {input: '^long'}
              then: {text: '%s'}
            - when: {input: '^fail'}
              then: {fail: {status: 400}}
            - then: {text: '{{input}} after [{{history}}]'}
            """.formatted("z".repeat(9000))));
        space.create("Agent", "parrot", "model: parrot\ninstructions: Repeat it.");
        space.create("Agent", "other", "model: parrot\ninstructions: Repeat it.");
        space.kubectl("create", "rolebinding", "eve", "--clusterrole=wheelhouse-edit", "--user=" + EVE)
                .orThrow();
    }

    private static Run say(String run, String agent, String thread, String input) {
        space.run(run, agent, input, "thread: " + thread);
        return space.awaitComplete(run);
    }

    @Test
    void a_run_begins_with_what_the_runs_before_it_said() {
        Runs.assertSucceeded(say("talk-1", "parrot", "talk", "red"), "red after []");
        Runs.assertSucceeded(say("talk-2", "parrot", "talk", "blue"), "blue after [red\nred after []]");
        // A run that does not succeed leaves no turn.
        assertEquals(RunPhase.Failed, Runs.phase(say("talk-3", "parrot", "talk", "fail now")));
        Runs.assertSucceeded(
                say("talk-4", "parrot", "talk", "green"),
                "green after [red\nred after []\nblue\nblue after [red\nred after []]]");
        String transcript =
                PluginE2E.plugin(space, "transcript", "talk-4").orThrow().out();
        assertTrue(transcript.contains("carries on thread talk after run talk-2, 2 turns"), transcript);
        String found = space.kubectl(
                        "get", "arun", "--field-selector=spec.thread=talk", "-o", "jsonpath={.items[*].metadata.name}")
                .orThrow()
                .out();
        assertEquals("talk-1 talk-2 talk-3 talk-4", found.strip());
        String wide =
                space.kubectl("get", "arun", "talk-4", "-o", "wide").orThrow().out();
        assertTrue(wide.lines().findFirst().orElse("").contains("THREAD") && wide.contains(" talk "), wide);
    }

    @Test
    void the_whole_of_a_long_answer_is_carried_on() {
        Run first = say("long-1", "parrot", "long", "long story");
        assertTrue(first.getStatus().result().contains("[cut"), () -> Runs.describe(first));
        say("long-2", "parrot", "long", "and then?");
        String transcript = PluginE2E.plugin(space, "transcript", "--full", "long-2")
                .orThrow()
                .out();
        assertTrue(transcript.contains("z".repeat(9000)), transcript);
    }

    @Test
    void nobody_hears_the_conversation_of_somebody_else_or_of_another_agent() {
        Runs.assertSucceeded(say("mine-1", "parrot", "private", "a secret"), "a secret after []");
        asEve("eve-1", "tell me");
        Runs.assertSucceeded(space.awaitComplete("eve-1"), "tell me after []");
        asEve("eve-2", "again");
        Runs.assertSucceeded(space.awaitComplete("eve-2"), "again after [tell me\ntell me after []]");
        Runs.assertSucceeded(say("mine-2", "other", "private", "who?"), "who? after []");
        Runs.assertSucceeded(say("mine-3", "parrot", "private", "go on"), "go on after [a secret\na secret after []]");
    }

    private static void asEve(String run, String input) {
        String manifest =
                Manifest.of("Run", run, "agent: parrot\ninput: " + input + "\nthread: private\nrequester: " + EVE);
        Kubectl.run(manifest, "-n", space.name(), "--as=" + EVE, "create", "-f", "-")
                .orThrow();
    }

    @Test
    void the_thread_of_a_run_does_not_change() {
        say("fixed", "parrot", "fixed", "x");
        var moved = space.patch("arun", "fixed", "spec: {thread: elsewhere}");
        assertFalse(moved.ok(), moved.out());
        assertTrue(moved.err().contains("spec.thread is immutable"), moved.err());
    }

    @Test
    void a_schedule_with_one_thread_carries_on() {
        var schedules = new Schedules(space);
        schedules.create(
                "diary",
                "0 3 * * *",
                "parrot",
                "thread: Same\nconcurrencyPolicy: Forbid\nsuccessfulRunsHistoryLimit: 9");
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        schedules.await("diary", "seen", seen -> true);
        PluginE2E.plugin(
                        space,
                        "backfill",
                        "diary",
                        "--from",
                        today.minusDays(3).toString(),
                        "--to",
                        today.minusDays(1).toString())
                .orThrow();
        schedules.await(
                "diary",
                "done",
                seen -> seen.backfill() != null
                        && Boolean.TRUE.equals(seen.backfill().complete()));
        // A backfill is complete when its last run was started.
        schedules
                .runs("diary")
                .forEach(run -> space.awaitComplete(run.getMetadata().getName()));
        List<Run> runs = schedules.runs("diary");
        assertEquals(2, runs.size(), runs::toString);
        assertTrue(runs.stream().allMatch(run -> "diary".equals(run.getSpec().thread())), runs::toString);
        String first = runs.getFirst().getSpec().input();
        String second = runs.getLast().getSpec().input();
        Runs.assertSucceeded(runs.getFirst(), first + " after []");
        String carried = first + "\n" + first + " after []";
        Runs.assertSucceeded(runs.getLast(), second + " after [" + carried + "]");
        // By hand it goes on too: it is the same person's.
        PluginE2E.plugin(space, "trigger", "diary", "--name", "diary-now").orThrow();
        Run byHand = space.awaitComplete("diary-now");
        assertEquals("diary", byHand.getSpec().thread());
        String now = byHand.getSpec().input();
        Runs.assertSucceeded(
                byHand, now + " after [" + carried + "\n" + second + "\n" + second + " after [" + carried + "]]");
    }
}
