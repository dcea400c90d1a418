package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** Writes into the status what became of a run, for as long as it takes and this process holds it. */
final class Conclusion {
    private static final Logger LOG = Logger.getLogger(Conclusion.class);
    /** Tries at a write in the middle of a run, where a call waits for it. */
    private static final int NOTE_ATTEMPTS = 5;

    private final KubernetesClient client;
    private final JournalStore store;
    private final TenantSpec.Store storeKind;
    private final Pinnings pinnings;
    private final RunStatusWriter writer;
    private final ChildRuns children;
    private final Approvals approvals;
    private final RunEvents events;
    private final ApiPermits permits;
    private final InstantSource clock;
    private final Pause pause;

    Conclusion(
            KubernetesClient client,
            JournalStore store,
            TenantSpec.Store storeKind,
            Pinnings pinnings,
            Approvals approvals,
            RunEvents events,
            ApiPermits permits,
            InstantSource clock,
            Pause pause) {
        this.client = client;
        this.store = store;
        this.storeKind = storeKind;
        this.pinnings = pinnings;
        this.writer = new RunStatusWriter(client, permits);
        this.children = new ChildRuns(client, permits);
        this.approvals = approvals;
        this.events = events;
        this.permits = permits;
        this.clock = clock;
        this.pause = pause;
    }

    /** What core asks when it finds an empty journal. */
    Pinning pinning(HeldRun run) {
        return () -> {
            refuseToBeginAgain(run);
            return pinnings.of(run.seen()).pin();
        };
    }

    /**
     * An empty journal of a run that has one is a lost journal, or that of a deleted run whose deletion is not seen
     * yet. To begin again would repeat every effect.
     */
    private void refuseToBeginAgain(HeldRun run) throws Pinning.Refused {
        var shown = run.seen().getStatus().journal();
        long records = Math.max(run.latest().records(), shown == null || shown.records() == null ? 0 : shown.records());
        if (records > 0) {
            throw new Pinning.Refused("its journal of " + records + " records is gone");
        }
        if (run.baton().epoch() > 1 && !run.baton().ownedIn(read(run))) {
            run.take();
            throw new Pinning.Refused("the run was deleted or taken away");
        }
    }

    private Run read(HeldRun run) {
        return permits.call(() -> client.resources(Run.class)
                .inNamespace(run.id().namespace())
                .withName(run.id().name())
                .get());
    }

    /** Returns whether the run must be driven again by this process. */
    boolean conclude(HeldRun run, RunEnd end) {
        return switch (end) {
            case RunEnd.Completed e -> written(run, end, (to, s) -> to.completed(s, e.result(), e.summary()));
            case RunEnd.Failed e ->
                written(run, end, (to, s) -> to.failed(s, e.reason().condition(), e.message(), e.summary()));
            case RunEnd.Cancelled e -> written(run, end, (to, s) -> to.cancelled(s, e.summary()));
            case RunEnd.Waiting e -> written(run, end, (to, s) -> to.waiting(s, e.reason(), e.summary()));
            case RunEnd.Drained e -> written(run, end, (to, s) -> to.drained(s, e.summary()));
            case RunEnd.Paused e -> written(run, end, (to, s) -> to.paused(s, e.message(), e.summary()));
            case RunEnd.Fenced e -> lookAgain(run);
            case RunEnd.Gone e -> lookAgain(run);
        };
    }

    /** A mistake of ours in driving this run must not become one in driving the others, nor an endless loop. */
    void broken(HeldRun run, RuntimeException cause) {
        String message = "internal error: " + cause;
        conclude(run, new RunEnd.Failed(FailureReason.FAILED, message, run.latest()));
    }

    /** Shows the present state, if it changed; one try only. Returns whether it tried. */
    boolean progress(HeldRun run, long now, long everyNanos) {
        if (!run.writing().tryLock()) {
            return false;
        }
        try {
            Summary summary = run.unshown(now, everyNanos);
            if (summary == null || run.signals().fenced()) {
                return false;
            }
            run.showed(summary, now);
            RunStatuses to = statuses(run);
            write(run, to, (t, s) -> t.progress(s, summary));
            return true;
        } finally {
            run.writing().unlock();
        }
    }

    /** Says what has been unsaid for so long; one try only. */
    void sayUnsaid(HeldRun run, long now, long afterNanos) {
        HeldRun.Unsaid unsaid = run.unsaid();
        if (unsaid == null
                || now - unsaid.since() < afterNanos
                || !run.writing().tryLock()) {
            return;
        }
        try {
            if (!run.signals().fenced()) {
                write(run, statuses(run), (to, status) -> status);
            }
        } finally {
            run.writing().unlock();
        }
    }

    /** Writes a change, and what the run has to say of its sandbox besides. */
    private RunStatusWriter.Outcome write(HeldRun run, RunStatuses to, Change change) {
        HeldRun.Unsaid unsaid = run.unsaid();
        RunStatusWriter.Outcome outcome = writer.write(
                run.seen(),
                run.baton(),
                s -> change.of(to, unsaid == null ? s : to.sandbox(s, before -> unsaid.sandbox(), unsaid.network())));
        if (outcome instanceof RunStatusWriter.Outcome.Written(Run written)) {
            run.see(written);
            run.said(unsaid);
        }
        return outcome;
    }

    /** A pure change of a status. */
    interface Change {
        RunStatus of(RunStatuses to, RunStatus present);
    }

