package dev.wheelhouse.operator.domain;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the operator sees of a run at one moment; it may be older than the truth.
 *
 * @param created when the run was created; the queue's order
 * @param deleting whether deletion has begun
 * @param agent name of the agent
 * @param isolated whether the run itself asks for a runtime pod of its own
 * @param activeDeadlineSeconds seconds from {@code started}, or null
 * @param costLimited whether the run itself has a cost limit
 * @param epoch number of assignments so far
 * @param holder process that holds the baton, empty if nobody does
 * @param pod pod of the last holder, or empty
 * @param podUid UID of that pod, or empty
 * @param refused whether the last word of the operator was that something is missing
 * @param started first start, or null
 * @param waiting what the run waits for, or null
 */
public record RunView(
        RunId id,
        Instant created,
        boolean deleting,
        String agent,
        boolean isolated,
        boolean cancel,
        Long activeDeadlineSeconds,
        boolean costLimited,
        RunPhase phase,
        long epoch,
        String holder,
        String pod,
        String podUid,
        boolean refused,
        Instant started,
        Wait waiting) {

    /** What a run waits for. {@code retryAt} and {@code since} may be null. */
    public record Wait(WaitingFor.Kind kind, List<String> names, Instant since, Instant retryAt) {}

    /** Whether the run has ended. */
    public boolean finished() {
        return phase != null && phase.finished();
    }

    /** Whether some process holds the baton. */
    public boolean held() {
        return !holder.isEmpty();
    }

    /** When {@code activeDeadlineSeconds} ends the run; empty before the first start or without a deadline. */
    public Optional<Instant> deadline() {
        return started == null || activeDeadlineSeconds == null
                ? Optional.empty()
                : Optional.of(started.plusSeconds(activeDeadlineSeconds));
    }
}
