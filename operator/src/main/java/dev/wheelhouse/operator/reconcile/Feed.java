package dev.wheelhouse.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The two-way link between a controller and the rest of the operator: tells every change of its objects, deletion
 * included (which a reconciler without finalizer never hears of), and lets others wake an object.
 */
public final class Feed<P extends HasMetadata> extends AbstractEventSource<Void, P> implements ResourceEventAware<P> {
    private final BiConsumer<P, P> seen;
    private final Consumer<P> gone;

    /** {@code seen} gets the object as it is and as it was, null if it is new. */
    public Feed(String name, BiConsumer<P, P> seen, Consumer<P> gone) {
        super(Void.class, name);
        this.seen = seen;
        this.gone = gone;
    }

    /** Has the object reconciled soon; without effect before the controller has started, which reconciles all. */
    public void wake(String namespace, String name) {
        if (isRunning()) {
            getEventHandler().handleEvent(new Event(new ResourceID(name, namespace)));
        }
    }

    @Override
    public void onResourceCreated(P resource) {
        seen.accept(resource, null);
    }

    @Override
    public void onResourceUpdated(P resource, P old) {
        seen.accept(resource, old);
    }

    @Override
    public void onResourceDeleted(P resource) {
        gone.accept(resource);
    }

    @Override
    public Set<Void> getSecondaryResources(P primary) {
        return Set.of();
    }
}
