package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.operator.domain.Admission;
import dev.wheelhouse.operator.domain.Decision.Cause;
import dev.wheelhouse.operator.domain.Decision.Ending;
import dev.wheelhouse.operator.domain.Placement;
import dev.wheelhouse.operator.domain.Problem;
import dev.wheelhouse.operator.domain.RunView;
import dev.wheelhouse.operator.domain.RuntimeRef;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.kube.ApprovalApi;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.RunCommands;
import dev.wheelhouse.operator.kube.RunStatuses;
import dev.wheelhouse.operator.kube.RunViews;
import dev.wheelhouse.operator.kube.StatusWriter;
import dev.wheelhouse.operator.kube.StatusWriter.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Carries decisions out. Each method makes at most one write of the run's status, and answers when to look again, if not
 * at the next event.
 */
public final class RunActions {
    /** How long a run may queue before anybody is told. */
    private static final Duration QUIET = Duration.ofSeconds(2);
    /** How often a queued run's position is refreshed. */
    private static final Duration REFRESH = Duration.ofSeconds(30);
    /** When to look again after a write that somebody else's write forestalled; the event usually comes first. */
    private static final Duration CONFLICT = Duration.ofMillis(200);

    /** How often it is made sure that a run that waits for its own runtime still has its Deployment. */
    private static final Duration OWN_CHECK = Duration.ofSeconds(5);

    private static final double QUEUE_WRITES_PER_SECOND = 10;
    private static final double QUEUE_WRITES_SAVED = 20;

    private final RunBook book;
    private final StatusWriter writer;
    private final RunCommands commands;
    private final ApprovalApi approvals;
    private final OwnRuntimes ownRuntimes;
    private final Events events;
    private final MeterRegistry metrics;
    private final Clockwork clock;
    private final Pace queueWrites;
    private volatile Function<String, List<Run>> children = uid -> List.of();

    public RunActions(
            RunBook book,
            StatusWriter writer,
            RunCommands commands,
            ApprovalApi approvals,
            OwnRuntimes ownRuntimes,
            Events events,
            MeterRegistry metrics,
            Clockwork clock) {
        this.book = book;
        this.writer = writer;
        this.commands = commands;
        this.approvals = approvals;
        this.ownRuntimes = ownRuntimes;
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
        this.queueWrites = new Pace(QUEUE_WRITES_PER_SECOND, QUEUE_WRITES_SAVED, clock.nanoTime());
    }

    /** Where to find the unfinished runs that a run (by UID) delegated to. */
    void children(Function<String, List<Run>> children) {
        this.children = children;
    }

    /** The run is to be left alone; if it waits, it needs no pod. */
    void leave(Run run, RunView view) {
        if (!view.held()) {
            ownRuntimes.release(run);
        }
    }

    /** Says at the run why it has no sandbox, or that it has one after all. */
    Optional<Duration> tell(Run run, SandboxReadiness readiness) {
        return retry(write(run, RunStatuses.sandbox(run, readiness, now())));
    }

    /** The run has ended or was deleted. */
    void gone(Run run) {
        ownRuntimes.release(run);
    }

    Optional<Duration> refuse(Run run, RunView view, Problem problem) {
        admission(view).idle(view);
        book.refusals().add(view, problem);
        book.wakeTurns(view.id().namespace());
        Outcome outcome = write(run, RunStatuses.refused(run, problem, now()));
        if (outcome == Outcome.WRITTEN) {
            events.emit(run, Events.Type.Warning, problem.reason(), problem.message());
        }
        return retry(outcome);
    }

    Optional<Duration> end(Run run, RunView view, Ending ending) {
        // Children first: should this fail, the run is still there to try again.
        children.apply(view.id().uid()).stream()
                .filter(child -> !RunViews.of(child).cancel())
                .forEach(child -> commands.cancel(RunViews.id(child)));
        withdrawQuestions(run);
        RunStatus status = RunStatuses.ended(run, ending, now());
        Outcome outcome = write(run, status);
        if (outcome.done()) {
            book.gone(
                    view.id(),
                    run.getSpec().parent() == null ? "" : run.getSpec().parent().name());
            String reason = ending == Ending.CANCELLED ? "Cancelled" : "DeadlineExceeded";
            events.emit(run, Events.Type.Warning, reason, "the operator ended the run");
        }
        return retry(outcome);
    }

