package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        space.scripted("op", Manifest.ONE_ACTION);
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
        names.forEach(name -> Runs.assertDoneOnce(space, WORLD, name, name));
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
        space.scripted("two", Manifest.ONE_ACTION);
        space.run("before", "two", "before", "");
        Runs.assertDoneOnce(space, WORLD, "before", "before");
        var leader = Operator.leader();
        leader.signal("STOP");
        List<String> during = List.of("during-1", "during-2", "during-3");
        try {
            during.forEach(name -> space.run(name, "two", name, ""));
            during.forEach(name -> Runs.assertDoneOnce(space, WORLD, name, name));
        } finally {
            leader.signal("CONT");
        }
        // Both now believe that they lead, until the first finds out.
        var after = IntStream.range(0, 8).mapToObj(i -> "after-" + i).toList();
        after.forEach(name -> space.run(name, "two", name, ""));
        after.forEach(name -> Runs.assertDoneOnce(space, WORLD, name, name));
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
}
