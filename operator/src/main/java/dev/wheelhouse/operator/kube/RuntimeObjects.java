package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Tenant;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Writes what runtime pods are made of. Names are fixed, so that two operators at once make one of each. */
public final class RuntimeObjects {
    private static final Map<String, String> LABELS =
            Map.of("app.kubernetes.io/name", Api.RUNTIME_NAME, "app.kubernetes.io/managed-by", "wheelhouse-operator");

    private static final String RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

    private final KubernetesClient client;
    private final Set<String> withAccess = ConcurrentHashMap.newKeySet();

    public RuntimeObjects(KubernetesClient client) {
        this.client = client;
    }

    /** Makes the namespace's ServiceAccount and its RoleBinding, unless that was done before. */
    public void ensureAccess(String namespace, Optional<Tenant> tenant) {
        if (withAccess.contains(namespace)) {
            return;
        }
        List<OwnerReference> owners =
                tenant.map(RuntimeDeployment::owner).stream().toList();
        create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.RUNTIME_SERVICE_ACCOUNT)
                .withLabels(LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .build());
        create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.RUNTIME_NAME)
                .withLabels(LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", Api.RUNTIME_NAME)
                .addNewSubject()
                .withKind("ServiceAccount")
                .withNamespace(namespace)
                .withName(Api.RUNTIME_SERVICE_ACCOUNT)
                .endSubject()
                .build());
        withAccess.add(namespace);
    }

    /** The namespace's objects may be gone: make sure of them at the next occasion. */
    public void doubtAccess(String namespace) {
        withAccess.remove(namespace);
    }

    /** Creates it; that it exists already is as good. */
    public void create(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    /**
     * Replaces the Deployment's desired state, locked on what was seen.
     *
     * @return the Deployment as stored
     * @throws KubernetesClientException also when it changed meanwhile
     */
    public Deployment update(Deployment seen, Deployment desired) {
        desired.getMetadata().setResourceVersion(seen.getMetadata().getResourceVersion());
        keepRestart(seen.getSpec().getTemplate(), desired.getSpec().getTemplate());
        return client.resource(desired).update();
    }

    /** What {@code kubectl rollout restart} writes is a wish of a person, not drift. */
    private static void keepRestart(PodTemplateSpec seen, PodTemplateSpec desired) {
        Map<String, String> annotations = seen.getMetadata().getAnnotations();
        String at = annotations == null ? null : annotations.get(RESTARTED_AT);
        if (at != null) {
            desired.getMetadata().setAnnotations(Map.of(RESTARTED_AT, at));
        }
    }

    /** Deletes a Deployment with its pods; that it is gone already is as good. */
    public void deleteDeployment(String namespace, String name) {
        client.apps().deployments().inNamespace(namespace).withName(name).delete();
    }

    /** Deletes everything that was made for the namespace. */
    public void deleteAll(String namespace) {
        deleteDeployment(namespace, Api.RUNTIME_NAME);
        client.rbac()
                .roleBindings()
                .inNamespace(namespace)
                .withName(Api.RUNTIME_NAME)
                .delete();
        client.serviceAccounts()
                .inNamespace(namespace)
                .withName(Api.RUNTIME_SERVICE_ACCOUNT)
                .delete();
        doubtAccess(namespace);
    }
}
