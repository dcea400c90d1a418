package dev.wheelhouse.core.approval;

import java.time.Instant;

/**
 * Where a question stands, as read just now.
 *
 * @param version opaque; changes with every change of the object
 * @param requestHash recomputed from the request as read, not what the object says of itself
 * @param phase as in the API
 * @param verdict null while undecided
 * @param decidedBy user names, or null
 * @param reason words of who decided, or null
 * @param text edited arguments or the answer, or null
 * @param identityVerified whether the decision is known to be of who it names
 * @param consumedEpoch epoch that used it, or null
 */
public record Standing(
        String name,
        String uid,
        String version,
        String runUid,
        String requestHash,
        Phase phase,
        Verdict verdict,
        String decidedBy,
        Instant decidedAt,
        String reason,
        String text,
        boolean identityVerified,
        Long consumedEpoch) {
    /** As in the API. */
    public enum Phase {
        Pending,
        Approved,
        Rejected,
        Expired,
        Consumed,
        Withdrawn
    }
}
