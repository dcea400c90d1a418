package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.operator.domain.Admission;
import dev.wheelhouse.operator.domain.Refusals;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.RunView;
import dev.wheelhouse.operator.domain.RuntimeDirectory;
import dev.wheelhouse.operator.domain.RuntimeDirectory.Change;
import dev.wheelhouse.operator.kube.Catalog;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the operator keeps in memory of runs, and whom a change concerns. All of it is rebuilt from what the watches
 * show; none of it is needed for safety, which rests on locked writes.
 */
public final class RunBook {
    private final Catalog catalog;
    private final RuntimeDirectory directory;
    private final LongSupplier nanoTime;
    private final Refusals refusals = new Refusals();
    private final Map<String, Admission> admissions = new ConcurrentHashMap<>();
    private volatile Consumer<RunId> wake = run -> {};
    private volatile Consumer<String> touched = namespace -> {};
    private volatile Consumer<String> needed = namespace -> {};

    public RunBook(Catalog catalog, RuntimeDirectory directory, LongSupplier nanoTime) {
        this.catalog = catalog;
        this.directory = directory;
        this.nanoTime = nanoTime;
    }

    /** Who reconciles a run that is woken. */
    public void onWake(Consumer<RunId> wake) {
        this.wake = wake;
    }

    /** Who looks after a namespace's runtime when something of it changed, or when a run misses it. */
    public void onTouched(Consumer<String> touched, Consumer<String> needed) {
        this.touched = touched;
        this.needed = needed;
    }

    public Admission admission(String namespace) {
        return admissions.computeIfAbsent(namespace, n -> new Admission());
    }

    /** Namespaces with runs that have not ended, and some that had such runs. */
    public Set<String> namespaces() {
        return Set.copyOf(admissions.keySet());
    }

    public Refusals refusals() {
        return refusals;
    }

    public RuntimeDirectory directory() {
        return directory;
    }

    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** A watch shows the run. */
    public void seen(RunView run) {
        if (admission(run.id().namespace()).observe(run)) {
            wakeTurns(run.id().namespace());
        }
    }

    /** The run's own reconciliation sees it: see {@link Admission#correct}. */
    void correct(RunView run) {
        if (admission(run.id().namespace()).correct(run)) {
            wakeTurns(run.id().namespace());
        }
    }

    /** A run needs the namespace's runtime, and there is none. */
    void need(String namespace) {
        needed.accept(namespace);
    }

    /** The run has ended or was deleted. {@code parent}: name of the run that delegated to it, or empty. */
    public void gone(RunId run, String parent) {
        admission(run.namespace()).forget(run.uid());
        refusals.remove(run.uid());
        wakeTurns(run.namespace());
        if (!parent.isEmpty()) {
            wake.accept(new RunId(run.namespace(), parent, ""));
        }
        if (!admission(run.namespace()).needsSharedRuntime()) {
            touched.accept(run.namespace());
        }
    }

    /** An Approval that the run of this name asked for is decided or gone. */
    void decided(String namespace, String run) {
        wake.accept(new RunId(namespace, run, ""));
    }

    /** Lets queued runs whose turn has come ask for their place. */
    public void wakeTurns(String namespace) {
        if (catalog.complete()) {
            admission(namespace).turns(tenant(namespace).maxConcurrentRuns()).forEach(wake);
        }
    }

    /** A runtime process appeared or may be lost. */
    public void runtimeChanged(Change change) {
        if (change.nothing()) {
            return;
        }
        Admission admission = admission(change.namespace());
        if (!change.lost().isEmpty()) {
            admission.heldBy(change.lost()).forEach(wake);
        }
        if (change.appeared().isPresent()) {
            // After an outage the old holders were lost long ago, and their runs may be between two retries.
            admission
                    .heldByOthers(directory.alive(change.namespace(), nanoTime()))
                    .forEach(wake);
            if (change.runUid().isEmpty()) {
                wakeTurns(change.namespace());
            } else {
                admission.find(change.runUid()).ifPresent(wake);
            }
        }
        touched.accept(change.namespace());
    }

    /** Processes fell silent. */
    public void runtimesChanged(Collection<Change> changes) {
        changes.forEach(this::runtimeChanged);
    }

    /** An object that runs refer to appeared, changed or went; {@code object} is {@code Kind/name}. */
    public void definitionChanged(String namespace, String object) {
        refusals.helpedBy(namespace, object).forEach(wake);
        if (object.startsWith("Tenant/")) {
            wakeTurns(namespace);
        }
        touched.accept(namespace);
    }

    public TenantSpec tenant(String namespace) {
        return catalog.of(namespace).tenant();
    }
}
