package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentStatus;
import dev.wheelhouse.operator.domain.Problem;
import dev.wheelhouse.operator.domain.References;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.ReadyStatuses;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Agents: whether everything they refer to exists. */
@Singleton
public final class AgentReconciler implements Reconciler<Agent> {
    private final DefinitionWatch watch;
    private final Catalog catalog;
    private final StatusWriter writer;
    private final Clockwork clock;

    public AgentReconciler(DefinitionWatch watch, Catalog catalog, StatusWriter writer, Clockwork clock) {
        this.watch = watch;
        this.catalog = catalog;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Agent>> prepareEventSources(EventSourceContext<Agent> context) {
        catalog.agents(context.getPrimaryCache());
        Feed<Agent> feed = watch.feed("agents");
        watch.agents(feed);
        return List.of(feed);
    }

    @Override
    public UpdateControl<Agent> reconcile(Agent agent, Context<Agent> context) {
        if (!watch.settled(agent)) {
            return watch.later();
        }
        AgentStatus old = agent.getStatus();
        Optional<Problem> problem = References.ofAgent(
                agent.getMetadata().getName(),
                agent.getSpec(),
                catalog.of(agent.getMetadata().getNamespace()));
        var conditions = ReadyStatuses.conditions(
                agent,
                old == null ? null : old.conditions(),
                problem,
                "everything the agent refers to exists and fits",
                clock.now().get());
        AgentStatus status = new AgentStatus(agent.getMetadata().getGeneration(), conditions);
        return watch.next(writer.write(agent, status, Agent::new));
    }
}
