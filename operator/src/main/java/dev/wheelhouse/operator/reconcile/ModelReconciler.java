package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.ModelStatus;
import dev.wheelhouse.api.v1alpha1.SecretKey;
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

/** Models. What a Model says is checked by its schema; the operator may not see whether its Secret exists. */
@Singleton
public final class ModelReconciler implements Reconciler<Model> {
    private final DefinitionWatch watch;
    private final Catalog catalog;
    private final StatusWriter writer;
    private final Clockwork clock;

    public ModelReconciler(DefinitionWatch watch, Catalog catalog, StatusWriter writer, Clockwork clock) {
        this.watch = watch;
        this.catalog = catalog;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Model>> prepareEventSources(EventSourceContext<Model> context) {
        catalog.models(context.getPrimaryCache());
        return List.of(watch.feed("models"));
    }

    @Override
    public UpdateControl<Model> reconcile(Model model, Context<Model> context) {
        if (!watch.settled(model)) {
            return watch.later();
        }
        ModelStatus old = model.getStatus();
        var conditions = ReadyStatuses.conditions(
                model,
                old == null ? null : old.conditions(),
                Optional.empty(),
                credentials(model.getSpec().secret()),
                clock.now().get());
        ModelStatus status = new ModelStatus(model.getMetadata().getGeneration(), conditions);
        return watch.next(writer.write(model, status, Model::new));
    }

    /** Where the credentials come from, in words: a missing one shows on the run that needs it. */
    static String credentials(SecretKey secret) {
        return secret == null
                ? "needs no credentials"
                : "key '" + secret.key() + "' of Secret '" + secret.name()
                        + "' is mounted into the runtime; a run that misses it waits and says so";
    }
}
