package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.approval.Consequences;
import java.util.ArrayList;
import java.util.List;

/** The conversation as a provider accepts it: each call of the model is followed by exactly one result. */
public final class Conversation {
    private Conversation() {}

    /** All messages so far, in order. */
    public static List<Message> of(State state) {
        List<Message> messages = new ArrayList<>();
        messages.add(new Message.User(state.input()));
        for (State.Turn turn : state.turns()) {
            var answer = turn.answer();
            // Providers refuse an assistant message without any content.
            if (!answer.text().isBlank() || !answer.calls().isEmpty()) {
                messages.add(new Message.Assistant(answer.text(), answer.calls(), answer.provider(), answer.raw()));
            }
            turn.calls().forEach(call -> messages.add(result(call)));
            if (turn.correction() != null) {
                messages.add(new Message.User(turn.correction()));
            }
        }
        return List.copyOf(messages);
    }

    private static Message result(State.Call call) {
        var outcome = call.outcome();
        return outcome == null
                ? new Message.ToolOutput(
                        call.asked().id(), call.asked().tool(), "The outcome of this call is not known.", true)
                : new Message.ToolOutput(
                        call.asked().id(),
                        call.asked().tool(),
                        Consequences.preface(call) + outcome.content(),
                        outcome.error());
    }
}
