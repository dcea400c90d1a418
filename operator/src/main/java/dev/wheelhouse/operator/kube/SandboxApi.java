package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxShape;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.Sha256;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.Warm;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Makes, adopts and deletes sandbox pods: one write each. */
public final class SandboxApi {
    private static final int RUN_PART = 18;
    private static final int HASH = 8;
    /** Its workspace goes with it, and the daemon ends at once. */
    private static final long DELETE_GRACE_SECONDS = 1;

    private final KubernetesClient client;
    private final SandboxPod shape;

    /**
     * @param daemonImage image with the daemon
     * @param userNamespaces whether sandboxes get user namespaces of their own
     */
    public SandboxApi(KubernetesClient client, String daemonImage, boolean userNamespaces) {
        this.client = client;
        this.shape = new SandboxPod(daemonImage, userNamespaces);
    }

    /** Name of the pod that replaces the one with the UID {@code after} (empty: the first) for a key. */
    public static String name(String run, String key, String after) {
        String part = run.replace('.', '-');
        part = part.substring(0, Math.min(RUN_PART, part.length())).replaceAll("-+$", "");
        return Api.SANDBOX_SERVICE_ACCOUNT + "-" + part + "-" + hash(key + "/" + after);
    }

    /** Name of the next warm pod. */
    public static String warmName() {
        return Api.SANDBOX_SERVICE_ACCOUNT + "-warm-"
                + "%08x".formatted(ThreadLocalRandom.current().nextInt());
    }

    /** Name of the PersistentVolumeClaim that keeps the workspace of a key. */
    private static String workspaceName(String key) {
        return "wheelhouse-workspace-" + hash(key);
    }

    private static String hash(String what) {
        return Sha256.hex(what).substring(0, HASH);
    }

    /**
     * Makes the pod, and before it its workspace if that is to be kept.
     *
     * @param owner with whom both go; absent if it is gone already
     * @param runtimeClass null for the node's default
     * @throws KubernetesClientException with 409 if there is one of this name
     */
    public SandboxView create(
            Claimant claimant, Optional<OwnerReference> owner, String runtimeClass, String runtimeAddress) {
        SandboxState.Request wanted = claimant.wanted();
        String namespace = claimant.run().namespace();
        String size = SandboxPod.workspaceSize(wanted.workspace());
        boolean keep = claimant.keepsWorkspace();
        if (keep) {
            createIfAbsent(workspace(namespace, claimant, owner, size));
        }
        ObjectMeta meta = meta(
                namespace,
                name(claimant.run().name(), claimant.key(), claimant.after()),
                SandboxShape.of(wanted.image(), wanted.resources(), runtimeClass),
                owner);
        meta.getLabels().putAll(labels(claimant));
        meta.setAnnotations(Map.of(Api.ANNOTATION_SANDBOX_AFTER, claimant.after()));
        return create(
                meta,
                new SandboxPod.Wanted(
                        wanted.image(),
                        wanted.resources(),
                        size,
                        keep ? workspaceName(claimant.key()) : null,
                        wanted.idleSeconds(),
                        wanted.maxSeconds(),
                        runtimeClass,
                        runtimeAddress));
    }

    /** Makes one for nobody yet. */
    public SandboxView warm(
            String namespace,
            String name,
            Warm warm,
            Optional<OwnerReference> owner,
            String runtimeClass,
            String runtimeAddress) {
        return create(
                meta(namespace, name, warm.shape(), owner),
                new SandboxPod.Wanted(
                        warm.image(),
                        warm.resources(),
                        SandboxDefaults.WORKSPACE,
                        null,
                        SandboxDefaults.IDLE_SECONDS,
                        Warm.DEADLINE.toSeconds(),
                        runtimeClass,
                        runtimeAddress));
    }

    private SandboxView create(ObjectMeta meta, SandboxPod.Wanted wanted) {
        Pod pod =
                new PodBuilder().withMetadata(meta).withSpec(shape.spec(wanted)).build();
        return SandboxFacts.of(client.resource(pod).create());
    }

