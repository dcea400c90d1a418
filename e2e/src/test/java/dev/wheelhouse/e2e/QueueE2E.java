package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a Tenant decides: how many runs at once, which pods, and when there are none. */
class QueueE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    @Test
    void runs_over_the_limit_queue_first_come_first_served_and_see_their_place() {
        Space space = SPACES.open("queue")
                .tenant("maxConcurrentRuns: 1\nruntime: {cpu: 10m, replicas: 1}")
                .world(WORLD);
        space.scripted("q", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: '{{input}}'}}]}
            - then: {text: '{{input}}'}
            """);
        WORLD.hold("first");
        space.run("first", "q", "first", "");
        WORLD.awaitCalls("first", 1);
        // Names are in reverse order, creation is not: the order is that of creation, to the second, then of names.
        space.run("m-second", "q", "second", "");
        space.awaitRun("m-second", "place 1", run -> position(run) == 1);
        space.run("a-third", "q", "third", "");
        Run third = space.awaitRun("a-third", "place 2", run -> position(run) == 2);
        assertEquals(RunPhase.Queued, Runs.phase(third));
        assertEquals("Queued", Runs.condition(third, "Assigned").getReason());
        assertTrue(Runs.condition(third, "Assigned").getMessage().contains("2"), () -> Runs.describe(third));
        space.run("z-fourth", "q", "fourth", "");
        space.awaitRun("z-fourth", "place 3", run -> position(run) == 3);
        space.cancel("z-fourth");
        Runs.assertEnded(space.awaitComplete("z-fourth"), RunPhase.Cancelled, "Cancelled");
        Space.await("the tenant to tell how many queue", () -> {
            String shown =
                    space.kubectl("get", "tenant", "default", "--no-headers").out();
            return shown.matches("(?s)default\\s+1\\s+1\\s+2\\s+1\\s.*");
        });

        WORLD.release("first");
        for (String run : List.of("first", "m-second", "a-third")) {
            space.awaitComplete(run);
        }
        var ended = List.of("first", "m-second", "a-third").stream()
                .map(run -> space.get(run).getStatus().completionTime())
                .toList();
        assertEquals(ended.stream().sorted().toList(), ended, "they ran one after the other");
        assertEquals(0, WORLD.calls("fourth").size(), "a cancelled run in the queue does nothing");
        assertEquals(null, space.get("a-third").getStatus().queuePosition());
    }

    @Test
    void a_raised_limit_lets_queued_runs_go_and_zero_stops_new_ones() {
        Space space = SPACES.open("limit")
                .tenant("maxConcurrentRuns: 0\nruntime: {cpu: 10m, replicas: 1}")
                .world(WORLD);
        space.scripted("r", "- {then: {text: done}}\n");
        space.run("r");
        space.awaitRun("r", "queued", run -> Runs.phase(run) == RunPhase.Queued);
        space.patch("tenant", "default", "spec: {maxConcurrentRuns: 5}").orThrow();
        Runs.assertSucceeded(space.awaitComplete("r"), "done");
    }

    @Test
    void an_isolated_run_has_a_pod_of_its_own_that_goes_away() {
        Space space =
                SPACES.open("alone").tenant("runtime: {cpu: 10m, replicas: 1}").world(WORLD);
        space.scripted("alone", """
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {what: '{{input}}'}}]}
            - then: {text: done}
            """);
        WORLD.hold("isolated");
        WORLD.hold("shared");
        space.run("alone", "alone", "isolated", "isolation: Run");
        WORLD.awaitCalls("isolated", 1);
        Run run = space.get("alone");
        var pods = space.runtimePods().stream()
                .filter(pod -> Objects.equals(
                        pod.getMetadata().getLabels().get("wheelhouse.dev/run-uid"),
                        run.getMetadata().getUid()))
                .toList();
        assertEquals(1, pods.size());
        assertEquals(
                pods.getFirst().getMetadata().getName(),
                run.getStatus().execution().pod());
        space.run("shared", "alone", "shared", "");
        WORLD.awaitCalls("shared", 1);
        assertFalse(space.get("shared")
                .getStatus()
                .execution()
                .pod()
                .equals(run.getStatus().execution().pod()));
        WORLD.release("isolated");
        WORLD.release("shared");
        Runs.assertSucceeded(space.awaitComplete("alone"), "done");
        Runs.assertSucceeded(space.awaitComplete("shared"), "done");
        Space.await(
                "the pod of the isolated run to go",
                () -> Cluster.client()
                                .pods()
                                .inNamespace(space.name())
                                .withName(pods.getFirst().getMetadata().getName())
                                .get()
                        == null);
    }

    @Test
    void an_idle_namespace_has_no_runtime_and_gets_one_with_the_next_run() {
        Space space = SPACES.open("idle")
                .tenant("runtime: {cpu: 10m, replicas: 1, idleSeconds: 1}")
                .world(WORLD);
        space.scripted("idle", "- {then: {text: done}}\n");
        assertTrue(space.runtimePods().isEmpty(), "no runtime before the first run");
        space.run("one", "idle", "go", "");
        Runs.assertSucceeded(space.awaitComplete("one"), "done");
        Space.await("no runtime pod", () -> space.runtimePods().isEmpty());
        space.run("two", "idle", "go", "");
        Runs.assertSucceeded(space.awaitComplete("two"), "done");
    }

    private static int position(Run run) {
        Integer position = run.getStatus() == null ? null : run.getStatus().queuePosition();
        return position == null ? 0 : position;
    }
}
