package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.util.List;

/** What a run does next. */
public sealed interface Step {
    /**
     * Ask a model.
     *
     * @param reserved upper bound of what the call can use; {@link Spend#NONE} until the budget has seen the step
     * @param delay how long before that
     */
    record CallModel(ModelRequest request, Spend reserved, Duration delay) implements Step {}

    /** Do something about each of these calls of the last answer, at the same time. */
    record CallTools(List<Planned> calls) implements Step {}

    /** Look whether people have decided about these calls, each of which has an open question. */
    record Decide(List<State.Call> calls) implements Step {}

    /** Let the run go until what it waits for is there. */
    record Wait(WaitReason reason) implements Step {}

    /** Send the last answer back to the model. */
    record Correct(String guard, String message) implements Step {}

    /** End with an answer. */
    record Finish(String result) implements Step {}

    /** End without an answer. */
    record Fail(FailureReason reason, String message) implements Step {}

    /** Nothing: the run ended with this record. */
    record Ended(Entry end) implements Step {}

    /** Nothing: this version cannot go on. */
    record Pause(String message) implements Step {}

    /** What to do about one call. */
    sealed interface Planned {
        ToolCall asked();

        /** As the model wrote it, not checked yet. */
        record Unchecked(ToolCall asked) implements Planned {}

        /**
         * Record the intent, then call.
         *
         * @param arguments what is sent, bound arguments included
         * @param attempt from 1
         * @param retryOf why the attempt before has no outcome, or null
         * @param allowance what the call may spend; null unless it delegates
         * @param delay how long before that
         */
        record Execute(
                ToolCall asked,
                PinnedTool tool,
                ObjectNode arguments,
                int attempt,
                String retryOf,
                Limits allowance,
                Duration delay)
                implements Planned {}

        /** Find out whether the attempt happened. */
        record Lookup(ToolCall asked, PinnedTool tool, Entry.ToolIntent intent) implements Planned {
            /** The next attempt, if this one did not happen. */
            public Execute again() {
                return new Execute(
                        asked,
                        tool,
                        intent.arguments(),
                        intent.attempt() + 1,
                        "the attempt before did not happen",
                        intent.allowance(),
                        Duration.ZERO);
            }
        }

        /** Give the model an error instead of calling. */
        record Refuse(ToolCall asked, boolean rejected, String message) implements Planned {}

        /** Give the model this result in place of the tool's. */
        record Answer(ToolCall asked, String content) implements Planned {}

        /**
         * A person must decide before anything else is done about the call.
         *
         * @param number how often people were asked about it before
         */
        record Ask(ToolCall asked, int number, String name, Request request) implements Planned {}

        /** A person would have to decide, but nobody can be asked yet. */
        record Hold(ToolCall asked, String why) implements Planned {}

        /** A person must find out whether the attempt happened. */
        record Doubt(ToolCall asked, String reason) implements Planned {}
    }
}
