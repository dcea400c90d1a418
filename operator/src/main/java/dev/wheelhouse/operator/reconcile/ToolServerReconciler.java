package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.ToolServer;
import dev.wheelhouse.api.v1alpha1.ToolServerStatus;
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

/** ToolServers. The operator never calls one: what it offers is declared, and pinned by the runtime. */
@Singleton
public final class ToolServerReconciler implements Reconciler<ToolServer> {
    private final DefinitionWatch watch;
    private final Catalog catalog;
    private final StatusWriter writer;
    private final Clockwork clock;

    public ToolServerReconciler(DefinitionWatch watch, Catalog catalog, StatusWriter writer, Clockwork clock) {
        this.watch = watch;
        this.catalog = catalog;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ToolServer>> prepareEventSources(EventSourceContext<ToolServer> context) {
        catalog.toolServers(context.getPrimaryCache());
        return List.of(watch.feed("toolservers"));
    }

    @Override
    public UpdateControl<ToolServer> reconcile(ToolServer server, Context<ToolServer> context) {
        if (!watch.settled(server)) {
            return watch.later();
        }
        ToolServerStatus old = server.getStatus();
        var auth = server.getSpec().auth();
        var conditions = ReadyStatuses.conditions(
                server,
                old == null ? null : old.conditions(),
                Optional.empty(),
                ModelReconciler.credentials(auth == null ? null : auth.secret()),
                clock.now().get());
        ToolServerStatus status = new ToolServerStatus(server.getMetadata().getGeneration(), conditions);
        return watch.next(writer.write(server, status, ToolServer::new));
    }
}
