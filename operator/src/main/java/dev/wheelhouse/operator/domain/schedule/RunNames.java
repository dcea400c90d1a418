package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.util.Locale;

/** Names of Runs: one per Schedule and time, so that the name is the lock against a second one. */
public final class RunNames {
    private RunNames() {}

    /** Name of the Run that {@code schedule} starts for {@code slot}: minutes since 1970, base 36. */
    public static String of(String schedule, Instant slot) {
        return schedule + "-"
                + Long.toString(Math.floorDiv(slot.getEpochSecond(), 60), 36).toLowerCase(Locale.ROOT);
    }
}
