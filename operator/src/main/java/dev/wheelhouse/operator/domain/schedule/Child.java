package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.util.Objects;

/**
 * A Run owned by the Schedule, as it is now.
 *
 * @param slot time it was started for; null if by hand
 * @param end null while it is unfinished
 * @param endedAt null while it is unfinished
 * @param costMicros micro-dollars used so far
 * @param limitMicros micro-dollars that it may use; 0 without a limit
 * @param result what it answered, where the input of later runs uses it; null otherwise
 * @param cancelling whether it was asked to end
 * @param number of a backfill: which of the Schedule's it is, from 1; 0 if not known
 * @param kept whether somebody wants it to stay when it has ended
 */
public record Child(
        String name,
        String uid,
        Origin origin,
        Instant slot,
        End end,
        Instant endedAt,
        long costMicros,
        long limitMicros,
        String result,
        boolean cancelling,
        long number,
        boolean kept) {
    /** Who started it. */
    public enum Origin {
        TIME,
        BACKFILL,
        MANUAL
    }

    /** How it ended. */
    public enum End {
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    public Child {
        Objects.requireNonNull(uid);
        Objects.requireNonNull(origin);
    }

    /** Whether it has ended. */
    public boolean finished() {
        return end != null;
    }
}
