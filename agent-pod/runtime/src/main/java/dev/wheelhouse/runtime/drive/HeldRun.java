package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.drive.Signals;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.harness.RunId;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/** One run in the hands of this process: what was last seen of it, and what can be told to it. Thread-safe. */
final class HeldRun {
    private final RunId id;
    private final Baton baton;
    private final Signals signals;
    private final long since;
    /** Held while the status is written: progress and end must not race. */
    private final ReentrantLock writing = new ReentrantLock();

    private volatile Run seen;
    private volatile Summary latest = Summary.EMPTY;
    private volatile boolean recorded;
    private volatile boolean taken;
    private volatile Unsaid unsaid;
    private Summary shown = Summary.EMPTY;
    private long shownAt;

    /**
     * What the run's sandbox is, although the status does not say so yet.
     *
     * @param network null: nothing new
     * @param since when that began, by {@link System#nanoTime}
     */
    record Unsaid(SandboxState sandbox, RunDesk.Network network, long since) {}

    /** @param since monotonic time of the assignment */
    HeldRun(Run run, Holder holder, long since) {
        this.id = new RunId(
                run.getMetadata().getNamespace(),
                run.getMetadata().getName(),
                run.getMetadata().getUid());
        this.baton = Baton.of(run, holder);
        this.signals = new Signals(() -> !holder.mayAct());
        this.since = since;
        this.shownAt = since;
        this.seen = run;
        see(run);
    }

    RunId id() {
        return id;
    }

    Baton baton() {
        return baton;
    }

    Signals signals() {
        return signals;
    }

    Run seen() {
        return seen;
    }

    Summary latest() {
        return latest;
    }

    long since() {
        return since;
    }

    ReentrantLock writing() {
        return writing;
    }

    /** A newer state of the run, from the watch or from our own write; an older one is ignored. */
    void see(Run run) {
        if (version(run) >= version(seen)) {
            seen = run;
        }
        if (Boolean.TRUE.equals(run.getSpec().cancel())) {
            signals.cancel();
        }
    }

    /** The run's sandbox, or null. */
    SandboxState sandbox() {
        Unsaid present = unsaid;
        return present == null ? seen.getStatus().sandbox() : present.sandbox();
    }

    /** Null if the status says everything. */
    Unsaid unsaid() {
        return unsaid;
    }

    synchronized void sandboxSoon(UnaryOperator<SandboxState> change, RunDesk.Network network, long now) {
        SandboxState before = sandbox();
        unsaid = new Unsaid(
                change.apply(before == null ? SandboxState.NONE : before),
                network != null || unsaid == null ? network : unsaid.network(),
                unsaid == null ? now : unsaid.since());
    }

    /** The status says this now. */
    synchronized void said(Unsaid written) {
        if (unsaid == written) {
            unsaid = null;
        }
    }

    /** Records became durable. Returns whether they are the first of this assignment. */
    boolean recorded(Summary summary) {
        boolean first = !recorded;
        recorded = true;
        latest = summary;
        return first;
    }

    /** The run is not ours any more. */
    void take() {
        taken = true;
        signals.fence();
    }

    boolean taken() {
        return taken;
    }

    /** What progress has to be shown, or null; only while {@link #writing()} is held. */
    Summary unshown(long now, long everyNanos) {
        Summary summary = latest;
        return summary.equals(shown) || now - shownAt < everyNanos ? null : summary;
    }

    /** Only while {@link #writing()} is held. */
    void showed(Summary summary, long now) {
        shown = summary;
        shownAt = now;
    }

    /** Resource versions of one kind of resource grow. */
    private static long version(Run run) {
        return Long.parseLong(run.getMetadata().getResourceVersion());
    }
}
