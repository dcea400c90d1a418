package dev.wheelhouse.core.harness;

import java.time.Duration;
import java.time.Instant;

/**
 * Exponential delays with a cap. The jitter depends only on the key and the attempt: it spreads runs, and a process that
 * takes over waits as long as the one before.
 *
 * @param first delay after the first failure, before jitter
 * @param cap longest delay of our own; what a provider asks for may be longer
 * @param honoured longest delay that a provider may ask for
 */
public record Backoff(Duration first, Duration cap, Duration honoured) {
    public static final Backoff MODEL =
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofMinutes(15));
    public static final Backoff TOOL = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15), Duration.ZERO);
    public static final Backoff STORE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3), Duration.ZERO);

    /**
     * Delay after a failure: between half of the exponential one and all of it.
     *
     * @param attempt number of the attempt that failed, from 1
     * @param asked what the other side asked for, or null
     */
    public Duration delay(String key, int attempt, Duration asked) {
        long full = Math.min(cap.toMillis(), first.toMillis() << Math.min(20, attempt - 1));
        long spread = Math.floorMod((key + "#" + attempt).hashCode() * 2654435761L, full / 2 + 1);
        Duration own = Duration.ofMillis(full / 2 + spread);
        if (asked == null || asked.compareTo(own) <= 0) {
            return own;
        }
        return asked.compareTo(honoured) < 0 ? asked : honoured;
    }

    /** What is left of the delay; never more than the whole, whatever a clock says. */
    public Duration left(String key, int attempt, Duration asked, Instant failedAt, Instant now) {
        Duration whole = delay(key, attempt, asked);
        Duration left = Duration.between(now, failedAt.plus(whole));
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(whole) < 0 ? left : whole;
    }
}