    /**
     * Writes something into the status while the run goes on; tries for a while.
     *
     * @throws RunDesk.NotWritten if it is not certain that it was written
     */
    void note(HeldRun run, Change change) throws RunDesk.NotWritten {
        run.writing().lock();
        try {
            RunStatuses to = statuses(run);
            String last = "the run was taken away";
            for (int attempt = 0; attempt < NOTE_ATTEMPTS && !run.signals().fenced(); attempt++) {
                if (attempt > 0) {
                    pause.before(attempt - 1);
                }
                switch (write(run, to, change)) {
                    case RunStatusWriter.Outcome.Written _ -> {
                        return;
                    }
                    case RunStatusWriter.Outcome.NotOurs() ->
                        throw new RunDesk.NotWritten("the run was taken away or deleted");
                    case RunStatusWriter.Outcome.Refused(String message) -> throw new RunDesk.NotWritten(message);
                    case RunStatusWriter.Outcome.Unknown(String message) -> last = message;
                }
            }
            throw new RunDesk.NotWritten(last);
        } finally {
            run.writing().unlock();
        }
    }

    private boolean written(HeldRun run, RunEnd end, Change change) {
        run.writing().lock();
        try {
            RunStatuses to = statuses(run);
            for (int attempt = 0; !run.signals().fenced(); attempt++) {
                if (tryWrite(run, end, to, change)) {
                    return false;
                }
                pause.before(attempt);
            }
            LOG.infof("%s: %s, but the run was taken away before its status was written", run.id(), end);
            return false;
        } finally {
            run.writing().unlock();
        }
    }

    /** Returns whether nothing is left to do. */
    private boolean tryWrite(HeldRun run, RunEnd end, RunStatuses to, Change change) {
        try {
            if (leavesChildren(end)) {
                children.cancelUnfinished(run.id());
            }
            if (leavesQuestions(end)) {
                approvals.withdrawAll(run.id());
            }
        } catch (KubernetesClientException e) {
            LOG.warnf("%s: cancel of its child runs, withdrawal of its questions: %s", run.id(), Failures.reason(e));
            return false;
        }
        return switch (write(run, to, change)) {
            case RunStatusWriter.Outcome.Written(Run written) -> {
                tell(written, run.baton().epoch(), end);
                yield true;
            }
            case RunStatusWriter.Outcome.NotOurs() -> {
                LOG.infof("%s: epoch %d is over", run.id(), run.baton().epoch());
                yield true;
            }
            case RunStatusWriter.Outcome.Unknown(String message) -> {
                LOG.warnf("%s: status not written, trying again: %s", run.id(), message);
                yield false;
            }
            case RunStatusWriter.Outcome.Refused(String message) -> {
                LOG.errorf("%s: status refused: %s", run.id(), message);
                yield !(writer.write(run.seen(), run.baton(), s -> refused(to, s, message))
                        instanceof RunStatusWriter.Outcome.Unknown);
            }
        };
    }

    /** The API server does not take what we want to say; a run that says so is better than one that never ends. */
    private static RunStatus refused(RunStatuses to, RunStatus present, String message) {
        return to.failed(present, "Failed", "its status was refused: " + message, Summary.EMPTY);
    }

    private static boolean leavesChildren(RunEnd end) {
        return switch (end) {
            case RunEnd.Failed e -> e.summary().toolCalls() > 0;
            case RunEnd.Cancelled e -> e.summary().toolCalls() > 0;
            default -> false;
        };
    }

    private static boolean leavesQuestions(RunEnd end) {
        return switch (end) {
            case RunEnd.Failed e -> e.summary().questions() > 0;
            case RunEnd.Cancelled e -> e.summary().questions() > 0;
            default -> false;
        };
    }

    private void tell(Run run, long epoch, RunEnd end) {
        switch (end) {
            case RunEnd.Failed e -> events.warning(run, epoch, e.reason().condition(), e.message());
            case RunEnd.Cancelled e -> events.normal(run, epoch, "Cancelled", "spec.cancel was set");
            case RunEnd.Waiting e ->
                events.normal(
                        run,
                        epoch,
                        "Waiting",
                        "for " + run.getStatus().waitingFor().summary());
            case RunEnd.Paused e -> events.warning(run, epoch, "UnknownRecord", e.message());
            default -> {
                // A plain success, a handover and a loss are no news for people.
            }
        }
    }

    /**
     * The journal says that somebody else writes it, or that it is gone. If the run is still ours, that was either a
     * late echo of our own write (drive again) or a journal that lost records, which must never be taken for a new
     * run: its effects would be repeated.
     */
    private boolean lookAgain(HeldRun run) {
        for (int attempt = 0; !run.signals().fenced(); attempt++) {
            pause.before(attempt);
            try {
                Run found = read(run);
                if (!run.baton().ownedIn(found)) {
                    return false;
                }
                run.see(found);
                int records = store.read(run.id()).size();
                if (records >= run.latest().records()) {
                    return true;
                }
                String message = "its journal lost records: " + run.latest().records() + " were written, " + records
                        + " are there";
                return conclude(run, new RunEnd.Failed(FailureReason.FAILED, message, run.latest()));
            } catch (KubernetesClientException e) {
                LOG.warnf("%s: %s", run.id(), Failures.reason(e));
            } catch (StoreException e) {
                LOG.warnf("%s: %s", run.id(), e.getMessage());
            }
        }
        return false;
    }

    private RunStatuses statuses(HeldRun run) {
        return new RunStatuses(run.id().name(), run.seen().getMetadata().getGeneration(), storeKind, clock.instant());
    }
}
