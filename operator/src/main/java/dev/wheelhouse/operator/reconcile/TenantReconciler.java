package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantStatus;
import dev.wheelhouse.operator.domain.Admission;
import dev.wheelhouse.operator.domain.Problem;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.ReadyStatuses;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Tenants: condition and counts. Counts are for people, and refreshed at an easy pace. */
@Singleton
public final class TenantReconciler implements Reconciler<Tenant> {
    private static final Duration COUNTS = Duration.ofSeconds(10);

    private final DefinitionWatch watch;
    private final RunBook book;
    private final Catalog catalog;
    private final StatusWriter writer;
    private final Clockwork clock;

    public TenantReconciler(
            DefinitionWatch watch, RunBook book, Catalog catalog, StatusWriter writer, Clockwork clock) {
        this.watch = watch;
        this.book = book;
        this.catalog = catalog;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Tenant>> prepareEventSources(EventSourceContext<Tenant> context) {
        catalog.tenants(context.getPrimaryCache());
        return List.of(watch.feed("tenants"));
    }

    @Override
    public UpdateControl<Tenant> reconcile(Tenant tenant, Context<Tenant> context) {
        if (!watch.settled(tenant)) {
            return watch.later();
        }
        String namespace = tenant.getMetadata().getNamespace();
        TenantStatus old = tenant.getStatus();
        Admission.Counts counts = book.admission(namespace).counts();
        var conditions = ReadyStatuses.conditions(
                tenant,
                old == null ? null : old.conditions(),
                problem(tenant),
                "the contract is in force",
                clock.now().get());
        TenantStatus status = new TenantStatus(
                tenant.getMetadata().getGeneration(),
                counts.active(),
                counts.queued(),
                book.directory().ready(namespace, book.nanoTime()),
                conditions);
        StatusWriter.Outcome outcome = writer.write(tenant, status, Tenant::new);
        return outcome.done() ? UpdateControl.<Tenant>noUpdate().rescheduleAfter(COUNTS) : watch.next(outcome);
    }

    private static Optional<Problem> problem(Tenant tenant) {
        return Tenant.NAME.equals(tenant.getMetadata().getName())
                ? Optional.empty()
                : Optional.of(new Problem(
                        "NotTheOne",
                        "Tenant/" + Tenant.NAME,
                        "only the Tenant named '" + Tenant.NAME + "' counts; rename this one"));
    }
}
