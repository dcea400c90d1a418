package dev.wheelhouse.operator.domain;

import java.time.Instant;
import java.util.Optional;

/** What to do about a run now. */
public sealed interface Decision {
    /** Nothing to do before the given moment, if there is one. */
    record Leave(Optional<Instant> lookAgain) implements Decision {}

    /** The holder looks lost: ask the API server. */
    record Verify() implements Decision {}

    /** Something the run refers to is missing or wrong. */
    record Refuse(Problem problem) implements Decision {}

    /** The run should execute: give it a place and a runtime. */
    record Place(Cause cause) implements Decision {}

    /** The operator ends the run. If a process holds the baton, it is taken away in the same write. */
    record End(Ending ending) implements Decision {}

    /** Why a run needs a runtime. */
    enum Cause {
        FIRST,
        HANDED_OVER,
        RECOVERED,
        RESUMED
    }

    /** How the operator ends a run. */
    enum Ending {
        CANCELLED,
        DEADLINE_EXCEEDED
    }
}
