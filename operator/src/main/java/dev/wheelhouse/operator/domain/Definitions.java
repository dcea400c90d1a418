package dev.wheelhouse.operator.domain;

import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import java.util.Collection;
import java.util.Optional;

/** The objects of one namespace that runs refer to. */
public interface Definitions {
    Optional<AgentSpec> agent(String name);

    Optional<ModelSpec> model(String name);

    Optional<ToolServerSpec> toolServer(String name);

    /** All Agents, for the Secrets that their sandboxes' egress names. */
    Collection<AgentSpec> agents();

    /** All Models, for the Secrets they name. */
    Collection<ModelSpec> models();

    /** All ToolServers, for the Secrets they name. */
    Collection<ToolServerSpec> toolServers();

    /** The namespace's contract, or the chart's default one. */
    TenantSpec tenant();

    /** Whether the namespace has a Tenant or an Agent, that is: whether it is used at all. */
    boolean used();
}
