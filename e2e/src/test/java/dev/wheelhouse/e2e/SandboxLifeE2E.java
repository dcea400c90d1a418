package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where sandboxes come from and what outlives them. */
@Order(Spaces.LONG)
class SandboxLifeE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @Test
    void warm_sandboxes_are_used_by_one_run_each_and_made_anew() {
        Space space = SPACES.open("warm").tenant("runtime: {cpu: 10m, replicas: 1}\nsandbox: {warm: {replicas: 2}}");
        Lab lab = Lab.open(space, "warm", "{}");
        lab.shell("starts-the-runtime", "true");
        awaitWarm(space, 2);
        lab.shell("first", "touch /workspace/mine");
        String told = lab.shell("second", "ls /workspace");
        assertFalse(told.contains("mine"), told);
        SandboxState first = space.get("first").getStatus().sandbox();
        SandboxState second = space.get("second").getStatus().sandbox();
        assertTrue(first.pod().startsWith("wheelhouse-sandbox-warm-"), first::toString);
        assertTrue(second.pod().startsWith("wheelhouse-sandbox-warm-"), second::toString);
        assertNotEquals(first.podUID(), second.podUID());
        awaitWarm(space, 2);
    }

    @Test
    void who_has_a_warm_sandbox_is_said_by_its_claim_at_once_and_by_its_labels_soon() {
        Space space = SPACES.open("claims").tenant("runtime: {cpu: 10m, replicas: 1}\nsandbox: {warm: {replicas: 1}}");
        Lab lab = Lab.open(space, "claims", "{}");
        lab.shell("starts-the-runtime", "true");
        awaitWarm(space, 1);
        lab.start("works", "#sh\ntouch /workspace/here; while [ ! -e /workspace/go ]; do sleep 0.2; done");
        Space.await(
                "the claim", () -> claims(space).stream().anyMatch(c -> c.run().equals("works")));
        SandboxClaim claim = claims(space).stream()
                .filter(c -> c.run().equals("works"))
                .findFirst()
                .orElseThrow();
        assertEquals(space.get("works").getMetadata().getUid(), claim.runUid());
        var lease = Cluster.client().leases().inNamespace(space.name()).withName(claim.pod());
        Space.await("the labels", () -> {
            var pod = Cluster.client()
                    .pods()
                    .inNamespace(space.name())
                    .withName(claim.pod())
                    .get();
            return claim.key().equals(pod.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY))
                    && pod.getMetadata()
                            .getOwnerReferences()
                            .getFirst()
                            .getKind()
                            .equals("Run")
                    && pod.getSpec().getActiveDeadlineSeconds() < 5000;
        });
        Cluster.client()
                .resources(Run.class)
                .inNamespace(space.name())
                .withName("works")
                .delete();
        Space.await("pod and claim are gone", () -> lease.get() == null);
    }

    /** At that moment only the journal says which sandbox the run uses. */
    @Test
    void a_command_whose_runtime_is_killed_at_once_is_found_where_its_intent_says() {
        Processes.require();
        Space space = SPACES.open("intent").tenant("runtime: {cpu: 10m, replicas: 2}\nsandbox: {warm: {replicas: 1}}");
        Lab lab = Lab.open(space, "intent", "{}");
        lab.shell("starts-the-runtime", "true");
        String run =
                startInWarm(space, lab, "#sh\necho began >> /workspace/log; sleep 8; cat /workspace/log; echo ended");
        Processes.of(space, space.get(run).getStatus().execution().pod()).signal("KILL");
        Journal journal = new Journal(space, run);
        String place = journal.entries(Entry.ToolIntent.class).getFirst().place();
        String told = lab.told(run);
        assertTrue(told.contains("began\nended") && !told.contains("began\nbegan"), told);
        assertTrue(Runs.epoch(space.get(run)) > 1, "somebody took over");
        SandboxState state = space.get(run).getStatus().sandbox();
        assertEquals(state.number() + " " + state.pod() + " " + state.podUID(), place);
        journal.assertSound();
    }

    @Test
    void a_run_whose_like_used_a_sandbox_at_once_has_one_before_its_model_answers_and_not_longer_than_it_needs() {
        Space space = SPACES.open("habit").tenant("runtime: {cpu: 10m, replicas: 1}\nsandbox: {warm: {replicas: 3}}");
        space.create("Model", "habit", Manifest.scripted("""
            - when: {input: '^think'}
              then: {text: no need, delayMillis: 15000}
            - when: {step: 1}
              then: {calls: [{tool: shell, arguments: {command: 'true'}}]}
            - then: {text: done}
            """));
        space.create("Agent", "habit", "model: habit\ninstructions: x\nsandbox: {}\n");
        int row = 0;
        for (int i = 0; row < 3 && i < 12; i++) {
            space.run("uses-" + i, "habit", "go", "");
            space.awaitComplete("uses-" + i);
            var intent = new Journal(space, "uses-" + i).entries(Entry.ToolIntent.class);
            row = intent.getFirst().place() == null ? 0 : row + 1;
            awaitWarm(space, 3);
        }
        assertEquals(3, row, "runs in a row that found a warm sandbox");
        space.run("thinks", "habit", "think", "");
        Space.await(
                "the claim", () -> claims(space).stream().anyMatch(c -> c.run().equals("thinks")));
        assertFalse(Runs.complete(space.get("thinks")), "its model still thinks");
        assertNull(space.awaitComplete("thinks").getStatus().sandbox());
        Space.await(
                "the claim is gone",
                () -> claims(space).stream().noneMatch(c -> c.run().equals("thinks")));
    }

    /** A pod that runs is at hand a moment later, when its daemon has shown who it is and tried the network. */
    private static String startInWarm(Space space, Lab lab, String input) {
        for (int i = 0; i < 5; i++) {
            awaitWarm(space, 1);
            String run = "in-warm-" + i;
            lab.start(run, input);
            Journal journal = new Journal(space, run);
            Space.await(
                    "an intent", () -> !journal.entries(Entry.ToolIntent.class).isEmpty());
            if (journal.entries(Entry.ToolIntent.class).getFirst().place() != null) {
                return run;
            }
            space.awaitComplete(run);
        }
        throw new AssertionError("a warm sandbox is never at hand");
    }

    private static void awaitWarm(Space space, int count) {
        Space.await(count + " warm sandboxes", () -> {
            Set<String> taken = claims(space).stream().map(SandboxClaim::pod).collect(Collectors.toSet());
            return Lab.pods(space).stream()
                            .filter(pod -> !taken.contains(pod.getMetadata().getName()))
                            .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                            .count()
                    == count;
        });
    }

    private static List<SandboxClaim> claims(Space space) {
        return Cluster.client()
                .leases()
                .inNamespace(space.name())
                .withLabels(SandboxClaim.SELECTOR)
                .list()
                .getItems()
                .stream()
                .flatMap(lease -> SandboxClaim.of(lease).stream())
                .toList();
    }

    @Test
    void where_the_network_is_open_it_is_said_and_commands_are_refused_if_the_agent_asks_for_that() {
        Space space = SPACES.open("open").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: somebody-opens-everything}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
            """);
        Lab trusting = Lab.open(space, "trusting", "{}");
        assertTrue(trusting.shell("trusting", "echo done").contains("done"));
        var run = space.get("trusting");
        assertTrue(Runs.is(run, "NetworkIsolated", "False"), () -> Runs.describe(run));
        String found = Runs.condition(run, "NetworkIsolated").getMessage();
        assertTrue(found.contains("metadata service") && found.contains("API server"), found);
        space.create("Agent", "wary", "model: trusting\ninstructions: x\nsandbox: {requireIsolation: true}\n");
        space.run("wary", "wary", "\"#sh\\necho done\"", "");
        space.awaitComplete("wary");
        var refused =
                new Journal(space, "wary").entries(Entry.ToolOutcome.class).getFirst();
        assertTrue(refused.error() && refused.content().contains("metadata service"), refused::toString);
    }

    @Test
    void a_run_with_a_runtime_of_its_own_has_a_sandbox() {
        Space space = SPACES.open("own").tenant("runtime: {cpu: 10m, replicas: 1}");
        Lab.open(space, "own", "{}");
        space.run("own", "own", "\"#sh\\necho done\"", "isolation: Run");
        space.awaitComplete("own");
        var outcome = new Journal(space, "own").entries(Entry.ToolOutcome.class).getFirst();
        assertTrue(outcome.content().contains("done"), outcome::toString);
    }

    @Test
    void a_kept_workspace_is_there_again_after_a_wait_and_goes_with_its_run() throws IOException {
        Space space = SPACES.open("kept").tenant("runtime: {cpu: 10m, replicas: 1}");
        Path folder = Files.createTempDirectory("wheelhouse-e2e-workspace");
        try {
            Files.setAttribute(folder, "unix:uid", 65532);
            Files.setAttribute(folder, "unix:gid", 65532);
            volume(space, folder);
            Approvals approvals = new Approvals(space).people();
            space.create("Model", "kept", Manifest.scripted("""
                - when: {step: 1}
                  then: {calls: [{tool: shell, arguments: {command: 'echo from before > note'}}]}
                - when: {step: 2}
                  then: {calls: [{tool: ask, arguments: {question: 'Go on?'}}]}
                - when: {step: 3}
                  then: {calls: [{tool: shell, arguments: {command: 'cat note'}}]}
                - then: {text: '{{lastMessage}}'}
                """));
            space.create(
                    "Agent",
                    "kept",
                    "model: kept\ninstructions: x\nask: {}\nsandbox: {workspace: {keep: true, size: 1Gi, storageClassName: "
                            + space.name() + "}}\n");
            String question = approvals.ask("kept");
            String before = space.get("kept").getStatus().sandbox().podUID();
            Space.await(
                    "the waiting run holds no sandbox", () -> Lab.pods(space).isEmpty());
            approvals.decide("bob", question, "Respond", ",\"answer\":\"yes\"").orThrow();
            var run = space.awaitComplete("kept");
            assertTrue(run.getStatus().result().contains("from before"), () -> Runs.describe(run));
            assertNotEquals(before, run.getStatus().sandbox().podUID());
            assertEquals(2, run.getStatus().sandbox().number());
            space.kubectl("delete", "arun", "kept").orThrow();
            Space.await(
                    "the claim goes with its Run",
                    () -> Cluster.client()
                            .persistentVolumeClaims()
                            .inNamespace(space.name())
                            .list()
                            .getItems()
                            .isEmpty());
        } finally {
            Cluster.client().persistentVolumes().withName(space.name()).delete();
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void volume(Space space, Path folder) {
        Kubectl.run("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s}
                spec:
                  capacity: {storage: 1Gi}
                  accessModes: [ReadWriteOnce]
                  persistentVolumeReclaimPolicy: Retain
                  storageClassName: %1$s
                  hostPath: {path: %2$s}
                """.formatted(space.name(), folder), "apply", "-f", "-").orThrow();
    }

    /** The longest list of what is wrong is of no use without the field: the author reads it before any run. */
    @Test
    void what_the_tenant_does_not_allow_is_said_at_the_agent() {
        Space space = SPACES.open("rules")
                .tenant(
                        "sandbox: {images: ['wheelhouse.local/*'], hosts: ['*.example.org'], maxResources: {cpu: '1', memory: 256Mi, disk: 1Gi}}");
        space.create("Model", "m", Manifest.scripted("- then: {text: done}\n"));
        List.of(
                        "image, {image: 'evil.example/x:1'}, image",
                        "host, {image: 'wheelhouse.local/sandbox:dev'; resources: {memory: 128Mi}; egress: [{host: api.evil.test; paths: ['/*']}]}, host",
                        "memory, {image: 'wheelhouse.local/sandbox:dev'; resources: {memory: 4Gi}}, memory")
                .forEach(line -> {
                    String[] parts = line.split(", ");
                    space.create(
                            "Agent",
                            parts[0],
                            "model: m\ninstructions: x\nsandbox: " + parts[1].replace(";", ",") + "\n");
                    Space.await(
                            parts[0] + " is not ready",
                            () -> space.kubectl(
                                            "get",
                                            "ag",
                                            parts[0],
                                            "-o",
                                            "jsonpath={.status.conditions[?(@.type==\"Ready\")].message}")
                                    .out()
                                    .contains(parts[2]));
                });
    }
}
