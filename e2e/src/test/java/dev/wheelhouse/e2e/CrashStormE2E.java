package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runtimes die again and again at moments that nobody chose, with many runs under way in all their states. */
class CrashStormE2E {
    private static final int RUNS = 12;
    private static final int KILLS = 5;

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    @BeforeAll
    static void require() {
        Processes.require();
    }

    @Test
    void with_journals_in_config_maps_nothing_is_lost_or_done_twice() {
        Space space = SPACES.open("storm")
                .tenant("runtime: {cpu: 10m, replicas: 2, idleSeconds: 0}")
                .world(WORLD);
        storm(space, "map");
        space.runs().forEach(run -> new Journal(space, run.getMetadata().getName()).assertSound());
    }

    @Test
    void with_journals_on_a_volume_nothing_is_lost_or_done_twice() throws IOException {
        Path folder = Files.createTempDirectory("wheelhouse-e2e-journal");
        Space space = SPACES.open("volume");
        try {
            Files.setAttribute(folder, "unix:uid", 65532);
            Files.setAttribute(folder, "unix:gid", 65532);
            volume(space, folder);
            space.tenant("""
                    runtime: {cpu: 10m, replicas: 2, idleSeconds: 0}
                    journal: {store: PersistentVolumeClaim, claimName: journal}
                    """).world(WORLD);
            storm(space, "pvc");
            assertTrue(space.journals().isEmpty(), "the journal is on the volume");
            var run = space.get("pvc-0").getStatus();
            assertEquals("PersistentVolumeClaim", run.journal().store().name());
        } finally {
            Cluster.client()
                    .persistentVolumes()
                    .withName("journal-" + space.name())
                    .delete();
            Cluster.drop(space.name());
            Space.await(
                    "the runtimes to be gone",
                    () -> Processes.find(space.name()).isEmpty());
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void storm(Space space, String prefix) {
        space.scripted("storm", """
            - when: {step: 1}
              then: {delayMillis: 700, calls: [{tool: put, arguments: {what: '{{input}}-put'}}]}
            - when: {step: 2}
              then: {delayMillis: 700, calls: [{tool: once, arguments: {what: '{{input}}-once'}}, {tool: check, arguments: {what: '{{input}}-check'}}]}
            - when: {step: 3}
              then: {delayMillis: 700, calls: [{tool: look, arguments: {what: '{{input}}-look'}}]}
            - then: {delayMillis: 700, text: done}
            """);
        List<String> names =
                IntStream.range(0, RUNS).mapToObj(i -> prefix + "-" + i).toList();
        names.forEach(name -> space.run(name, "storm", name, ""));
        for (int i = 0; i < KILLS; i++) {
            killOneThatWorks(space);
        }
        for (String name : names) {
            Run run = space.awaitRun(
                    name,
                    "complete or in doubt",
                    Duration.ofSeconds(150),
                    seen -> Runs.complete(seen) || Runs.waits(seen, "Approvals"));
            assertTrue(WORLD.calls(name + "-once").size() <= 1, () -> name + " acted twice");
            assertTrue(WORLD.calls(name + "-check").size() <= 1, () -> name + " acted twice");
            assertTrue(WORLD.keys(name + "-put").size() <= 1, () -> name + " used two keys");
            if (Runs.phase(run) != RunPhase.Waiting) {
                Runs.assertSucceeded(run, "done");
                for (String tool : List.of("put", "once", "check", "look")) {
                    assertTrue(!WORLD.calls(name + "-" + tool).isEmpty(), () -> name + " skipped " + tool);
                }
            }
        }
        assertTrue(
                names.stream()
                                .mapToLong(name -> Runs.epoch(space.get(name)))
                                .max()
                                .orElse(0)
                        > 1,
                "no crash hit a run: the test tests nothing");
    }

    /** Kills a runtime that holds a run, as soon as there is one; if none is left to do, nobody is killed. */
    private static void killOneThatWorks(Space space) {
        Space.await("a runtime at work, or all runs at rest", () -> {
            var runs = space.runs();
            var held = runs.stream().filter(run -> !Runs.holder(run).isEmpty()).toList();
            if (held.isEmpty()) {
                return runs.stream().allMatch(run -> Runs.complete(run) || Runs.waits(run, "Approvals"));
            }
            String pod = held.getFirst().getStatus().execution().pod();
            var process = Processes.find(space.name()).stream()
                    .filter(one -> one.pod().equals(pod))
                    .findFirst();
            process.ifPresent(one -> one.signal("KILL"));
            return process.isPresent();
        });
    }

    /** A volume on this machine, as an administrator would provide one. */
    private static void volume(Space space, Path folder) {
        Kubectl.run("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: journal-%1$s}
                spec:
                  capacity: {storage: 1Gi}
                  accessModes: [ReadWriteMany]
                  persistentVolumeReclaimPolicy: Retain
                  storageClassName: journal-%1$s
                  hostPath: {path: %2$s}
                ---
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: journal}
                spec:
                  accessModes: [ReadWriteMany]
                  storageClassName: journal-%1$s
                  resources: {requests: {storage: 1Gi}}
                """.formatted(space.name(), folder), "-n", space.name(), "apply", "-f", "-")
                .orThrow();
    }
}
