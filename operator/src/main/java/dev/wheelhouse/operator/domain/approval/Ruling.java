package dev.wheelhouse.operator.domain.approval;

import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Verdict;
import java.time.Instant;
import java.util.List;

/** What is to be said about an Approval now. */
public sealed interface Ruling {
    /**
     * Decided, once and for all.
     *
     * @param verdict what was decided, or null if nothing was
     * @param by who decided, in the order in which they did
     * @param at when the deciding decision was first seen, or null
     */
    record Settled(ApprovalStatus.Phase phase, Verdict verdict, List<String> by, Instant at, Why why)
            implements Ruling {}

    /** Not decided yet. {@code lookAgain}: when time changes something. */
    record Open(boolean escalated, Instant lookAgain) implements Ruling {}

    /** Who decides cannot be trusted now: nothing is settled. */
    record Held() implements Ruling {}

    /** Why something was settled. */
    enum Why {
        /** People decided. */
        DECIDED,
        /** Nobody did in time. */
        EXPIRED,
        /** Decisions were made, or have vanished, while nothing held people to their own names. */
        DOUBT
    }
}
