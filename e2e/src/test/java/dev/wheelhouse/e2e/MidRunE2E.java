package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a run is made of changes, or goes, while the run is under way. */
class MidRunE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    @BeforeAll
    static void require() {
        Processes.require();
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
        space.scripted("deleted", Manifest.ONE_ACTION);
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
        Runs.assertDoneOnce(space, WORLD, "deleted", "again");
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
        space.scripted("gone", Manifest.ONE_ACTION);
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
        other.scripted("other", Manifest.ONE_ACTION);
        other.run("other", "other", "other", "");
        Runs.assertDoneOnce(other, WORLD, "other", "other");
    }
}
