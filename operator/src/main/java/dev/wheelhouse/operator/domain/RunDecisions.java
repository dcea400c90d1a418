package dev.wheelhouse.operator.domain;

import dev.wheelhouse.operator.domain.Decision.Cause;
import dev.wheelhouse.operator.domain.Decision.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** The life of a run as the operator sees it: one function from what is seen to what is to be done. */
public final class RunDecisions {
    /** When a resource is retried if the runtime did not say when. */
    static final Duration DEFAULT_RETRY = Duration.ofSeconds(30);

    private RunDecisions() {}

    /** The rest of the world, asked only where a decision needs it. */
    public interface World {
        Instant now();

        /** State of the process that holds the run. */
        HolderState holder(RunView run);

        /** What is wrong with what the run refers to. */
        Optional<Problem> problem(RunView run);

        /** Whether a run of this name exists and has not ended. */
        boolean unfinished(String namespace, String name);

        /** Whether what the run waits for has come since it began to wait; false where nobody can see that. */
        boolean came(RunView run, RunView.Wait wait);

        /** Whether an Approval of this name exists and has not been decided. */
        boolean undecided(String namespace, String name);
    }

    /** Decides. Total: every view has a decision, and a finished or deleted run is always left alone. */
    public static Decision decide(RunView run, World world) {
        if (run.finished() || run.deleting()) {
            return new Decision.Leave(Optional.empty());
        }
        Optional<Instant> deadline = run.deadline();
        if (deadline.isPresent() && !world.now().isBefore(deadline.get())) {
            return new Decision.End(Ending.DEADLINE_EXCEEDED);
        }
        return run.held() ? held(run, world, deadline) : free(run, world, deadline);
    }

    private static Decision held(RunView run, World world, Optional<Instant> deadline) {
        return switch (world.holder(run)) {
            case ALIVE -> new Decision.Leave(deadline);
            case SUSPECT -> new Decision.Verify();
            case LOST -> run.cancel() ? new Decision.End(Ending.CANCELLED) : new Decision.Place(Cause.RECOVERED);
        };
    }

    private static Decision free(RunView run, World world, Optional<Instant> deadline) {
        if (run.cancel()) {
            return new Decision.End(Ending.CANCELLED);
        }
        if (run.waiting() != null) {
            return waiting(run, run.waiting(), world, deadline);
        }
        if (run.started() != null) {
            return new Decision.Place(Cause.HANDED_OVER);
        }
        // Only before the first start: later the run is pinned to the specs it saw.
        return world.problem(run).<Decision>map(Decision.Refuse::new).orElseGet(() -> new Decision.Place(Cause.FIRST));
    }

    private static Decision waiting(RunView run, RunView.Wait wait, World world, Optional<Instant> deadline) {
        return switch (wait.kind()) {
            case Run ->
                wait.names().stream().anyMatch(name -> world.unfinished(run.id().namespace(), name))
                        ? new Decision.Leave(deadline)
                        : new Decision.Place(Cause.RESUMED);
            case Resource -> {
                Instant retry = retryAt(run, wait);
                yield world.now().isBefore(retry) && !world.came(run, wait)
                        ? new Decision.Leave(earliest(Optional.of(retry), deadline))
                        : new Decision.Place(Cause.RESUMED);
            }
            case Approval ->
                // The run acts on what is decided and waits again for the rest.
                wait.names().stream().allMatch(name -> world.undecided(run.id().namespace(), name))
                        ? new Decision.Leave(deadline)
                        : new Decision.Place(Cause.RESUMED);
            case InDoubt -> new Decision.Leave(deadline);
        };
    }

    private static Instant retryAt(RunView run, RunView.Wait wait) {
        if (wait.retryAt() != null) {
            return wait.retryAt();
        }
        Instant since = wait.since() != null ? wait.since() : run.created();
        return since.plus(DEFAULT_RETRY);
    }

    private static Optional<Instant> earliest(Optional<Instant> a, Optional<Instant> b) {
        return Stream.of(a, b).flatMap(Optional::stream).min(Instant::compareTo);
    }
}
