package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.harness.State.Asking.Failure;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** Which model is asked next, and when: the same one again after a failure that may pass, else the next fallback. */
final class ModelChoice {
    /** Processes that may be lost during the same step: a call that kills its process must not do so for ever. */
    static final int LOST_CALLS = 10;

    private ModelChoice() {}

    static Step next(State state, Instant now) {
        if (state.asking().lost() >= LOST_CALLS) {
            return new Step.Fail(
                    FailureReason.MODEL_FAILED,
                    "the process was lost " + state.asking().lost() + " times during this model call");
        }
        for (PinnedModel model : state.run().models()) {
            List<Failure> failures = failuresOf(state, model);
            boolean refused = failures.stream().anyMatch(f -> f.failed().kind() == ModelException.Kind.REJECTED);
            if (!refused && failures.size() < Math.max(1, model.attempts())) {
                return new Step.CallModel(request(state, model), Spend.NONE, wait(state, failures, now));
            }
        }
        return new Step.Fail(FailureReason.MODEL_FAILED, explain(state));
    }

    private static List<Failure> failuresOf(State state, PinnedModel model) {
        return state.asking().failures().stream()
                .filter(f -> f.failed().model().equals(model.name()))
                // The run waited for the credential; that was no attempt.
                .filter(f -> f.failed().kind() != ModelException.Kind.NO_CREDENTIAL)
                .toList();
    }

    private static Duration wait(State state, List<Failure> failures, Instant now) {
        if (failures.isEmpty()) {
            return Duration.ZERO;
        }
        Failure last = failures.getLast();
        Long asked = last.failed().retryAfterMillis();
        return Backoff.MODEL.left(
                state.run().id().uid() + last.failed().step(),
                failures.size(),
                asked == null ? null : Duration.ofMillis(asked),
                last.at(),
                now);
    }

    private static ModelRequest request(State state, PinnedModel model) {
        return new ModelRequest(
                state.run().id(),
                model,
                state.run().instructions(),
                Conversation.of(state),
                Conversation.earlier(state.run()).size(),
                state.run().tools().stream().map(PinnedTool::asShown).toList(),
                state.turns().size() + 1,
                state.asking().nextAttempt(),
                model.maxOutputTokens());
    }

    private static String explain(State state) {
        return state.asking().failures().stream()
                .map(Failure::failed)
                .collect(Collectors.toMap(
                        Entry.ModelFailed::model, ModelChoice::text, (a, b) -> b, java.util.LinkedHashMap::new))
                .entrySet()
                .stream()
                .map(e -> e.getKey() + ": " + e.getValue())
                .collect(Collectors.joining("; ", "no model answered: ", ""));
    }

    private static String text(Entry.ModelFailed failed) {
        return failed.kind() + " at attempt " + failed.attempt() + ": " + failed.message();
    }
}
