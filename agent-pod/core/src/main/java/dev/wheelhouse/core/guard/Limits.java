package dev.wheelhouse.core.guard;

import java.time.Duration;

/**
 * Effective limits of a run: the lowest of tenant, agent and run, defaults filled in.
 *
 * @param tokens null: none
 * @param costMicros micro-dollars; null: none
 * @param wallTime from the first start; null: none
 * @param repairs how often a malformed call or answer is returned to the model
 * @param identicalCalls identical consecutive calls that end the run
 * @param depth how deep this run may delegate
 */
public record Limits(
        int steps,
        int toolCalls,
        Long tokens,
        Long costMicros,
        Duration wallTime,
        int repairs,
        int identicalCalls,
        int depth) {
    public static final Limits DEFAULT = new Limits(50, 200, null, null, null, 5, 5, 3);
}
