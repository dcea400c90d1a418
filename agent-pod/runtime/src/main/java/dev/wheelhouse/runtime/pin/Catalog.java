package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.ConfigMapKey;
import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.ToolServer;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The objects of one namespace that a run may name, as they are at the API server now. */
final class Catalog {
    private final KubernetesClient client;
    private final ApiPermits permits;
    private final SharedReads reads;
    private final String namespace;

    Catalog(KubernetesClient client, ApiPermits permits, SharedReads reads, String namespace) {
        this.client = client;
        this.permits = permits;
        this.reads = reads;
        this.namespace = namespace;
    }

    Optional<AgentSpec> agent(String name) {
        return spec(Agent.class, name);
    }

    Optional<ModelSpec> model(String name) {
        return spec(Model.class, name);
    }

    Optional<ToolServerSpec> toolServer(String name) {
        return spec(ToolServer.class, name);
    }

    /** The namespace's contract; empty if the chart's default one holds. */
    Optional<TenantSpec> tenant() {
        return spec(Tenant.class, Tenant.NAME);
    }

    /** Text of a ConfigMap's key. */
    Optional<String> text(ConfigMapKey ref) {
        ConfigMap map = configMap(ref.name());
        return map == null || map.getData() == null
                ? Optional.empty()
                : Optional.ofNullable(map.getData().get(ref.key()));
    }

    /** Whether a ConfigMap has this key, as text or as bytes. */
    boolean has(ConfigMapKey ref) {
        ConfigMap map = configMap(ref.name());
        return map != null
                && ((map.getData() != null && map.getData().containsKey(ref.key()))
                        || (map.getBinaryData() != null && map.getBinaryData().containsKey(ref.key())));
    }

    private ConfigMap configMap(String name) {
        return read(
                ConfigMap.class,
                name,
                () -> client.configMaps().inNamespace(namespace).withName(name).get());
    }

    private <S, T extends CustomResource<S, ?>> Optional<S> spec(Class<T> type, String name) {
        T found = read(
                type,
                name,
                () -> client.resources(type)
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
        return Optional.ofNullable(found).map(CustomResource::getSpec);
    }

    private <T> T read(Class<T> type, String name, Supplier<T> get) {
        return reads.read(List.of(type, namespace, name), () -> permits.call(get));
    }
}
