package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may talk to whom in a namespace with sandboxes: they to its runtimes, on one port, and nobody to them. The cluster's
 * network enforces it, and each sandbox tries it out before its first command.
 */
final class NetworkRules {
    static final Map<String, String> LABELS = Map.of(
            "app.kubernetes.io/name", "wheelhouse-network", "app.kubernetes.io/managed-by", "wheelhouse-operator");

    private static final LabelSelector SANDBOXES =
            new LabelSelectorBuilder().withMatchLabels(SandboxFacts.SELECTOR).build();
    private static final LabelSelector RUNTIMES =
            new LabelSelectorBuilder().withMatchLabels(RuntimeFacts.SELECTOR).build();

    private NetworkRules() {}

    /** All policies of a namespace. */
    static List<NetworkPolicy> policies(String namespace, List<OwnerReference> owners) {
        return List.of(sandbox(namespace, owners), runtime(namespace, owners));
    }

    /** The policy of this name as it should be; empty if it is none of ours. */
    static Optional<NetworkPolicy> policy(String namespace, String name) {
        return policies(namespace, List.of()).stream()
                .filter(policy -> policy.getMetadata().getName().equals(name))
                .findFirst();
    }

    private static NetworkPolicy sandbox(String namespace, List<OwnerReference> owners) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.SANDBOX_SERVICE_ACCOUNT)
                .withLabels(LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withPodSelector(SANDBOXES)
                .withPolicyTypes("Ingress", "Egress")
                .addNewEgress()
                .addNewTo()
                .withPodSelector(RUNTIMES)
                .endTo()
                .withPorts(tcp(Api.SANDBOX_PORT))
                .endEgress()
                .endSpec()
                .build();
    }

    private static NetworkPolicy runtime(String namespace, List<OwnerReference> owners) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.RUNTIME_NAME)
                .withLabels(LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withPodSelector(RUNTIMES)
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .withPorts(tcp(RuntimeDeployment.PORT))
                .endIngress()
                .addNewIngress()
                .addNewFrom()
                .withPodSelector(SANDBOXES)
                .endFrom()
                .withPorts(tcp(Api.SANDBOX_PORT))
                .endIngress()
                .endSpec()
                .build();
    }

    private static NetworkPolicyPort tcp(int port) {
        return new NetworkPolicyPortBuilder()
                .withProtocol("TCP")
                .withPort(new IntOrString(port))
                .build();
    }

    /** Where a sandbox finds a runtime without DNS. */
    static Service service(String namespace, List<OwnerReference> owners) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Api.RUNTIME_NAME)
                .withLabels(LABELS)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(RuntimeFacts.SELECTOR)
                .withPublishNotReadyAddresses(false)
                .addNewPort()
                .withName("sandbox")
                .withProtocol("TCP")
                .withPort(Api.SANDBOX_PORT)
                .withTargetPort(new IntOrString(Api.SANDBOX_PORT))
                .endPort()
                .endSpec()
                .build();
    }
}
