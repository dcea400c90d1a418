package dev.wheelhouse.operator.domain.schedule;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many times of a Schedule were missed, or skipped: in all and by reason.
 *
 * @param total for all reasons, those too that were not recorded or are not known here
 * @param reasons those that occurred, in their order; together at most {@code total}
 */
public record Tally<R extends Enum<R>>(long total, Map<R, Long> reasons) {
    public Tally {
        reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
    }

    /** Nothing yet. */
    public static <R extends Enum<R>> Tally<R> none() {
        return new Tally<R>(0, Map.of());
    }

    /** As many more. */
    Tally<R> plus(R reason, int times) {
        var more = new TreeMap<>(reasons);
        more.merge(reason, (long) times, Long::sum);
        return new Tally<>(total + times, more);
    }
}
