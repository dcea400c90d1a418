package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person sees of a run with kubectl alone, from apply to its deletion. */
class RunE2E {
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
    void a_run_ends_with_an_answer_and_says_what_it_did_and_cost() {
        space.scripted("happy", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: happy, n: 7}}], tokens: {input: 1000000, output: 0}}
            - when: {afterTool: put}
              then: {text: 'Done: {{lastMessage}}', tokens: {input: 500000, output: 250000}}
            """);
        Kubectl.run(Manifest.of("Run", "happy", "{agent: happy, input: go}"), "-n", space.name(), "apply", "-f", "-")
                .orThrow();
        space.kubectl("wait", "arun/happy", "--for=condition=Complete", "--timeout=90s")
                .orThrow();

        Run run = space.get("happy");
        Runs.assertSucceeded(run, "Done: {\"done\":1}");
        assertEquals(1, world.calls("happy").size());
        assertTrue(world.calls("happy").getFirst().body().contains("7"), "arguments that are not in the URL are sent");
        assertEquals(2, run.getStatus().usage().modelCalls());
        assertEquals(1, run.getStatus().usage().toolCalls());
        assertEquals(1_500_000, run.getStatus().usage().inputTokens());
        assertEquals(2_000_000, run.getStatus().usage().costMicros());
        assertEquals(run.getMetadata().getGeneration(), run.getStatus().observedGeneration());
        assertTrue(run.getStatus().startTime().compareTo(run.getStatus().completionTime()) <= 0);
        assertTrue(run.getStatus().pinnedDigest().startsWith("sha256:"));
        new Journal(space, "happy").assertSound();

        var columns = row("happy", "get", "arun", "happy");
        assertEquals(List.of("NAME", "AGENT", "PHASE", "STEP", "COST", "WAITING-FOR", "AGE"), columns.head());
        assertEquals("happy", columns.of("AGENT"));
        assertEquals("Succeeded", columns.of("PHASE"));
        assertEquals("2", columns.of("STEP"));
        assertTrue(columns.of("COST").contains("2.00"), columns.toString());
        assertEquals("", columns.of("WAITING-FOR"));
        assertTrue(columns.of("AGE").matches("\\d+[sm].*"), columns.toString());
        var wide = row("happy", "get", "arun", "happy", "-o", "wide");
        assertEquals("Completed", wide.of("REASON"));
        assertEquals(run.getStatus().execution().pod(), wide.of("POD"));
        assertEquals("1", wide.of("EPOCH"));
        assertFalse(wide.of("REQUESTER").isEmpty(), "the chart fills in who asked");
    }

    @Test
    void describe_shows_the_transitions_that_matter_and_no_event_per_step() {
        space.scripted("quiet", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: quiet}}]}
            - when: {step: 2}
              then: {calls: [{tool: look, arguments: {what: quiet}}]}
            - then: {text: done}
            """);
        space.scripted("loud", "- then: {fail: {status: 400}}\n");
        space.run("quiet").run("loud");
        space.awaitComplete("quiet");
        space.awaitComplete("loud");
        String quiet = space.kubectl("describe", "arun", "quiet").orThrow().out();
        assertTrue(quiet.contains("Completed"), quiet);
        assertTrue(events("quiet").isEmpty(), () -> "a plain success needs no event: " + events("quiet"));
        Space.await(
                "an event that says why the run failed", () -> !events("loud").isEmpty());
        String loud = space.kubectl("describe", "arun", "loud").orThrow().out();
        assertTrue(loud.substring(loud.indexOf("Events:")).contains("ModelFailed"), loud);
        assertTrue(events("loud").size() <= 2, () -> "few events: " + events("loud"));
    }

    @Test
    void wait_returns_on_success_failure_and_cancel_alike() {
        space.scripted("good", "- then: {text: fine}\n");
        space.scripted("bad", "- then: {fail: {status: 401}}\n");
        space.scripted("endless", "- then: {text: late, delayMillis: 600000}\n");
        space.run("good").run("bad").run("endless");
        space.awaitPhase("endless", RunPhase.Running);
        space.cancel("endless");
        space.kubectl("wait", "arun/good", "arun/bad", "arun/endless", "--for=condition=Complete", "--timeout=90s")
                .orThrow();
        Runs.assertSucceeded(space.get("good"), "fine");
        Runs.assertEnded(space.get("bad"), RunPhase.Failed, "ModelFailed", "401");
        Runs.assertEnded(space.get("endless"), RunPhase.Cancelled, "Cancelled");
        assertTrue(space.kubectl("wait", "arun/good", "--for=condition=Succeeded", "--timeout=1s")
                .ok());
        assertFalse(space.kubectl("wait", "arun/bad", "--for=condition=Succeeded", "--timeout=1s")
                .ok());
    }

    @Test
    void explain_and_short_names_work() {
        for (String field : List.of(
                "run.spec.input",
                "run.spec.cancel",
                "run.status.waitingFor",
                "agents.wheelhouse.dev.spec.tools.bound",
                "model.spec.script.then.fail",
                "toolserver.spec.http.tools.effect",
                "tenant.spec.maxConcurrentRuns")) {
            String text = space.kubectl("explain", field).orThrow().out();
            assertTrue(text.contains("DESCRIPTION"), text);
            assertFalse(text.contains("<empty>"), text);
        }
        for (String kind : List.of("ag", "arun", "mdl", "ts", "tn", "wheelhouse")) {
            space.kubectl("get", kind).orThrow();
        }
    }

    @Test
    void a_long_answer_is_cut_and_says_where_the_whole_is() {
        space.scripted("long", "- then: {text: '" + "word ".repeat(2000) + "'}\n");
        space.run("long");
        Run run = space.awaitComplete("long");
        Runs.assertEnded(run, RunPhase.Succeeded, "Completed");
        String result = run.getStatus().result();
        assertTrue(result.startsWith("word word") && result.length() < 4096 + 512, "length " + result.length());
        assertTrue(result.substring(4000).contains("kubectl wheelhouse transcript"), result.substring(4000));
    }

    @Test
    void a_finished_run_is_deleted_with_its_journal_after_its_retention() {
        space.scripted("brief", "- then: {text: bye}\n");
        space.run("brief", "brief", "go", "ttlSecondsAfterFinished: 3");
        space.run("kept", "brief", "go", "");
        String uid = space.awaitComplete("brief").getMetadata().getUid();
        assertFalse(new Journal(space, "brief", uid).maps().isEmpty());
        Space.await("the run to be deleted", () -> space.find("brief") == null);
        Space.await(
                "its journal to be deleted",
                () -> new Journal(space, "brief", uid).maps().isEmpty());
        assertTrue(Runs.complete(space.get("kept")), "without a retention a run is kept");
    }

    private static List<String> events(String run) {
        return Cluster.client().v1().events().inNamespace(space.name()).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(run))
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    private static Row row(String name, String... arguments) {
        var lines = space.kubectl(arguments).orThrow().out().lines().toList();
        String line =
                lines.stream().filter(one -> one.startsWith(name)).findFirst().orElseThrow();
        return new Row(lines.getFirst(), line);
    }

    /** A line of a table; columns begin where their heads begin. */
    private record Row(String heads, String line) {
        private static final Pattern WORD = Pattern.compile("\\S+");

        List<String> head() {
            return WORD.matcher(heads).results().map(MatchResult::group).toList();
        }

        String of(String column) {
            int from = -1;
            int to = line.length();
            for (var word : WORD.matcher(heads).results().toList()) {
                if (from >= 0) {
                    to = Math.min(to, word.start());
                    break;
                }
                if (word.group().equals(column)) {
                    from = word.start();
                }
            }
            return from < 0 || from >= to ? "" : line.substring(from, to).trim();
        }
    }
}
