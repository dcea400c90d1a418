package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Operator and API server fail while runs are under way: nothing is lost and nothing happens twice. */
@Isolated("it kills what all other tests need")
class ControlPlaneE2E {
    private static final String ONE_ACTION = """
            - when: {step: 1}
              then: {delayMillis: 400, calls: [{tool: once, arguments: {what: '{{input}}'}}]}
            - then: {delayMillis: 400, text: done}
            """;

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    @BeforeAll
    static void require() {
        Processes.require();
    }

    @AfterEach
    void healthyAgain() {
        Operator.scale(1);
        Operator.awaitReady(1);
    }

    @Test
    void operator_killed_again_and_again_while_runs_start_queue_and_recover() {
        Space space = SPACES.open("operator")
                .tenant("maxConcurrentRuns: 3\nruntime: {cpu: 10m, replicas: 2}")
                .world(WORLD);
        space.scripted("op", ONE_ACTION);
        var names = IntStream.range(0, 12).mapToObj(i -> "op-" + i).toList();
        for (int i = 0; i < 6; i++) {
            space.run(names.get(2 * i), "op", names.get(2 * i), "");
            // At once, and by turns the process and the whole pod: the step that it is at is another each time.
            if (i % 2 == 0) {
                Operator.killProcess();
            } else {
                Operator.deletePod();
            }
            space.run(names.get(2 * i + 1), "op", names.get(2 * i + 1), "");
            String first = names.get(2 * i);
            Space.await(
                    "the operator to look at " + first, () -> space.get(first).getStatus() != null);
        }
        names.forEach(name -> finishedOnce(space, name));
    }

