package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Tenant;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What a namespace needs before its first sandbox: network policies, the account that sandboxes show, the address at
 * which they find a runtime, and the right of the runtimes to have that account's tokens checked.
 */
public final class SandboxObjects {
    /** Prefix of the binding by which a namespace's runtimes may check tokens: TokenReviews are of no namespace. */
    static final String REVIEW = "wheelhouse-token-review";

    private final KubernetesClient client;
    private final boolean bindsReview;
    /** Address of the Service {@code wheelhouse-runtime}, of each namespace where everything was found or made. */
    private final Map<String, String> ready = new ConcurrentHashMap<>();
    /** How often a namespace was doubted: what was found before a doubt does not count after it. */
    private final Map<String, Integer> doubts = new ConcurrentHashMap<>();

    /** {@code bindsReview}: whether the ClusterRoleBindings are the operator's task, and not the chart's. */
    public SandboxObjects(KubernetesClient client, boolean bindsReview) {
        this.client = client;
        this.bindsReview = bindsReview;
    }

    /**
     * Makes what is missing and corrects what was changed, unless that was done before.
     *
     * @return where sandboxes of the namespace find a runtime, {@code ip:port}
     */
    public String ensure(String namespace, Optional<Tenant> tenant) {
        String known = ready.get(namespace);
        if (known != null) {
            return known;
        }
        int before = doubts.getOrDefault(namespace, 0);
        List<OwnerReference> owners =
                tenant.map(RuntimeDeployment::owner).stream().toList();
        // First what closes the network.
        NetworkRules.policies(namespace, owners).forEach(this::ensure);
        create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.SANDBOX_SERVICE_ACCOUNT)
                .withLabels(NetworkRules.LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build());
        if (bindsReview) {
            create(review(namespace));
        }
        String address = ensure(NetworkRules.service(namespace, owners)) + ":" + Api.SANDBOX_PORT;
        doubts.compute(namespace, (n, now) -> {
            if (Objects.requireNonNullElse(now, 0) == before) {
                ready.put(namespace, address);
            }
            return now;
        });
        return address;
    }

    /** The namespace's objects may be gone or changed: make sure of them at the next occasion. */
    public void doubt(String namespace) {
        doubts.compute(namespace, (n, count) -> {
            ready.remove(namespace);
            return count == null ? 1 : count + 1;
        });
    }

    /** Whether a policy of ours is not as it was made. */
    public static boolean drifted(NetworkPolicy seen) {
        return NetworkRules.policy(
                        seen.getMetadata().getNamespace(), seen.getMetadata().getName())
                .filter(wanted -> !wanted.getSpec().equals(seen.getSpec()))
                .isPresent();
    }

    /** Labels that select the policies. */
    public static Map<String, String> selector() {
        return NetworkRules.LABELS;
    }

    private void ensure(NetworkPolicy wanted) {
        if (create(wanted)) {
            return;
        }
        NetworkPolicy seen = client.resource(wanted).get();
        if (seen == null) {
            client.resource(wanted).create();
        } else if (drifted(seen) || !labelled(seen)) {
            wanted.getMetadata().setResourceVersion(seen.getMetadata().getResourceVersion());
            client.resource(wanted).update();
        }
    }

    /** The Service's cluster address. */
    private String ensure(Service wanted) {
        Service seen = create(wanted) ? null : client.resource(wanted).get();
        if (seen == null) {
            seen = Objects.requireNonNullElse(client.resource(wanted).get(), wanted);
        } else if (drifted(seen, wanted)) {
            wanted.getMetadata().setResourceVersion(seen.getMetadata().getResourceVersion());
            wanted.getSpec().setClusterIP(seen.getSpec().getClusterIP());
            wanted.getSpec().setClusterIPs(seen.getSpec().getClusterIPs());
            seen = client.resource(wanted).update();
        }
        String address = seen.getSpec().getClusterIP();
        if (address == null || address.isEmpty() || address.equals("None")) {
            throw new KubernetesClientException(
                    "Service " + Api.RUNTIME_NAME + " has no cluster address; delete it, and it is made again");
        }
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static boolean drifted(Service seen, Service wanted) {
        ServiceSpec a = seen.getSpec();
        ServiceSpec b = wanted.getSpec();
        return !Objects.equals(a.getSelector(), b.getSelector())
                || !Objects.equals(a.getType(), b.getType())
                || a.getPorts().size() != 1
                || !Objects.equals(a.getPorts().getFirst().getPort(), Api.SANDBOX_PORT)
                || !Objects.equals(
                        a.getPorts().getFirst().getTargetPort(),
                        b.getPorts().getFirst().getTargetPort())
                || !a.getExternalIPs().isEmpty();
    }

    private static boolean labelled(HasMetadata seen) {
        Map<String, String> labels = seen.getMetadata().getLabels();
        return labels != null && labels.entrySet().containsAll(NetworkRules.LABELS.entrySet());
    }

    private static ClusterRoleBinding review(String namespace) {
        return new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(REVIEW + "-" + namespace)
                .withLabels(NetworkRules.LABELS)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", REVIEW)
                .addNewSubject()
                .withKind("ServiceAccount")
                .withNamespace(namespace)
                .withName(Api.RUNTIME_SERVICE_ACCOUNT)
                .endSubject()
                .build();
    }

    /** Whether it was made; else it exists. */
    private boolean create(HasMetadata object) {
        try {
            client.resource(object).create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return false;
        }
    }

    /** Deletes what was made for the namespace; not its sandboxes. */
    public void deleteAll(String namespace) {
        doubt(namespace);
        client.services().inNamespace(namespace).withName(Api.RUNTIME_NAME).delete();
        client.serviceAccounts()
                .inNamespace(namespace)
                .withName(Api.SANDBOX_SERVICE_ACCOUNT)
                .delete();
        for (NetworkPolicy policy : NetworkRules.policies(namespace, List.of())) {
            client.resource(policy).delete();
        }
        if (bindsReview) {
            unbind(namespace);
        }
    }

    private void unbind(String namespace) {
        doubt(namespace);
        client.rbac().clusterRoleBindings().withName(REVIEW + "-" + namespace).delete();
    }

    /** Deletes bindings of namespaces that are gone or not used any more; a Tenant cannot own what is of no namespace. */
    public void sweep(Predicate<String> used) {
        if (!bindsReview) {
            return;
        }
        client.rbac().clusterRoleBindings().withLabels(NetworkRules.LABELS).list().getItems().stream()
                .map(binding -> binding.getMetadata().getName())
                .filter(name -> name.startsWith(REVIEW + "-"))
                .map(name -> name.substring(REVIEW.length() + 1))
                .filter(used.negate())
                .forEach(this::unbind);
    }
}
