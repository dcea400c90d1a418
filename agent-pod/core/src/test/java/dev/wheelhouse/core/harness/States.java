package dev.wheelhouse.core.harness;

import static dev.wheelhouse.core.sim.Specs.model;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Specs;
import java.time.Instant;
import java.util.List;

/** States as journals give them, and what follows from them. */
public final class States {
    private States() {}

    public static State state(PinnedRun run, Entry... entries) {
        State state = State.EMPTY;
        long seq = 1;
        state = Fold.next(state, record(seq, new Entry.RunStarted(run)));
        state = Fold.next(state, record(++seq, new Entry.Input(run.input())));
        for (Entry entry : entries) {
            state = Fold.next(state, record(++seq, entry));
        }
        return state;
    }

    public static JournalRecord record(long seq, Entry entry) {
        return new JournalRecord(seq, 1, Specs.START, "prev", entry, "hash" + seq);
    }

    public static PinnedRun run(Limits limits, PinnedTool... tools) {
        return Specs.run(List.of(model("m", 3), model("n", 2)), List.of(tools), limits, null);
    }

    public static PinnedRun run(PinnedTool... tools) {
        return run(Limits.DEFAULT, tools);
    }

    public static Entry.ModelResponded answer(int step, String text, ToolCall... calls) {
        return new Entry.ModelResponded(
                step, "m", "scripted", text, List.of(calls), false, new TokenUsage(100, 0, 10), 120L, null);
    }

    public static Step next(State state) {
        return next(state, Specs.START);
    }

    public static Step next(State state, Instant now) {
        return Harness.standard().next(state, now);
    }

    public static void assertFailed(FailureReason reason, String says, Step step) {
        var fail = assertInstanceOf(Step.Fail.class, step, step.toString());
        assertEquals(reason, fail.reason());
        assertTrue(fail.message().contains(says), fail.message());
    }
}
