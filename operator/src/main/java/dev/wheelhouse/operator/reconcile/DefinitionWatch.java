package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.Objects;

/**
 * What the controllers of Agents, Models, ToolServers and Tenants have in common: whom a change concerns, and when to
 * look again.
 */
public final class DefinitionWatch {
    private static final Duration SOON = Duration.ofMillis(500);

    private final RunBook book;
    private final Catalog catalog;
    private final StatusWriter writer;
    private final Gate gate;
    private volatile Feed<Agent> agents;

    public DefinitionWatch(RunBook book, Catalog catalog, StatusWriter writer, Gate gate) {
        this.book = book;
        this.catalog = catalog;
        this.writer = writer;
        this.gate = gate;
    }

    /** Where to wake agents, which depend on all other definitions. */
    void agents(Feed<Agent> agents) {
        this.agents = agents;
    }

    /** A feed that tells runs, agents and the namespace's runtime of each change. */
    <T extends CustomResource<?, ?>> Feed<T> feed(String name) {
        return new Feed<>(name, this::seen, object -> {
            writer.forget(object.getMetadata().getUid());
            changed(object);
        });
    }

    private void seen(HasMetadata object, HasMetadata before) {
        boolean statusOnly = before != null
                && Objects.equals(
                        before.getMetadata().getGeneration(),
                        object.getMetadata().getGeneration());
        if (!statusOnly) {
            changed(object);
        }
    }

    private void changed(HasMetadata object) {
        if (!gate.loaded()) {
            return; // All objects are reconciled at the start anyway.
        }
        String namespace = object.getMetadata().getNamespace();
        book.definitionChanged(
                namespace, object.getKind() + "/" + object.getMetadata().getName());
        Feed<Agent> feed = agents;
        if (feed != null) {
            catalog.agentsOf(namespace)
                    .filter(agent -> !agent.getMetadata()
                                    .getName()
                                    .equals(object.getMetadata().getName())
                            || !(object instanceof Agent))
                    .forEach(agent -> feed.wake(namespace, agent.getMetadata().getName()));
        }
    }

    /** Whether a decision on this copy makes sense now. */
    boolean settled(CustomResource<?, ?> object) {
        return gate.loaded() && !writer.lags(object);
    }

    <T extends HasMetadata> UpdateControl<T> later() {
        return UpdateControl.<T>noUpdate().rescheduleAfter(SOON);
    }

    <T extends HasMetadata> UpdateControl<T> next(StatusWriter.Outcome outcome) {
        return switch (outcome) {
            case WRITTEN, EQUAL, GONE -> UpdateControl.noUpdate();
            case SPEC_MOVED, STATUS_MOVED -> later();
        };
    }
}
