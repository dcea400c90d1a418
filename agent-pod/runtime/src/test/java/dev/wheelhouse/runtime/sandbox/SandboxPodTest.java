package dev.wheelhouse.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a pod's status says about why commands in it ended, or cannot begin. */
class SandboxPodTest {
    @Test
    void why_it_is_over() {
        assertEquals(
                "Evicted: disk is full",
                over(p -> p.editStatus()
                        .withPhase("Failed")
                        .withReason("Evicted")
                        .withMessage("disk is full")
                        .endStatus()));
        assertEquals(
                "OOMKilled: exit code 137",
                over(p -> p.editStatus()
                        .withPhase("Failed")
                        .addNewContainerStatus()
                        .withNewState()
                        .withNewTerminated()
                        .withReason("OOMKilled")
                        .withExitCode(137)
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()));
        assertEquals(
                "the pod ended", over(p -> p.editStatus().withPhase("Succeeded").endStatus()));
        assertEquals(
                "the pod was deleted",
                over(p -> p.editMetadata()
                        .withDeletionTimestamp("2026-11-26T00:00:00Z")
                        .endMetadata()));
        assertEquals("the pod was deleted", of(p -> {}).deleted().trouble());
    }

    @Test
    void why_it_does_not_start() {
        SandboxPod pod = of(p -> p.editStatus()
                .withPhase("Pending")
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("Unschedulable")
                .withMessage("0/3 nodes are available")
                .endCondition()
                .endStatus());
        assertFalse(pod.over());
        assertEquals("Unschedulable: 0/3 nodes are available", pod.trouble());
        assertEquals(
                300,
                of(p -> p.editStatus()
                                .addNewInitContainerStatus()
                                .withNewState()
                                .withNewWaiting()
                                .withReason("ImagePullBackOff")
                                .withMessage("x".repeat(5000))
                                .endWaiting()
                                .endState()
                                .endInitContainerStatus()
                                .endStatus())
                        .trouble()
                        .length());
        assertNull(of(p -> {}).trouble());
    }

    private static String over(Consumer<PodBuilder> change) {
        SandboxPod pod = of(change);
        assertTrue(pod.over());
        return pod.trouble();
    }

    private static SandboxPod of(Consumer<PodBuilder> change) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("p1")
                .withUid("uid")
                .endMetadata()
                .withNewStatus()
                .withPhase("Running")
                .endStatus();
        change.accept(pod);
        Pod built = pod.build();
        return SandboxPod.of(built);
    }
}
