package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.operator.domain.HolderState;
import dev.wheelhouse.operator.domain.Problem;
import dev.wheelhouse.operator.domain.References;
import dev.wheelhouse.operator.domain.RunDecisions;
import dev.wheelhouse.operator.domain.RunView;
import dev.wheelhouse.operator.kube.ApprovalApi;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.LeaseProbe;
import dev.wheelhouse.operator.kube.SandboxFacts;
import java.time.Instant;
import java.util.Optional;

/** The world as the caches and the ledger show it. */
public final class RunWorld implements RunDecisions.World {
    private final RunBook book;
    private final Catalog catalog;
    private final LeaseProbe probe;
    private final ApprovalBook approvals;
    private final ApprovalApi api;
    private final Sandboxes sandboxes;
    private final Clockwork clock;

    public RunWorld(
            RunBook book,
            Catalog catalog,
            LeaseProbe probe,
            ApprovalBook approvals,
            ApprovalApi api,
            Sandboxes sandboxes,
            Clockwork clock) {
        this.book = book;
        this.catalog = catalog;
        this.probe = probe;
        this.approvals = approvals;
        this.api = api;
        this.sandboxes = sandboxes;
        this.clock = clock;
    }

    @Override
    public Instant now() {
        return clock.now().get();
    }

    @Override
    public HolderState holder(RunView run) {
        return book.directory().state(run.id().namespace(), run.pod(), run.podUid(), run.holder(), book.nanoTime());
    }

    /** Asks the API server about a holder that looks lost; the next look at it is certain. */
    void verify(RunView run) {
        probe.lost(run);
    }

    @Override
    public Optional<Problem> problem(RunView run) {
        return References.ofRun(
                run.agent(), run.costLimited(), catalog.of(run.id().namespace()));
    }

    @Override
    public boolean unfinished(String namespace, String name) {
        return book.admission(namespace).unfinished(name);
    }

    /** Only sandboxes are watched; the rest is tried again. */
    @Override
    public boolean came(RunView run, RunView.Wait wait) {
        return !wait.names().isEmpty()
                && wait.names().stream()
                        .map(SandboxFacts::key)
                        .allMatch(key -> key.filter(k -> sandboxes.came(run.id(), k, since(run, wait)))
                                .isPresent());
    }

    private static Instant since(RunView run, RunView.Wait wait) {
        return wait.since() == null ? run.created() : wait.since();
    }

    /** The watch may not know a new one yet, so what it does not know is asked for. */
    @Override
    public boolean undecided(String namespace, String name) {
        return approvals.pending(namespace, name) || api.pending(namespace, name);
    }
}
