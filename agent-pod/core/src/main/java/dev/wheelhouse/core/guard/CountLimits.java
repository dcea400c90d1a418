package dev.wheelhouse.core.guard;

import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import java.time.Instant;

/** Holds a run to its number of steps, tool calls and repairs. */
public final class CountLimits implements Guard {
    @Override
    public Step check(State state, Step step, Instant now) {
        return switch (step) {
            case Step.CallModel _ -> model(state, step);
            case Step.CallTools _ -> tools(state, step);
            default -> step;
        };
    }

    private static Step model(State state, Step step) {
        Limits limits = state.run().limits();
        if (state.turns().size() >= limits.steps()) {
            return reached("steps", state.turns().size(), limits.steps());
        }
        if (state.repairs() > limits.repairs()) {
            return reached("repairs of malformed calls and answers", state.repairs(), limits.repairs());
        }
        return step;
    }

    private static Step tools(State state, Step step) {
        int asked = state.turns().stream().mapToInt(turn -> turn.calls().size()).sum();
        boolean begun = state.turns().getLast().calls().stream()
                .anyMatch(call -> call.intent() != null || call.outcome() != null || call.consent() != null);
        int limit = state.run().limits().toolCalls();
        return asked > limit && !begun ? reached("toolCalls", asked, limit) : step;
    }

    private static Step reached(String limit, int count, int most) {
        return new Step.Fail(FailureReason.LIMIT_REACHED, limit + ": " + count + " where " + most + " are allowed");
    }
}