    @Test
    void a_runtime_that_dies_while_there_is_no_operator_is_recovered_later() {
        Space space =
                SPACES.open("gap").tenant("runtime: {cpu: 10m, replicas: 2}").world(WORLD);
        space.scripted("gap", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: gap}}]}
            - then: {text: done}
            """);
        WORLD.hold("gap");
        space.run("gap");
        WORLD.awaitCalls("gap", 1);
        space.awaitReadyRuntimes(2);
        Operator.scale(0);
        Space.await("no operator", () -> Processes.find(Operator.NAMESPACE).isEmpty());
        Processes.of(space, space.get("gap").getStatus().execution().pod()).signal("KILL");
        WORLD.release("gap");
        Operator.scale(1);
        Runs.assertSucceeded(space.awaitComplete("gap"), "done");
        assertEquals(1, WORLD.keys("gap").size());
        assertEquals(2, Runs.epoch(space.get("gap")));
    }

    @Test
    void two_operators_of_which_the_leader_freezes_and_wakes_assign_each_run_once() {
        Operator.scale(2);
        Operator.awaitReady(2);
        Space space = SPACES.open("leaders")
                .tenant("runtime: {cpu: 10m, replicas: 1}")
                .world(WORLD);
        space.scripted("two", ONE_ACTION);
        space.run("before", "two", "before", "");
        finishedOnce(space, "before");
        var leader = Operator.leader();
        leader.signal("STOP");
        List<String> during = List.of("during-1", "during-2", "during-3");
        try {
            during.forEach(name -> space.run(name, "two", name, ""));
            during.forEach(name -> finishedOnce(space, name));
        } finally {
            leader.signal("CONT");
        }
        // Both now believe that they lead, until the first finds out.
        var after = IntStream.range(0, 8).mapToObj(i -> "after-" + i).toList();
        after.forEach(name -> space.run(name, "two", name, ""));
        after.forEach(name -> finishedOnce(space, name));
        assertTrue(space.runs().stream().allMatch(run -> Runs.epoch(run) == 1), "nothing was assigned twice");
    }

    @Test
    void api_server_down_for_a_minute_in_mid_run() {
        LocalCluster.require();
        Space space =
                SPACES.open("outage").tenant("runtime: {cpu: 10m, replicas: 2}").world(WORLD);
        space.scripted("outage", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: outage-put}}]}
            - when: {step: 2}
              then: {calls: [{tool: once, arguments: {what: outage-once}}]}
            - then: {text: done}
            """);
        WORLD.hold("outage-put");
        space.run("outage");
        WORLD.awaitCalls("outage-put", 1);
        LocalCluster.killApiServer();
        long down = System.nanoTime();
        try {
            WORLD.release("outage-put");
            Space.await(
                    "a minute to pass",
                    () -> System.nanoTime() - down > Duration.ofSeconds(60).toNanos());
            assertEquals(0, WORLD.calls("outage-once").size(), "no effect without a durable intent");
        } finally {
            LocalCluster.up();
        }
        Runs.assertSucceeded(space.awaitComplete("outage"), "done");
        assertEquals(1, WORLD.keys("outage-put").size());
        assertEquals(1, WORLD.calls("outage-once").size());
        new Journal(space, "outage").assertSound();
    }

    @Test
    void a_run_keeps_the_specs_it_started_with() {
        Space space =
                SPACES.open("pinned").tenant("runtime: {cpu: 10m, replicas: 2}").world(WORLD);
        space.scripted("pinned", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: pinned-1}}]}
            - when: {step: 2}
              then: {calls: [{tool: once, arguments: {what: pinned-2}}]}
            - then: {text: as it was}
            """);
        WORLD.hold("pinned-1");
        space.run("pinned");
        WORLD.awaitCalls("pinned-1", 1);
        String digest = space.get("pinned").getStatus().pinnedDigest();
        space.patch("agent", "pinned", "spec: {tools: [], instructions: other}").orThrow();
        space.patch("model", "pinned", "spec: {script: [{then: {text: other}}]}")
                .orThrow();
        space.kubectl("delete", "toolserver", "world").orThrow();
        space.awaitReadyRuntimes(2);
        Processes.of(space, space.get("pinned").getStatus().execution().pod()).signal("KILL");
        WORLD.release("pinned-1");
        Run run = space.awaitComplete("pinned");
        Runs.assertSucceeded(run, "as it was");
        assertEquals(1, WORLD.calls("pinned-2").size());
        assertEquals(2, Runs.epoch(run));
        if (digest != null) {
            assertEquals(digest, run.getStatus().pinnedDigest());
        }
        space.run("next", "pinned", "go", "");
        Runs.assertSucceeded(space.awaitComplete("next"), "other");
    }

    @Test
    void a_run_deleted_in_mid_call_leaves_nothing_and_repeats_nothing() {
        Space space = SPACES.open("deleted")
                .tenant("runtime: {cpu: 10m, replicas: 1}")
                .world(WORLD);
        space.scripted("deleted", ONE_ACTION);
        WORLD.hold("deleted");
        Space.await("a run in mid-call", () -> {
            if (space.find("deleted") == null) {
                space.run("deleted", "deleted", "deleted", "");
            }
            return !WORLD.calls("deleted").isEmpty();
        });
        space.kubectl("delete", "arun", "deleted", "--timeout=30s").orThrow();
        WORLD.release("deleted");
        Space.await("no journal", () -> space.journals().isEmpty());
        // The runtime has forgotten it: the next run of that name begins anew, and with it everything has settled.
        space.run("deleted", "deleted", "again", "");
        finishedOnce(space, "deleted", "again");
        assertEquals(1, WORLD.calls("deleted").size());
        String uid = space.get("deleted").getMetadata().getUid();
        Space.await(
                "only the journal of the new run",
                () -> Cluster.client()
                        .configMaps()
                        .inNamespace(space.name())
                        .withLabel("wheelhouse.dev/journal")
                        .list()
                        .getItems()
                        .stream()
                        .allMatch(
                                map -> uid.equals(map.getMetadata().getLabels().get("wheelhouse.dev/journal"))));
    }

    @Test
    void a_namespace_deleted_in_mid_run_goes_away_whole() {
        Space space =
                SPACES.open("gone").tenant("runtime: {cpu: 10m, replicas: 2}").world(WORLD);
        space.scripted("gone", ONE_ACTION);
        WORLD.hold("gone");
        space.run("gone", "gone", "gone", "");
        WORLD.awaitCalls("gone", 1);
        Cluster.drop(space.name());
        Space.await("the pods to be told to end", () -> space.runtimePods().isEmpty());
        WORLD.release("gone");
        // The namespace controller comes back after the grace period of the pods, however early they end.
        Space.await(
                () -> "namespace gone",
                Duration.ofSeconds(200),
                () -> Cluster.client().namespaces().withName(space.name()).get() == null);
        assertEquals(1, WORLD.calls("gone").size());
        assertTrue(Processes.find(space.name()).isEmpty());
        // And the operator serves everybody else.
        Space other =
                SPACES.open("other").tenant("runtime: {cpu: 10m, replicas: 1}").world(WORLD);
        other.scripted("other", ONE_ACTION);
        other.run("other", "other", "other", "");
        finishedOnce(other, "other");
    }

    private static void finishedOnce(Space space, String name) {
        finishedOnce(space, name, name);
    }

    private static void finishedOnce(Space space, String name, String what) {
        Run run = space.awaitRun(name, "complete", Duration.ofSeconds(120), Runs::complete);
        Runs.assertSucceeded(run, "done");
        assertEquals(1, WORLD.calls(what).size(), () -> name + " acted " + WORLD.calls(what));
        new Journal(space, name).assertSound();
        assertFalse(run.getStatus().execution().pod().isEmpty());
    }
}
