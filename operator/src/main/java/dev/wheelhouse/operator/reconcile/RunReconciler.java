package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.Decision;
import dev.wheelhouse.operator.domain.RunDecisions;
import dev.wheelhouse.operator.domain.RunView;
import dev.wheelhouse.operator.kube.RunViews;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Runs by the baton protocol. Watches only those that have not ended. Each reconciliation reads caches and memory, makes
 * at most one write, and sleeps until something changes.
 */
@Singleton
public final class RunReconciler implements Reconciler<Run> {
    /** Index of unfinished runs by the UID of the run that delegated to them. */
    static final String BY_PARENT = "parent";

    private static final Duration SOON = Duration.ofMillis(500);
    /** A run of a Schedule lets others of its minute be started first, for no longer than this after its own start. */
    private static final Duration LETS_OTHERS_START = Duration.ofSeconds(8);
    /** A thousand of them that look too often take more time than they leave to the others. */
    private static final Duration LOOKS_AGAIN = Duration.ofSeconds(2);

    private final RunBook book;
    private final RunWorld world;
    private final RunActions actions;
    private final StatusWriter writer;
    private final Gate gate;
    private final Sentinel sentinel;
    private final Sandboxes sandboxes;
    private final StartsFirst order;
    private final ConcurrentHashMap<String, Boolean> seeded = new ConcurrentHashMap<>();
    private volatile IndexerResourceCache<Run> cache;

    public RunReconciler(
            RunBook book,
            RunWorld world,
            RunActions actions,
            StatusWriter writer,
            Gate gate,
            Sentinel sentinel,
            Sandboxes sandboxes,
            StartsFirst order) {
        this.book = book;
        this.world = world;
        this.actions = actions;
        this.writer = writer;
        this.gate = gate;
        this.sentinel = sentinel;
        this.sandboxes = sandboxes;
        this.order = order;
    }

    @Override
    public List<EventSource<?, Run>> prepareEventSources(EventSourceContext<Run> context) {
        cache = context.getPrimaryCache();
        cache.addIndexer(
                BY_PARENT, run -> parent(run).map(RunSpecParent::uid).stream().toList());
        actions.children(uid -> cache.byIndex(BY_PARENT, uid));
        Feed<Run> feed = new Feed<>("runs", this::seen, run -> {
            writer.forget(run.getMetadata().getUid());
            sentinel.served(run.getMetadata().getUid());
            book.gone(RunViews.id(run), parent(run).map(RunSpecParent::name).orElse(""));
            actions.gone(run);
            sandboxes.gone(run);
        });
        book.onWake(run -> feed.wake(run.namespace(), run.name()));
        sandboxes.onWake(run -> feed.wake(run.namespace(), run.name()));
        return List.of(feed);
    }

    private void seen(Run run, Run before) {
        if (before == null) {
            sentinel.expect(run.getMetadata().getUid());
        }
        book.seen(RunViews.of(run));
        sandboxes.seen(run);
    }

    private record RunSpecParent(String name, String uid) {}

    private static Optional<RunSpecParent> parent(Run run) {
        return Optional.ofNullable(run.getSpec())
                .map(spec -> spec.parent())
                .map(parent -> new RunSpecParent(parent.name(), parent.uid()));
    }

    @Override
    public UpdateControl<Run> reconcile(Run run, Context<Run> context) {
        sentinel.served(run.getMetadata().getUid());
        if (!gate.loaded()) {
            return again(SOON);
        }
        if (writer.lags(run)) {
            // The event of our own write is on its way and brings the run here again.
            return again(SOON);
        }
        seed(run.getMetadata().getNamespace());
        RunView view = RunViews.of(run);
        book.correct(view);
        return carryOut(run, view, decide(view));
    }

    private Decision decide(RunView view) {
        Decision decision = RunDecisions.decide(view, world);
        if (decision instanceof Decision.Verify) {
            world.verify(view);
            return RunDecisions.decide(view, world);
        }
        return decision;
    }

    private UpdateControl<Run> carryOut(Run run, RunView view, Decision decision) {
        return switch (decision) {
            case Decision.Leave leave -> {
                actions.leave(run, view);
                yield tellOfSandbox(run, view)
                        .map(RunReconciler::again)
                        .or(() -> leave.lookAgain().map(this::at))
                        .orElseGet(UpdateControl::noUpdate);
            }
            case Decision.Verify ignored -> again(SOON);
            case Decision.Refuse refuse -> control(actions.refuse(run, view, refuse.problem()));
            case Decision.Place place ->
                letsOthersStart(run, view) ? again(LOOKS_AGAIN) : control(actions.place(run, view, place.cause()));
            case Decision.End end -> control(actions.end(run, view, end.ending()));
        };
    }

    private Optional<Duration> tellOfSandbox(Run run, RunView view) {
        return view.finished() || view.deleting()
                ? Optional.empty()
                : sandboxes.readiness(run).flatMap(readiness -> actions.tell(run, readiness));
    }

    private boolean letsOthersStart(Run run, RunView view) {
        var labels = run.getMetadata().getLabels();
        return labels != null
                && labels.containsKey(Api.LABEL_SCHEDULE_UID)
                && view.started() == null
                && view.created().plus(LETS_OTHERS_START).isAfter(world.now())
                && order.starting();
    }

    /** Once a namespace, before its first decision: the ledger must know who executes before anybody is let in. */
    private void seed(String namespace) {
        seeded.computeIfAbsent(namespace, n -> {
            cache.list(run -> n.equals(run.getMetadata().getNamespace()))
                    .map(RunViews::of)
                    .forEach(book.admission(n)::observe);
            return true;
        });
    }

    /** UIDs of all runs that have not ended; meaningful once everything is loaded. */
    public Set<String> unfinished() {
        return cache.list().map(run -> run.getMetadata().getUid()).collect(Collectors.toSet());
    }

    private UpdateControl<Run> control(Optional<Duration> lookAgain) {
        return lookAgain.map(RunReconciler::again).orElseGet(UpdateControl::noUpdate);
    }

    private UpdateControl<Run> at(Instant when) {
        Duration left = Duration.between(world.now(), when);
        return again(left.compareTo(Duration.ZERO) > 0 ? left.plusMillis(1) : Duration.ofMillis(1));
    }

    private static UpdateControl<Run> again(Duration after) {
        return UpdateControl.<Run>noUpdate().rescheduleAfter(Objects.requireNonNull(after));
    }
}
