package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.approval.Consequences;
import java.util.ArrayList;
import java.util.List;

/**
 * The conversation as a provider accepts it: what earlier runs of the thread said comes first, and each call of the
 * model is followed by exactly one result.
 */
public final class Conversation {
    private Conversation() {}

    /** All messages so far, in order. */
    public static List<Message> of(State state) {
        List<Message> messages = new ArrayList<>(earlier(state.run()));
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

    /** Messages of earlier runs of the thread. Their tool calls are not told again, only what came of it all. */
    static List<Message> earlier(PinnedRun run) {
        List<Message> messages = new ArrayList<>();
        for (PastTurn turn : run.history()) {
            messages.add(new Message.User(turn.input()));
            // Two messages of a person in a row would look like one question.
            messages.add(new Message.Assistant(
                    turn.answer().isBlank() ? "(no text)" : turn.answer(), List.of(), null, null));
        }
        return messages;
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
