package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Duration;
import java.time.Instant;

/** What a run may hand down to the runs that it starts. */
public final class Allowances {
    private Allowances() {}

    /** What is left of the limits, shared evenly among so many calls. */
    public static Limits remaining(State state, Instant now, int sharers) {
        Limits limits = state.run().limits();
        Spend committed = state.committed();
        Long cost = limits.costMicros() == null || committed.costMicros() == null
                ? limits.costMicros()
                : (Long) Math.max(0, limits.costMicros() - committed.costMicros());
        Long tokens = limits.tokens() == null
                ? null
                : (Long) Math.max(0, limits.tokens() - committed.tokens().total());
        return new Limits(
                Math.max(0, limits.steps() - state.turns().size()),
                Math.max(0, limits.toolCalls() - state.toolCalls()),
                share(tokens, sharers),
                share(cost, sharers),
                wallTime(state, now),
                limits.repairs(),
                limits.identicalCalls(),
                limits.depth());
    }

    /** Wall time that is left, or null without a limit; may be negative. */
    public static Duration wallTime(State state, Instant now) {
        Duration limit = state.run().limits().wallTime();
        return limit == null ? null : limit.minus(Duration.between(state.run().startedAt(), now));
    }

    static Spend reserved(Limits allowance) {
        if (allowance == null) {
            return Spend.NONE;
        }
        long tokens = allowance.tokens() == null ? 0 : allowance.tokens();
        long cost = allowance.costMicros() == null ? 0 : allowance.costMicros();
        return new Spend(new TokenUsage(tokens, 0, 0), cost);
    }

    private static Long share(Long whole, int sharers) {
        return whole == null ? null : (Long) (whole / Math.max(1, sharers));
    }
}
