package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sandboxes of scope Thread and Tenant: who shares one finds the other's files there, and nobody else does. */
class SandboxSharedE2E {
    private static final String EVE = "eve@example.org";
    private static final String LOOK = "#sh\ncat note || echo no note here";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("shared").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.kubectl("create", "rolebinding", "eve", "--clusterrole=wheelhouse-edit", "--user=" + EVE)
                .orThrow();
    }

    @Test
    void runs_of_one_thread_and_requester_share_a_pod_that_stays_and_others_do_not() {
        Lab lab = Lab.open(space, "talker", "{scope: Thread}");
        say(lab, "red-1", "red", "#sh\necho written in red > note");
        SandboxState first = sandbox("red-1");

        assertTrue(say(lab, "blue-1", "blue", LOOK).contains("no note here"));
        assertNotEquals(first.podUID(), sandbox("blue-1").podUID(), "another thread has another pod");

        sayAsEve(lab, "eve-1", "red", LOOK);
        assertTrue(lab.told("eve-1").contains("no note here"));
        assertNotEquals(first.podUID(), sandbox("eve-1").podUID(), "another person's thread of that name is another");

        // What is not needed goes after two seconds: the runs in between took longer.
        assertStays(first);
        String told = say(lab, "red-2", "red", LOOK);
        assertTrue(told.contains("written in red") && !told.contains("no note here"), told);
        assertSame(first, "red-2");
    }

    @Test
    void all_runs_of_an_agent_share_the_tenants_pod_and_those_of_another_agent_do_not() {
        Lab lab = Lab.open(space, "common", "{scope: Tenant}");
        Lab other = Lab.open(space, "stranger", "{scope: Tenant}");
        say(lab, "common-1", "one", "#sh\necho written for all > note");
        SandboxState first = sandbox("common-1");

        assertTrue(say(other, "stranger-1", "one", LOOK).contains("no note here"));
        assertNotEquals(first.podUID(), sandbox("stranger-1").podUID(), "another agent has another pod");

        assertStays(first);
        String inAnotherThread = say(lab, "common-2", "two", LOOK);
        assertTrue(inAnotherThread.contains("written for all"), inAnotherThread);
        assertSame(first, "common-2");
        String inNone = lab.shell("common-3", "cat note");
        assertTrue(inNone.contains("written for all"), inNone);
        assertSame(first, "common-3");
    }

    private static String say(Lab lab, String run, String thread, String input) {
        space.run(run, lab.agent(), Serialization.asJson(input), "thread: " + thread);
        return lab.told(run);
    }

    private static void sayAsEve(Lab lab, String run, String thread, String input) {
        String manifest = Manifest.of(
                "Run",
                run,
                "agent: " + lab.agent() + "\ninput: " + Serialization.asJson(input) + "\nthread: " + thread
                        + "\nrequester: " + EVE);
        Kubectl.run(manifest, "-n", space.name(), "--as=" + EVE, "create", "-f", "-")
                .orThrow();
    }

    private static SandboxState sandbox(String run) {
        return space.get(run).getStatus().sandbox();
    }

    /** The run's commands went to this pod and to no other one, and there is no second one for who shares it. */
    private static void assertSame(SandboxState first, String run) {
        SandboxState used = sandbox(run);
        assertEquals(first.podUID(), used.podUID(), used::toString);
        assertEquals(1, used.number(), used::toString);
        Pod pod = pod(first);
        String key = pod.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY);
        List<String> ofKey = Lab.pods(space).stream()
                .filter(one -> key.equals(one.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)))
                .map(one -> one.getMetadata().getUid())
                .toList();
        assertEquals(List.of(first.podUID()), ofKey);
        assertStays(first);
    }

    private static void assertStays(SandboxState used) {
        Pod pod = pod(used);
        assertEquals(null, pod.getMetadata().getDeletionTimestamp(), "it is being deleted");
        assertEquals("Running", pod.getStatus().getPhase());
        assertFalse(pod.getMetadata().getLabels().containsKey(Api.LABEL_RUN_UID), "it is one run's");
    }

    private static Pod pod(SandboxState used) {
        return Lab.pods(space).stream()
                .filter(pod -> used.podUID().equals(pod.getMetadata().getUid()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the pod is gone: " + used));
    }
}
