package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Sha256;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.operator.domain.Definitions;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The Deployment of runtime pods: shared by a namespace, or for one run. */
public final class RuntimeDeployment {
    /** Digest of what the operator wants, to tell drift from defaults that the API server filled in. */
    public static final String ANNOTATION_HASH = "wheelhouse.dev/spec-hash";

    private static final String SECRETS = "/etc/wheelhouse/secrets/";
    private static final String JOURNAL = "/var/lib/wheelhouse/journal";
    /** Health and metrics. */
    static final int PORT = 8080;

    private static final long GRACE_SECONDS = 90;
    private static final int HASH = 8;
    private static final int RUN_PART = 18;

    private final String image;
    private final List<EnvVar> defaults;

    /**
     * @param image of the runtime
     * @param sandboxImage default image of sandboxes, which the runtime pins
     * @param defaultTenant its limits hold in namespaces without a Tenant, which the runtime cannot look up
     */
    public RuntimeDeployment(String image, String sandboxImage, TenantSpec defaultTenant) {
        this.image = image;
        this.defaults = DefaultsEnv.of(sandboxImage, defaultTenant.limits());
    }

    /** The runtime that runs of a namespace share; owned by its Tenant, if there is one. */
    public Deployment shared(String namespace, int replicas, Definitions defs, Optional<Tenant> tenant) {
        return build(
                namespace,
                Api.RUNTIME_NAME,
                replicas,
                defs,
                Map.of(),
                tenant.map(RuntimeDeployment::owner).stream().toList(),
                List.of());
    }

    /** The runtime of one run, owned by it. */
    public Deployment own(Run run, Definitions defs) {
        return build(
                run.getMetadata().getNamespace(),
                ownName(run.getMetadata().getName(), run.getMetadata().getUid()),
                1,
                defs,
                Map.of(Api.LABEL_RUN_UID, run.getMetadata().getUid()),
                List.of(owner(run)),
                List.of(new EnvVarBuilder()
                        .withName("WHEELHOUSE_RUN")
                        .withValue(run.getMetadata().getName())
                        .build()));
    }

    /** Name of the Deployment of one run: short enough that its pods' names stay labels. */
    public static String ownName(String run, String uid) {
        String part = run.replace('.', '-');
        part = part.substring(0, Math.min(RUN_PART, part.length())).replaceAll("-+$", "");
        return Api.RUNTIME_NAME + "-" + part + "-" + Sha256.hex(uid).substring(0, HASH);
    }

    static OwnerReference owner(HasMetadata owner) {
        // Without blockOwnerDeletion, which would need a right on the owner's finalizers.
        return new OwnerReferenceBuilder()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    private Deployment build(
            String namespace,
            String name,
            int replicas,
            Definitions defs,
            Map<String, String> moreLabels,
            List<OwnerReference> owners,
            List<EnvVar> moreEnv) {
        Map<String, String> selector = selector(name, moreLabels);
        Deployment deployment = new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(selector)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withRevisionHistoryLimit(2)
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withNewMaxUnavailable(0)
                .withNewMaxSurge(1)
                .endRollingUpdate()
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(selector)
                .endMetadata()
                .withSpec(pod(selector, defs, moreEnv))
                .endTemplate()
                .endSpec()
                .build();
        deployment.getMetadata().setAnnotations(Map.of(ANNOTATION_HASH, Sha256.hex(Serialization.asJson(deployment))));
        return deployment;
    }

    private static Map<String, String> selector(String name, Map<String, String> more) {
        SortedMap<String, String> labels = new TreeMap<>(Map.of(
                "app.kubernetes.io/name",
                Api.RUNTIME_NAME,
                "app.kubernetes.io/instance",
                name,
                "app.kubernetes.io/managed-by",
                "wheelhouse-operator"));
        labels.putAll(RuntimeFacts.SELECTOR);
        labels.putAll(more);
        return labels;
    }

    private PodSpec pod(Map<String, String> labels, Definitions defs, List<EnvVar> moreEnv) {
        TenantSpec tenant = defs.tenant();
        List<Volume> volumes = new ArrayList<>();
        List<VolumeMount> mounts = new ArrayList<>();
        List<EnvVar> env = new ArrayList<>(List.of(
                field("POD_NAME", "metadata.name"),
                field("POD_UID", "metadata.uid"),
                field("POD_NAMESPACE", "metadata.namespace")));
        env.addAll(defaults);
        env.addAll(moreEnv);
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .withSizeLimit(new Quantity("256Mi"))
                .endEmptyDir()
                .build());
        mounts.add(mount("tmp", "/tmp", false));
        journal(tenant, volumes, mounts, env);
        RuntimeSecrets.of(defs).forEach((secret, keys) -> {
            String volume = "secret-" + Sha256.hex(secret).substring(0, 2 * HASH);
            volumes.add(RuntimeSecrets.volume(volume, secret, keys));
            mounts.add(mount(volume, SECRETS + secret, true));
        });
        return new PodSpecBuilder()
                .withServiceAccountName(Api.RUNTIME_SERVICE_ACCOUNT)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withRunAsGroup(65532L)
                .withFsGroup(65532L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .withMatchLabels(labels)
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .withVolumes(volumes)
                .addNewContainer()
                .withName(RuntimeFacts.CONTAINER)
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withEnv(env)
                .addNewPort()
                .withName("http")
                .withContainerPort(PORT)
                .endPort()
                .addNewPort()
                .withName("sandbox")
                .withContainerPort(Api.SANDBOX_PORT)
                .endPort()
                .withNewResources()
                .addToRequests("cpu", new Quantity(tenant.runtime().cpu()))
                .addToRequests("memory", new Quantity(tenant.runtime().memory()))
                .addToLimits("memory", new Quantity(tenant.runtime().memory()))
                .endResources()
                .withNewStartupProbe()
                .withNewHttpGet()
                .withPath("/q/health/live")
                .withNewPort(PORT)
                .endHttpGet()
                .withPeriodSeconds(1)
                .withTimeoutSeconds(3)
                .withFailureThreshold(120)
                .endStartupProbe()
                .withNewLivenessProbe()
                .withNewHttpGet()
                .withPath("/q/health/live")
                .withNewPort(PORT)
                .endHttpGet()
                .withPeriodSeconds(10)
                .withTimeoutSeconds(5)
                .withFailureThreshold(6)
                .endLivenessProbe()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/q/health/ready")
                .withNewPort(PORT)
                .endHttpGet()
                .withPeriodSeconds(3)
                .withTimeoutSeconds(3)
                .endReadinessProbe()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(mounts)
                .endContainer()
                .build();
    }

    private static void journal(TenantSpec tenant, List<Volume> volumes, List<VolumeMount> mounts, List<EnvVar> env) {
        if (tenant.journal().store() != TenantSpec.Store.PersistentVolumeClaim) {
            return;
        }
        volumes.add(new VolumeBuilder()
                .withName("journal")
                .withNewPersistentVolumeClaim()
                .withClaimName(tenant.journal().claimName())
                .endPersistentVolumeClaim()
                .build());
        mounts.add(mount("journal", JOURNAL, false));
        env.add(new EnvVarBuilder()
                .withName("WHEELHOUSE_JOURNAL_DIR")
                .withValue(JOURNAL)
                .build());
    }

    private static EnvVar field(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath(path)
                .endFieldRef()
                .endValueFrom()
                .build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
