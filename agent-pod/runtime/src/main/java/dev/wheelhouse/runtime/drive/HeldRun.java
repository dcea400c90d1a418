package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.drive.Signals;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.harness.RunId;
import java.util.concurrent.locks.ReentrantLock;

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
    private Summary shown = Summary.EMPTY;
    private long shownAt;

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
