package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.core.journal.Entry;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sandboxes as people use them: made when needed, gone when not, and a command that survives its runtime. */
class SandboxE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("sandbox").tenant("runtime: {cpu: 10m, replicas: 2}");
    }

    @Test
    void a_sandbox_is_made_on_first_use_and_goes_with_its_run() {
        Lab lab = Lab.open(space, "first", "{requireIsolation: true}");
        String told = lab.shell("first", "pwd; id -u; echo $HOME; cat /proc/self/uid_map");
        assertTrue(told.contains("/workspace\n65532\n/workspace"), told);
        assertFalse(told.contains("4294967295"), () -> "not in a user namespace: " + told);
        var run = space.get("first");
        assertTrue(Runs.is(run, "NetworkIsolated", "True"), () -> Runs.describe(run));
        assertEquals(1, run.getStatus().sandbox().number());
        awaitNoPod(run.getMetadata().getUid());
    }

    private static void awaitNoPod(String runUid) {
        Space.await(
                "no sandbox of run " + runUid,
                () -> Lab.pods(space).stream()
                        .noneMatch(pod ->
                                runUid.equals(pod.getMetadata().getLabels().get(Api.LABEL_RUN_UID))));
    }

    @Test
    void an_agent_that_calls_no_tool_of_it_gets_none() {
        space.create("Model", "talker", Manifest.scripted("- then: {text: done}\n"));
        space.create("Agent", "talker", "model: talker\ninstructions: x\nsandbox: {}\n");
        space.run("talker");
        var run = space.awaitComplete("talker");
        Runs.assertSucceeded(run, "done");
        assertEquals(null, run.getStatus().sandbox());
    }

    @Test
    void files_go_in_and_come_out() {
        space.create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: numbers}\ndata: {csv: \"1,2\\n3,4\\n\"}\n");
        space.create("Model", "files", Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: read_file, arguments: {path: in/numbers.csv}}]}
            - when: {step: 2}
              then: {calls: [{tool: write_file, arguments: {path: out/sum.txt, content: "sum is 9\\n"}}]}
            - when: {step: 3}
              then: {calls: [{tool: edit_file, arguments: {path: out/sum.txt, old: '9', new: '10'}}]}
            - when: {step: 4}
              then: {calls: [{tool: list_files, arguments: {path: .}}, {tool: save_artifact, arguments: {path: out/sum.txt}}]}
            - then: {text: done}
            """));
        space.create("Agent", "files", "model: files\ninstructions: x\nsandbox: {}\n");
        space.run("files", "files", "go", "files: [{path: in/numbers.csv, configMap: {name: numbers, key: csv}}]");
        var run = space.awaitComplete("files");
        Runs.assertSucceeded(run, "done");
        List<Entry.ToolOutcome> outcomes = new Lab(space, "files").outcomes("files");
        assertTrue(outcomes.getFirst().content().contains("3,4"), outcomes::toString);
        assertTrue(outcomes.get(3).content().contains("out/sum.txt"), outcomes::toString);
        assertEquals("sum.txt", run.getStatus().artifacts().getFirst().name());
        Kubectl.Result fetched = Kubectl.exec(
                null,
                List.of(
                        Cluster.repository()
                                .resolve("plugin/kubectl-wheelhouse")
                                .toString(),
                        "-n",
                        space.name(),
                        "artifacts",
                        "files",
                        "sum.txt",
                        "-o",
                        "-"));
        assertEquals("sum is 10\n", fetched.orThrow().out());
    }

    @Test
    void a_command_survives_the_death_of_its_runtime_and_runs_once() {
        Space own = SPACES.open("takeover").tenant("runtime: {cpu: 10m, replicas: 2}");
        Lab lab = Lab.open(own, "once", "{}");
        lab.start("survive", "#sh\necho began >> /workspace/log; sleep 8; cat /workspace/log; echo ended");
        own.awaitRun(
                "survive",
                "in its sandbox",
                run -> run.getStatus() != null
                        && run.getStatus().sandbox() != null
                        && run.getStatus().sandbox().podUID() != null);
        String pod = own.get("survive").getStatus().execution().pod();
        own.kubectl("delete", "pod", pod, "--grace-period=0", "--force").orThrow();
        String told = lab.told("survive");
        assertTrue(told.contains("began\nended") && !told.contains("began\nbegan"), told);
        assertTrue(Runs.epoch(own.get("survive")) > 1, "somebody took over");
        assertEquals(1, own.get("survive").getStatus().sandbox().number(), "in the same sandbox");
        new Journal(own, "survive").assertSound();
    }

    @Test
    void a_lost_pod_is_told_and_the_next_command_gets_a_fresh_one() {
        Lab lab = Lab.open(space, "loser", "{}");
        lab.start("lost", "#sh\nsleep 50; echo not reached");
        var run = space.awaitRun(
                "lost",
                "in its sandbox",
                r -> r.getStatus() != null
                        && r.getStatus().sandbox() != null
                        && r.getStatus().sandbox().podUID() != null);
        String first = run.getStatus().sandbox().podUID();
        space.kubectl("delete", "pod", run.getStatus().sandbox().pod(), "--grace-period=0", "--force")
                .orThrow();
        String told = lab.told("lost");
        assertTrue(told.contains("sandbox was lost"), told);
        assertNotEquals(first, space.get("lost").getStatus().sandbox().podUID());
        assertEquals(2, space.get("lost").getStatus().sandbox().number());
    }

    @Test
    void an_idle_sandbox_stops_and_the_next_command_gets_a_fresh_one() {
        Lab lab = Lab.open(space, "idler", "{scope: Tenant, idleSeconds: 1}");
        lab.shell("idle-1", "echo x > /workspace/x");
        String first = space.get("idle-1").getStatus().sandbox().podUID();
        Space.await(
                "the idle sandbox to go",
                () -> Lab.pods(space).stream()
                        .noneMatch(pod -> first.equals(pod.getMetadata().getUid())));
        String told = lab.shell("idle-2", "ls /workspace/x || echo all gone");
        assertTrue(told.contains("all gone"), told);
    }

    @Test
    void a_waiting_run_holds_no_sandbox() {
        space.create("Model", "asker", Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: shell, arguments: {command: 'echo x > x'}}]}
            - when: {step: 2}
              then: {calls: [{tool: ask, arguments: {question: 'Go on?'}}]}
            - then: {text: done}
            """));
        space.create("Agent", "asker", "model: asker\ninstructions: x\nsandbox: {}\nask: {}\n");
        space.run("asker");
        var run = space.awaitPhase("asker", RunPhase.Waiting);
        awaitNoPod(run.getMetadata().getUid());
        space.cancel("asker");
        space.awaitComplete("asker");
    }

    @Test
    void the_pod_is_as_hard_as_it_gets() {
        Lab lab = Lab.open(space, "hard", "{}");
        lab.start("hard", "#sh\nsleep 8; grep -E 'Cap|NoNew|Seccomp' /proc/self/status; ls /dev; cat /etc/resolv.conf");
        space.awaitRun(
                "hard",
                "in its sandbox",
                r -> r.getStatus() != null
                        && r.getStatus().sandbox() != null
                        && r.getStatus().sandbox().podUID() != null);
        Pod pod = lab.pod("hard");
        var spec = pod.getSpec();
        assertEquals("wheelhouse-sandbox", spec.getServiceAccountName());
        assertEquals(false, spec.getAutomountServiceAccountToken());
        assertEquals(false, spec.getEnableServiceLinks());
        assertEquals(false, spec.getHostUsers());
        assertEquals("None", spec.getDnsPolicy());
        assertEquals(List.of("127.0.0.1"), spec.getDnsConfig().getNameservers());
        assertEquals("Never", spec.getRestartPolicy());
        assertEquals(3600L, spec.getActiveDeadlineSeconds());
        assertEquals(true, spec.getSecurityContext().getRunAsNonRoot());
        assertEquals(
                "RuntimeDefault", spec.getSecurityContext().getSeccompProfile().getType());
        for (var container : List.of(
                spec.getContainers().getFirst(), spec.getInitContainers().getFirst())) {
            var context = container.getSecurityContext();
            assertEquals(false, context.getAllowPrivilegeEscalation());
            assertEquals(true, context.getReadOnlyRootFilesystem());
            assertEquals(List.of("ALL"), context.getCapabilities().getDrop());
            assertTrue(container
                    .getResources()
                    .getLimits()
                    .keySet()
                    .containsAll(List.of("cpu", "memory", "ephemeral-storage")));
        }
        String told = lab.told("hard");
        assertTrue(told.contains("CapEff:\t0000000000000000") && told.contains("CapBnd:\t0000000000000000"), told);
        assertTrue(told.contains("NoNewPrivs:\t1") && told.contains("Seccomp:\t2"), told);
        assertTrue(told.contains("nameserver 127.0.0.1"), told);
    }
}
