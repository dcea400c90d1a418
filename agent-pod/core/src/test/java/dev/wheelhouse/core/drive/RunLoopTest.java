package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.RUN;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the driver does with answers and calls. */
@Timeout(60)
class RunLoopTest {
    private final Rig rig = new Rig();

    @Test
    void aShortRunWithOneToolCallIsFourWrites() {
        var script = new Script(calls(call("a", "pay", "{\"to\":\"bob\"}")), says("paid"));
        RunEnd end = rig.run(script, Rig::fine, tool("pay", EffectClass.AT_MOST_ONCE));
        var completed = assertInstanceOf(RunEnd.Completed.class, end, end.toString());
        assertEquals("paid", completed.result());
        assertEquals(4, rig.store.appends());
        assertEquals(2, completed.summary().steps());
        assertEquals(1, completed.summary().toolCalls());
        assertEquals(240, completed.summary().spent().tokens().total());
        assertEquals(9, completed.summary().records());
    }

    @Test
    void aFinishedEffectIsDurableWhileItsSlowSiblingRuns() {
        rig.outcomeDurable = new CountDownLatch(1);
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "wait", "{}")), says("done"));
        // The slow one ends only after the outcome of the quick one is durable.
        RunEnd end = rig.run(
                script,
                invocation -> {
                    if (invocation.callId().equals("b")) {
                        rig.outcomeDurable.await();
                    }
                    return new ToolResult.Succeeded("ok");
                },
                tool("pay", EffectClass.AT_MOST_ONCE),
                tool("wait", EffectClass.READ_ONLY));
        assertInstanceOf(RunEnd.Completed.class, end);
    }

    @Test
    void idsOfAModelThatRepeatsThemAreMadeUnique() {
        var script = new Script(
                calls(call("x", "pay", "{\"n\":1}"), call("x", "pay", "{\"n\":2}"), call("", "pay", "{\"n\":3}")),
                calls(call("x", "pay", "{\"n\":4}"), call(null, "pay", null), call("with space", "pay", "{\"n\":5}")),
                says("done"));
        assertInstanceOf(RunEnd.Completed.class, rig.run(script, Rig::fine, tool("pay", EffectClass.AT_MOST_ONCE)));
        assertEquals(
                6,
                rig.invocations.stream().map(ToolInvocation::callId).distinct().count());
        assertEquals(
                6,
                rig.invocations.stream()
                        .map(ToolInvocation::idempotencyKey)
                        .distinct()
                        .count());
        List<Message> history = script.requests().getLast().messages();
        long results =
                history.stream().filter(Message.ToolOutput.class::isInstance).count();
        assertEquals(6, results);
    }

    @Test
    void theProvidersOwnFormIsKeptUnlessItNoLongerSaysTheSame() {
        var raw = Specs.json("{\"signature\":\"abc\"}");
        Script.Line first = request -> new ModelReply("", List.of(call("a", "pay", "{}")), TokenUsage.NONE, raw);
        Script.Line second = request -> new ModelReply("", List.of(call("a", "pay", "{}")), TokenUsage.NONE, raw);
        var script = new Script(first, second, says("done"));
        rig.run(script, Rig::fine, tool("pay", EffectClass.READ_ONLY));
        var answers = rig.recorded(Entry.ModelResponded.class);
        assertEquals(raw, answers.get(0).raw());
        assertEquals(null, answers.get(1).raw());
    }

    @Test
    void anUnknownOutcomeOfWhatMayBeRepeatedIsRetriedWithTheSameKey() {
        var script = new Script(calls(call("a", "note", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation ->
                        rig.invocations.size() < 3 ? new ToolResult.Unknown("cut") : new ToolResult.Succeeded("ok"),
                tool("note", EffectClass.IDEMPOTENT));
        assertInstanceOf(RunEnd.Completed.class, end);
        assertEquals(3, rig.invocations.size());
        assertEquals(
                1,
                rig.invocations.stream()
                        .map(ToolInvocation::idempotencyKey)
                        .distinct()
                        .count());
        assertEquals(
                List.of(1, 2, 3),
                rig.recorded(Entry.ToolIntent.class).stream()
                        .map(Entry.ToolIntent::attempt)
                        .toList());
        assertEquals("cut", rig.recorded(Entry.ToolIntent.class).get(1).retryOf());
    }

    @Test
    void aToolThatFailsOrCannotBeReachedIsAnErrorForTheModel() {
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "pay", "{\"n\":1}")), says("done"));
        rig.run(
                script,
                invocation -> invocation.callId().equals("a")
                        ? new ToolResult.NotSent("connection refused")
                        : new ToolResult.Failed("404"),
                tool("pay", EffectClass.AT_MOST_ONCE));
        var outputs = script.requests().getLast().messages().stream()
                .filter(Message.ToolOutput.class::isInstance)
                .map(Message.ToolOutput.class::cast)
                .toList();
        assertTrue(outputs.stream().allMatch(Message.ToolOutput::error));
        assertTrue(outputs.get(0).content().contains("was not made: connection refused"));
        assertEquals("404", outputs.get(1).content());
    }

    @Test
    void anAdapterThatThrowsIsAnUnknownOutcomeAndItsMessageStaysOut() {
        var script = new Script(calls(call("a", "pay", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> {
                    throw new IllegalStateException("Bearer secret");
                },
                tool("pay", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Waiting.class, end);
        assertFalse(rig.store.read(RUN).toString().contains("Bearer"), "no message of an adapter's defect is recorded");
    }

    @Test
    void aLongResultIsCutWhereOneCanSeeIt() {
        var script = new Script(calls(call("a", "read", "{}")), says("done"));
        rig.run(
                script,
                invocation -> new ToolResult.Succeeded("ä".repeat(100_000)),
                tool("read", EffectClass.READ_ONLY));
        var outcome = rig.recorded(Entry.ToolOutcome.class).getFirst();
        assertTrue(outcome.truncated());
        assertTrue(outcome.content().contains("of 200000 bytes; the whole is sha256:"), "marker");
    }

    @Test
    void failuresOfAModelAreRecordedAndTriedAgain() {
        Script.Line busyOnce = request -> {
            if (request.attempt() == 1) {
                throw new ModelException(ModelException.Kind.SERVER_ERROR, "503", null);
            }
            return new ModelReply("done", List.of(), TokenUsage.NONE, null);
        };
        assertInstanceOf(RunEnd.Completed.class, rig.run(new Script(busyOnce), Rig::fine));
        assertEquals("503", rig.recorded(Entry.ModelFailed.class).getFirst().message());
    }

    @Test
    void aChangedJournalPausesTheRun() {
        rig.run(new Script(says("done")), Rig::fine);
        rig.store.tamper(RUN, 1, rig.store.read(RUN).get(1).replace("Do it.", "Do harm"));
        var paused =
                assertInstanceOf(RunEnd.Paused.class, rig.run(2, new Script(says("x")), Rig::fine, () -> Specs.run()));
        assertTrue(paused.message().contains("record 2"), paused.message());
    }
}
