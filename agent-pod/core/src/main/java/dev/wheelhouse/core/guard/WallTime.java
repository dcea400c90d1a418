package dev.wheelhouse.core.guard;

import dev.wheelhouse.core.harness.Allowances;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import java.time.Duration;
import java.time.Instant;

/** Starts nothing new once the run's time is over; calls whose outcome is open are still settled. */
public final class WallTime implements Guard {
    @Override
    public Step check(State state, Step step, Instant now) {
        if (!(step instanceof Step.CallModel) && !(step instanceof Step.Decide) && !startsCalls(step)) {
            return step;
        }
        Duration left = Allowances.wallTime(state, now);
        if (left == null || left.isPositive()) {
            return step;
        }
        return new Step.Fail(
                FailureReason.LIMIT_REACHED,
                "seconds: the wall time of " + state.run().limits().wallTime().toSeconds() + " s is over");
    }

    private static boolean startsCalls(Step step) {
        return step instanceof Step.CallTools(var calls)
                && calls.stream().allMatch(Step.Planned.Unchecked.class::isInstance);
    }
}
