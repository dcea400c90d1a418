package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.Limits;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The limits a run is held to. Agent and Run choose, the lower one counts; where neither does, the built-in default
 * holds. The Tenant only lowers.
 */
final class EffectiveLimits {
    private static final dev.wheelhouse.core.guard.Limits DEFAULT = dev.wheelhouse.core.guard.Limits.DEFAULT;

    private EffectiveLimits() {}

    /** Each of them may be null. */
    static dev.wheelhouse.core.guard.Limits of(Limits tenant, Limits agent, Limits run) {
        Lowest lowest = new Lowest(tenant, agent, run);
        Long seconds = lowest.of(Limits::seconds, null);
        return new dev.wheelhouse.core.guard.Limits(
                lowest.of(Limits::steps, DEFAULT.steps()),
                lowest.of(Limits::toolCalls, DEFAULT.toolCalls()),
                lowest.of(Limits::tokens, DEFAULT.tokens()),
                lowest.of(Limits::costMicros, DEFAULT.costMicros()),
                seconds == null ? DEFAULT.wallTime() : Duration.ofSeconds(seconds),
                lowest.of(Limits::repairs, DEFAULT.repairs()),
                lowest.of(Limits::identicalCalls, DEFAULT.identicalCalls()),
                lowest.of(Limits::depth, DEFAULT.depth()));
    }

    private record Lowest(Limits tenant, Limits agent, Limits run) {
        <T extends Comparable<T>> T of(Function<Limits, T> field, T fallback) {
            T chosen = min(value(agent, field), value(run, field));
            return min(chosen == null ? fallback : chosen, value(tenant, field));
        }

        private static <T> T value(Limits limits, Function<Limits, T> field) {
            return limits == null ? null : field.apply(limits);
        }

        private static <T extends Comparable<T>> T min(T one, T other) {
            return Stream.of(one == null ? other : one, other == null ? one : other)
                    .filter(Objects::nonNull)
                    .min(T::compareTo)
                    .orElse(null);
        }
    }
}
