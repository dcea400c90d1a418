package dev.wheelhouse.operator.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each field takes something away from a hostile party; a field that gets lost gives it back. */
class SandboxPodTest {
    private static final SandboxPod.Wanted WANTED = new SandboxPod.Wanted(
            "image:1", new SandboxResources("1500m", "1Gi", "2Gi"), "3Gi", null, 300, 3600, "gvisor", "10.0.0.1:8082");

    private final PodSpec spec = new SandboxPod("daemon:1", true).spec(WANTED);
    private final Container sandbox = spec.getContainers().getFirst();
    private final Container installer = spec.getInitContainers().getFirst();

    @Test
    void itIsNobodyInTheClusterAndSharesNothingWithItsNode() {
        assertEquals("wheelhouse-sandbox", spec.getServiceAccountName());
        assertFalse(spec.getAutomountServiceAccountToken());
        assertFalse(spec.getEnableServiceLinks());
        assertFalse(spec.getHostNetwork() || spec.getHostPID() || spec.getHostIPC() || spec.getShareProcessNamespace());
        assertFalse(spec.getHostUsers());
        assertNull(spec.getNodeName());
        assertEquals("gvisor", spec.getRuntimeClassName());
        assertEquals("None", spec.getDnsPolicy());
        assertEquals(List.of("127.0.0.1"), spec.getDnsConfig().getNameservers());
    }

    @Test
    void itEnds() {
        assertEquals("Never", spec.getRestartPolicy());
        assertEquals(3600, spec.getActiveDeadlineSeconds());
        assertEquals(5, spec.getTerminationGracePeriodSeconds());
    }

    @Test
    void itIsAnOrdinaryUserWithoutPrivileges() {
        var pod = spec.getSecurityContext();
        assertTrue(pod.getRunAsNonRoot());
        assertEquals(
                List.of(65532L, 65532L, 65532L), List.of(pod.getRunAsUser(), pod.getRunAsGroup(), pod.getFsGroup()));
        assertEquals("RuntimeDefault", pod.getSeccompProfile().getType());
        assertEquals("Strict", pod.getSupplementalGroupsPolicy());
        for (Container container : List.of(sandbox, installer)) {
            var security = container.getSecurityContext();
            assertFalse(security.getAllowPrivilegeEscalation());
            assertFalse(security.getPrivileged());
            assertTrue(security.getReadOnlyRootFilesystem());
            assertTrue(security.getRunAsNonRoot());
            assertEquals(List.of("ALL"), security.getCapabilities().getDrop());
            assertEquals(List.of(), security.getCapabilities().getAdd());
            assertEquals("Default", security.getProcMount());
        }
    }

    @Test
    void nodesWithoutUserNamespacesGetNoFieldTheyWouldRefuse() {
        PodSpec old = new SandboxPod("daemon:1", false).spec(WANTED);
        assertNull(old.getHostUsers());
        assertNull(old.getSecurityContext().getSupplementalGroupsPolicy());
    }

    @Test
    void everyContainerIsLimited() {
        assertEquals(
                Map.of(
                        "cpu", new Quantity("1500m"),
                        "memory", new Quantity("1024Mi"),
                        "ephemeral-storage", new Quantity("2048Mi")),
                sandbox.getResources().getLimits());
        assertEquals(
                Map.of(
                        "cpu", new Quantity("150m"),
                        "memory", new Quantity("1024Mi"),
                        "ephemeral-storage", new Quantity("2048Mi")),
                sandbox.getResources().getRequests());
        assertEquals(
                sandbox.getResources().getLimits().keySet(),
                installer.getResources().getLimits().keySet());
    }

    @Test
    void theDaemonComesFromItsImageAndIsReadOnly() {
        assertEquals("daemon:1", installer.getImage());
        assertEquals(
                List.of("/opt/sandboxd/bin/java", "@/opt/sandboxd/install.args", "/wheelhouse"),
                installer.getCommand());
        assertEquals("image:1", sandbox.getImage());
        assertEquals(List.of("/wheelhouse/bin/java", "@/wheelhouse/sandboxd.args"), sandbox.getCommand());
        assertEquals("/workspace", sandbox.getWorkingDir());
        Map<String, VolumeMount> mounts =
                sandbox.getVolumeMounts().stream().collect(Collectors.toMap(VolumeMount::getMountPath, mount -> mount));
        assertEquals(4, mounts.size());
        assertTrue(mounts.get("/wheelhouse").getReadOnly());
        assertTrue(mounts.get("/var/run/wheelhouse").getReadOnly());
        assertNull(mounts.get("/workspace").getReadOnly());
        assertNull(mounts.get("/tmp").getReadOnly());
    }

    @Test
    void itHasOneTokenForOneAudienceAndLimitedSpace() {
        Map<String, Volume> volumes =
                spec.getVolumes().stream().collect(Collectors.toMap(Volume::getName, volume -> volume));
        assertEquals(4, volumes.size());
        var identity = volumes.get("identity").getProjected();
        assertEquals(0400, identity.getDefaultMode());
        assertEquals(1, identity.getSources().size());
        var token = identity.getSources().getFirst().getServiceAccountToken();
        assertEquals("wheelhouse-sandbox", token.getAudience());
        assertEquals(600, token.getExpirationSeconds());
        assertEquals("token", token.getPath());
        assertEquals(new Quantity("3Gi"), volumes.get("workspace").getEmptyDir().getSizeLimit());
        assertEquals("Memory", volumes.get("tmp").getEmptyDir().getMedium());
        assertTrue(Stream.of("wheelhouse", "workspace", "tmp")
                .allMatch(name -> volumes.get(name).getEmptyDir().getSizeLimit() != null));
    }

    @Test
    void itsEnvironmentTellsNothingElse() {
        Map<String, String> env = sandbox.getEnv().stream()
                .collect(Collectors.toMap(
                        EnvVar::getName,
                        e -> e.getValue() == null
                                ? e.getValueFrom().getFieldRef().getFieldPath()
                                : e.getValue()));
        assertEquals(
                Map.of(
                        "WHEELHOUSE_RUNTIME", "10.0.0.1:8082",
                        "WHEELHOUSE_IDLE_SECONDS", "300",
                        "POD_NAME", "metadata.name",
                        "HOME", "/workspace",
                        "TMPDIR", "/tmp",
                        "LANG", "C.UTF-8"),
                env);
        assertEquals(List.of(), installer.getEnv());
    }
}