    /**
     * Writes into a taken pod whose it is, so that it goes with its run, and can be found and seen.
     *
     * @throws KubernetesClientException with 409 or 404 if it is gone
     */
    public SandboxView adopt(SandboxView pod, Instant now) {
        SandboxClaim claim = Objects.requireNonNull(pod.claim());
        Map<String, Object> meta = Map.of(
                "uid",
                pod.uid(),
                "labels",
                Map.of(Api.LABEL_SANDBOX_KEY, claim.key(), Api.LABEL_RUN_UID, claim.runUid()),
                "annotations",
                Map.of(Api.ANNOTATION_SANDBOX_AFTER, claim.after()),
                "ownerReferences",
                List.of(ownerRun(claim.run(), claim.runUid())));
        // Counted from the pod's start, which was about when it was made.
        long age = Math.max(0, Duration.between(pod.created(), now).toSeconds());
        Map<String, Object> spec =
                Map.of("activeDeadlineSeconds", Math.min(age + claim.maxSeconds(), Warm.DEADLINE.toSeconds()));
        return SandboxFacts.of(client.pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of("metadata", meta, "spec", spec))));
    }

    /**
     * Takes a warm pod that is to be deleted, so that no run can take it any more.
     *
     * @throws KubernetesClientException with 409 if a run has it
     */
    public void keepFromRuns(SandboxView pod, Instant now) {
        client.resource(SandboxClaim.ofNobody(pod.name(), pod.uid()).lease(pod.namespace(), now.atZone(ZoneOffset.UTC)))
                .create();
    }

    /** Whether the run that took this pod uses it, or may, by the API server's own word. */
    public boolean used(SandboxView pod) {
        Run run = client.resources(Run.class)
                .inNamespace(pod.namespace())
                .withName(pod.claim().run())
                .get();
        return run != null && SandboxFacts.mayUse(run, pod);
    }

    /** Deletes exactly this pod; that it is gone is as good. */
    public void delete(SandboxView pod) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withGracePeriodSeconds(DELETE_GRACE_SECONDS)
                .withNewPreconditions()
                .withUid(pod.uid())
                .endPreconditions()
                .build();
        try {
            client.raw("/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name(), "DELETE", options);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private static Map<String, String> labels(Claimant claimant) {
        Map<String, String> labels = new HashMap<>(Map.of(Api.LABEL_SANDBOX_KEY, claimant.key()));
        if (!claimant.shared()) {
            labels.put(Api.LABEL_RUN_UID, claimant.run().uid());
        }
        return labels;
    }

    /** A reference to the run with whom a sandbox goes. */
    public static OwnerReference ownerRun(String name, String uid) {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder().withName(name).withUid(uid).build());
        return owner(run);
    }

    /** A reference to the object with whom a sandbox goes. */
    public static OwnerReference owner(HasMetadata object) {
        return RuntimeDeployment.owner(object);
    }

    private static ObjectMeta meta(String namespace, String name, String shape, Optional<OwnerReference> owner) {
        Map<String, String> labels = new HashMap<>(Map.of(
                "app.kubernetes.io/name",
                Api.SANDBOX_SERVICE_ACCOUNT,
                "app.kubernetes.io/managed-by",
                "wheelhouse-operator",
                Api.LABEL_SANDBOX_SHAPE,
                shape));
        labels.putAll(SandboxFacts.SELECTOR);
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(labels)
                .withOwnerReferences(owner.stream().toList())
                .build();
    }

    private static PersistentVolumeClaim workspace(
            String namespace, Claimant claimant, Optional<OwnerReference> owner, String size) {
        SandboxSpec.Workspace wanted = Objects.requireNonNull(claimant.wanted().workspace());
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(workspaceName(claimant.key()))
                .withLabels(Map.of(
                        "app.kubernetes.io/managed-by", "wheelhouse-operator", Api.LABEL_SANDBOX_KEY, claimant.key()))
                .withOwnerReferences(owner.stream().toList())
                .endMetadata()
                .withNewSpec()
                .withAccessModes(List.of("ReadWriteOnce"))
                .withStorageClassName(wanted.storageClassName())
                .withNewResources()
                .addToRequests("storage", new Quantity(size))
                .endResources()
                .endSpec()
                .build();
    }

    private void createIfAbsent(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }
}
