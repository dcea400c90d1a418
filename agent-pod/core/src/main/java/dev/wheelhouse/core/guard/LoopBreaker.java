package dev.wheelhouse.core.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Json;
import java.time.Instant;
import java.util.List;

/** Ends a run whose model makes the same call over and over. */
public final class LoopBreaker implements Guard {
    @Override
    public Step check(State state, Step step, Instant now) {
        if (!(step instanceof Step.CallTools(var planned))
                || !planned.stream().allMatch(Step.Planned.Unchecked.class::isInstance)) {
            return step;
        }
        List<ToolCall> calls = state.turns().reversed().stream()
                .flatMap(turn -> turn.calls().reversed().stream())
                .map(State.Call::asked)
                .limit(state.run().limits().identicalCalls())
                .toList();
        ToolCall last = calls.getFirst();
        String arguments = canonical(last.arguments());
        boolean same = calls.stream()
                .allMatch(call -> call.tool().equals(last.tool())
                        && canonical(call.arguments()).equals(arguments));
        if (!same || calls.size() < state.run().limits().identicalCalls()) {
            return step;
        }
        return new Step.Fail(
                FailureReason.LOOP_DETECTED,
                "the model made the same call of '" + last.tool() + "' " + calls.size()
                        + " times in a row (limits.identicalCalls)");
    }

    private static String canonical(String arguments) {
        try {
            return Canonical.text(Json.parse(arguments));
        } catch (JsonProcessingException | RuntimeException e) {
            return arguments;
        }
    }
}
