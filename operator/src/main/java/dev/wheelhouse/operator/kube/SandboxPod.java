package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.SandboxAmounts;
import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;

/**
 * The spec of every sandbox pod. What runs in it is hostile by assumption; each field takes something away from it. The
 * policy {@code wheelhouse-operator-limits} of the chart asks for the same shape, so a change here is a change there.
 */
final class SandboxPod {
    private static final long USER = 65532;
    private static final long GRACE_SECONDS = 5;
    private static final long TOKEN_SECONDS = 600;
    private static final int OWNER_READS = 0400;
    private static final int REQUESTED_PART = 10;
    private static final String DAEMON = "wheelhouse";
    private static final String WORKSPACE = "workspace";
    private static final String TMP = "tmp";
    private static final String IDENTITY = "identity";

    /**
     * What differs from one sandbox to the next.
     *
     * @param keptWorkspace name of the workspace's PersistentVolumeClaim; null for an emptyDir of {@code workspaceSize}
     * @param runtimeClass null for the node's default
     * @param runtimeAddress where the daemon finds a runtime, {@code ip:port}
     */
    record Wanted(
            String image,
            SandboxResources resources,
            String workspaceSize,
            String keptWorkspace,
            int idleSeconds,
            long maxSeconds,
            String runtimeClass,
            String runtimeAddress) {}

    private final String daemonImage;
    private final boolean userNamespaces;

    /**
     * @param daemonImage where the daemon is copied from
     * @param userNamespaces whether nodes have user namespaces (and with them supplementalGroupsPolicy)
     */
    SandboxPod(String daemonImage, boolean userNamespaces) {
        this.daemonImage = daemonImage;
        this.userNamespaces = userNamespaces;
    }

    PodSpec spec(Wanted wanted) {
        PodSpec spec = new PodSpecBuilder()
                .withServiceAccountName(Api.SANDBOX_SERVICE_ACCOUNT)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withHostNetwork(false)
                .withHostPID(false)
                .withHostIPC(false)
                .withShareProcessNamespace(false)
                .withDnsPolicy("None")
                .withNewDnsConfig()
                .withNameservers("127.0.0.1")
                .endDnsConfig()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withActiveDeadlineSeconds(wanted.maxSeconds())
                .withRuntimeClassName(wanted.runtimeClass())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withInitContainers(installer())
                .withContainers(sandbox(wanted))
                .withVolumes(volumes(wanted))
                .build();
        if (userNamespaces) {
            spec.setHostUsers(false);
            spec.getSecurityContext().setSupplementalGroupsPolicy("Strict");
        }
        return spec;
    }

    /** Copies the daemon with its Java into the pod, so that the image needs neither. */
    private Container installer() {
        return new ContainerBuilder()
                .withName("sandboxd")
                .withImage(daemonImage)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/opt/sandboxd/bin/java", "@/opt/sandboxd/install.args", "/wheelhouse")
                .withSecurityContext(hard())
                .withResources(resources("1", "50m", "128Mi", "256Mi"))
                .withVolumeMounts(mount(DAEMON, "/wheelhouse", false))
                .build();
    }

    private static Container sandbox(Wanted wanted) {
        SandboxAmounts amounts = SandboxAmounts.of(wanted.resources());
        long requested = Math.max(1, amounts.cpuMillis() / REQUESTED_PART);
        return new ContainerBuilder()
                .withName("sandbox")
                .withImage(wanted.image())
                .withImagePullPolicy("IfNotPresent")
                // No script: the agent's image may have no shell.
                .withCommand("/wheelhouse/bin/java", "@/wheelhouse/sandboxd.args")
                .withWorkingDir("/workspace")
                .withEnv(
                        env("WHEELHOUSE_RUNTIME", wanted.runtimeAddress()),
                        env("WHEELHOUSE_IDLE_SECONDS", String.valueOf(wanted.idleSeconds())),
                        new EnvVarBuilder()
                                .withName("POD_NAME")
                                .withNewValueFrom()
                                .withNewFieldRef()
                                .withFieldPath("metadata.name")
                                .endFieldRef()
                                .endValueFrom()
                                .build(),
                        env("HOME", "/workspace"),
                        env("TMPDIR", "/tmp"),
                        env("LANG", "C.UTF-8"))
                .withSecurityContext(hard())
                .withResources(resources(amounts.cpu(), requested + "m", amounts.memory(), amounts.disk()))
                .withVolumeMounts(
                        mount(DAEMON, "/wheelhouse", true),
                        mount(WORKSPACE, "/workspace", false),
                        mount(TMP, "/tmp", false),
                        mount(IDENTITY, "/var/run/wheelhouse", true))
                .build();
    }

    private static SecurityContext hard() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withPrivileged(false)
                .withReadOnlyRootFilesystem(true)
                .withRunAsNonRoot(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withProcMount("Default")
                .build();
    }

    private static ResourceRequirements resources(String cpu, String cpuRequest, String memory, String disk) {
        return new ResourceRequirementsBuilder()
                .addToLimits("cpu", new Quantity(cpu))
                .addToLimits("memory", new Quantity(memory))
                .addToLimits("ephemeral-storage", new Quantity(disk))
                .addToRequests("cpu", new Quantity(cpuRequest))
                .addToRequests("memory", new Quantity(memory))
                .addToRequests("ephemeral-storage", new Quantity(disk))
                .build();
    }

    private static List<Volume> volumes(Wanted wanted) {
        Volume workspace = wanted.keptWorkspace() == null
                ? new VolumeBuilder()
                        .withName(WORKSPACE)
                        .withNewEmptyDir()
                        .withSizeLimit(new Quantity(wanted.workspaceSize()))
                        .endEmptyDir()
                        .build()
                : new VolumeBuilder()
                        .withName(WORKSPACE)
                        .withNewPersistentVolumeClaim()
                        .withClaimName(wanted.keptWorkspace())
                        .endPersistentVolumeClaim()
                        .build();
        return List.of(
                new VolumeBuilder()
                        .withName(DAEMON)
                        .withNewEmptyDir()
                        .withSizeLimit(new Quantity("128Mi"))
                        .endEmptyDir()
                        .build(),
                workspace,
                new VolumeBuilder()
                        .withName(TMP)
                        .withNewEmptyDir()
                        .withMedium("Memory")
                        .withSizeLimit(new Quantity("64Mi"))
                        .endEmptyDir()
                        .build(),
                new VolumeBuilder()
                        .withName(IDENTITY)
                        .withNewProjected()
                        .withDefaultMode(OWNER_READS)
                        .addNewSource()
                        .withNewServiceAccountToken()
                        .withAudience(Api.SANDBOX_AUDIENCE)
                        .withExpirationSeconds(TOKEN_SECONDS)
                        .withPath("token")
                        .endServiceAccountToken()
                        .endSource()
                        .endProjected()
                        .build());
    }

    /** The shape of the schema's default, for requests of older versions. */
    static String workspaceSize(SandboxSpec.Workspace workspace) {
        return workspace == null || workspace.size() == null ? SandboxDefaults.WORKSPACE : workspace.size();
    }

    private static EnvVar env(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
