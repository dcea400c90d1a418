package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.ToolServer;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.operator.domain.Definitions;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The objects that runs refer to, read from the caches of their own controllers, so that each kind is watched once.
 * Before a controller has started, its kind looks empty: see {@link #complete()}.
 */
public final class Catalog {
    /** Every informer of the client has this index. */
    private static final String BY_NAMESPACE = Cache.NAMESPACE_INDEX;

    private final TenantSpec defaultTenant;
    private volatile IndexedResourceCache<Agent> agents;
    private volatile IndexedResourceCache<Model> models;
    private volatile IndexedResourceCache<ToolServer> toolServers;
    private volatile IndexedResourceCache<Tenant> tenants;

    /** {@code defaultTenant}: the contract of namespaces that have none. */
    public Catalog(TenantSpec defaultTenant) {
        this.defaultTenant = defaultTenant;
    }

    public void agents(IndexedResourceCache<Agent> cache) {
        agents = cache;
    }

    public void models(IndexedResourceCache<Model> cache) {
        models = cache;
    }

    public void toolServers(IndexedResourceCache<ToolServer> cache) {
        toolServers = cache;
    }

    public void tenants(IndexedResourceCache<Tenant> cache) {
        tenants = cache;
    }

    /** Whether every kind has its cache. */
    public boolean complete() {
        return agents != null && models != null && toolServers != null && tenants != null;
    }

    /** Agents of a namespace. */
    public Stream<Agent> agentsOf(String namespace) {
        return agents.byIndex(BY_NAMESPACE, namespace).stream();
    }

    /** The namespace's Tenant, if it has one. */
    public Optional<Tenant> tenantOf(String namespace) {
        return tenants.get(new ResourceID(Tenant.NAME, namespace));
    }

    /** What runs of this namespace can refer to. */
    public Definitions of(String namespace) {
        return new OfNamespace(namespace);
    }

    private final class OfNamespace implements Definitions {
        private final String namespace;

        OfNamespace(String namespace) {
            this.namespace = namespace;
        }

        @Override
        public Optional<AgentSpec> agent(String name) {
            return spec(agents, name);
        }

        @Override
        public Optional<ModelSpec> model(String name) {
            return spec(models, name);
        }

        @Override
        public Optional<ToolServerSpec> toolServer(String name) {
            return spec(toolServers, name);
        }

        @Override
        public Collection<AgentSpec> agents() {
            return specs(agents);
        }

        @Override
        public Collection<ModelSpec> models() {
            return specs(models);
        }

        @Override
        public Collection<ToolServerSpec> toolServers() {
            return specs(toolServers);
        }

        @Override
        public TenantSpec tenant() {
            return spec(tenants, Tenant.NAME)
                    .map(spec -> Tenants.complete(spec, defaultTenant))
                    .orElse(defaultTenant);
        }

        @Override
        public boolean used() {
            return tenantOf(namespace).isPresent()
                    || agentsOf(namespace).findAny().isPresent();
        }

        private <S, T extends CustomResource<S, ?>> Optional<S> spec(IndexedResourceCache<T> cache, String name) {
            return cache.get(new ResourceID(name, namespace))
                    .filter(object -> !object.isMarkedForDeletion())
                    .map(CustomResource::getSpec);
        }

        private <S, T extends CustomResource<S, ?>> List<S> specs(IndexedResourceCache<T> cache) {
            return cache.byIndex(BY_NAMESPACE, namespace).stream()
                    .map(CustomResource::getSpec)
                    .toList();
        }
    }
}