    /** Nobody should decide about what will not happen. A decision at the same moment has no effect: the run is over. */
    private void withdrawQuestions(Run run) {
        WaitingFor waiting = run.getStatus() == null ? null : run.getStatus().waitingFor();
        if (waiting == null || waiting.kind() != WaitingFor.Kind.Approval || waiting.names() == null) {
            return;
        }
        String namespace = run.getMetadata().getNamespace();
        String uid = run.getMetadata().getUid();
        for (String name : waiting.names()) {
            approvals
                    .open(namespace, name, uid)
                    .ifPresent(approval -> writer.write(
                            approval,
                            Objects.requireNonNullElse(approval.getStatus(), ApprovalStatus.NONE)
                                    .withdrawn(),
                            Approval::new));
        }
    }

    Optional<Duration> place(Run run, RunView view, Cause cause) {
        book.refusals().remove(view.id().uid());
        String namespace = view.id().namespace();
        var tenant = book.tenant(namespace);
        boolean isolated = view.isolated() || tenant.isolation() == Isolation.Run;
        List<RuntimeRef> runtimes = isolated
                ? book.directory().ownOf(namespace, view.id().uid(), book.nanoTime())
                : book.directory().shared(namespace, book.nanoTime());
        Placement placement = admission(view).place(view, tenant.maxConcurrentRuns(), isolated, runtimes);
        return switch (placement) {
            case Placement.Assigned assigned -> assign(run, view, cause, assigned.runtime());
            case Placement.OwnRuntime ignored -> {
                ownRuntimes.ensure(run);
                Optional<Duration> next = pending(run, view, 1, "NoRuntimeYet", "the run's own runtime is starting");
                yield next.map(after -> after.compareTo(OWN_CHECK) < 0 ? after : OWN_CHECK);
            }
            case Placement.NoRuntime none -> {
                book.need(namespace);
                yield pending(run, view, none.position(), "NoRuntimeYet", "the namespace's runtime is starting");
            }
            case Placement.Queued queued ->
                pending(
                        run,
                        view,
                        queued.position(),
                        "Queued",
                        "place " + queued.position() + " in the queue; the tenant lets " + queued.limit()
                                + " runs execute at once");
        };
    }

    private Optional<Duration> assign(Run run, RunView view, Cause cause, RuntimeRef runtime) {
        Outcome outcome = write(run, RunStatuses.assigned(run, runtime, now()));
        if (outcome.done()) {
            metrics.counter("wheelhouse.assignments", "cause", cause.name()).increment();
            switch (cause) {
                case RECOVERED ->
                    events.emit(
                            run,
                            Events.Type.Warning,
                            "Recovered",
                            "pod " + view.pod() + " was lost; pod " + runtime.pod() + " continues");
                case RESUMED -> events.emit(run, Events.Type.Normal, "Resumed", "pod " + runtime.pod() + " continues");
                case FIRST, HANDED_OVER -> {}
            }
        }
        return retry(outcome);
    }

    /** Waits for a place or a runtime. People are told only if it takes long, and not all of a crowd at once. */
    private Optional<Duration> pending(Run run, RunView view, int position, String reason, String message) {
        if (view.held()) {
            // Its holder is lost: fence it now, whoever takes the run later.
            return retry(write(run, RunStatuses.takenBack(run, position, message, now())));
        }
        Duration waited = Duration.between(view.created(), now());
        if (waited.compareTo(QUIET) < 0) {
            return Optional.of(QUIET.minus(waited));
        }
        RunStatus status = RunStatuses.queued(run, position, reason, message, now());
        if (!queueWrites.take()) {
            return Optional.of(jitter(REFRESH.dividedBy(6)));
        }
        Outcome outcome = write(run, status);
        if (outcome == Outcome.WRITTEN
                && (run.getStatus() == null || run.getStatus().queuePosition() == null)) {
            events.emit(run, Events.Type.Normal, reason, message);
        }
        return outcome.done() ? Optional.of(jitter(REFRESH)) : retry(outcome);
    }

    private Outcome write(Run run, RunStatus status) {
        return writer.write(run, status, Run::new);
    }

    private static Optional<Duration> retry(Outcome outcome) {
        return switch (outcome) {
            case WRITTEN, EQUAL, GONE -> Optional.empty();
            case SPEC_MOVED, STATUS_MOVED -> Optional.of(CONFLICT);
        };
    }

    private static Duration jitter(Duration around) {
        long millis = around.toMillis();
        return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis));
    }

    private Admission admission(RunView view) {
        return book.admission(view.id().namespace());
    }

    private Instant now() {
        return clock.now().get();
    }
}
