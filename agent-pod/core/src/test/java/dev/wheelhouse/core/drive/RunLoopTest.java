package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.RUN;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The driver on real virtual threads. */
@Timeout(60)
class RunLoopTest {
    private final MemoryStore store = new MemoryStore();
    private final Signals signals = new Signals(() -> false);
    private final List<Entry> durable = Collections.synchronizedList(new ArrayList<>());
    private final List<ToolInvocation> invocations = Collections.synchronizedList(new ArrayList<>());
    private CountDownLatch outcomeDurable = new CountDownLatch(0);

    /** How a tool behaves. */
    private interface Behaviour {
        ToolResult call(ToolInvocation invocation) throws InterruptedException;
    }

    private RunEnd run(long epoch, ModelPort models, Behaviour tools, Pinning pinning) {
        ToolPort port = new ToolPort() {
            @Override
            public ToolResult call(ToolInvocation invocation) throws InterruptedException {
                invocations.add(invocation);
                return tools.call(invocation);
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) throws InterruptedException {
                return Optional.of(tools.call(invocation));
            }
        };
        Observer observer = new Observer() {
            @Override
            public void recorded(dev.wheelhouse.core.harness.RunId run, List<JournalRecord> records, Summary summary) {
                records.forEach(record -> {
                    durable.add(record.entry());
                    if (record.entry() instanceof Entry.ToolOutcome) {
                        outcomeDurable.countDown();
                    }
                });
            }
        };
        var ports = new Ports(store, models, port, InstantSource.fixed(Specs.START), new VirtualThreads(), observer);
        return new RunLoop(ports).run(RUN, epoch, pinning, signals);
    }

    private RunEnd run(ModelPort models, Behaviour tools, PinnedTool... pinned) {
        return run(1, models, tools, () -> Specs.run(pinned));
    }

    private <T extends Entry> List<T> recorded(Class<T> type) {
        return durable.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static ToolResult fine(ToolInvocation invocation) {
        return new ToolResult.Succeeded("ok");
    }

    @Test
    void aShortRunWithOneToolCallIsFourWrites() {
        var script = new Script(calls(call("a", "pay", "{\"to\":\"bob\"}")), says("paid"));
        RunEnd end = run(script, RunLoopTest::fine, tool("pay", EffectClass.AT_MOST_ONCE));
        var completed = assertInstanceOf(RunEnd.Completed.class, end, end.toString());
        assertEquals("paid", completed.result());
        assertEquals(4, store.appends());
        assertEquals(2, completed.summary().steps());
        assertEquals(1, completed.summary().toolCalls());
        assertEquals(240, completed.summary().spent().tokens().total());
        assertEquals(9, completed.summary().records());
    }

    @Test
    void aFinishedEffectIsDurableWhileItsSlowSiblingRuns() {
        outcomeDurable = new CountDownLatch(1);
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "wait", "{}")), says("done"));
        // The slow one ends only after the outcome of the quick one is durable.
        RunEnd end = run(
                script,
                invocation -> {
                    if (invocation.callId().equals("b")) {
                        outcomeDurable.await();
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
        assertInstanceOf(RunEnd.Completed.class, run(script, RunLoopTest::fine, tool("pay", EffectClass.AT_MOST_ONCE)));
        assertEquals(
                6, invocations.stream().map(ToolInvocation::callId).distinct().count());
        assertEquals(
                6,
                invocations.stream()
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
        run(script, RunLoopTest::fine, tool("pay", EffectClass.READ_ONLY));
        var answers = recorded(Entry.ModelResponded.class);
        assertEquals(raw, answers.get(0).raw());
        assertEquals(null, answers.get(1).raw());
    }

    @Test
    void anUnknownOutcomeOfWhatMayHappenOnceWaitsForAPerson() {
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "read", "{}")), says("done"));
        RunEnd end = run(
                script,
                invocation -> invocation.callId().equals("a")
                        ? new ToolResult.Unknown("connection cut")
                        : new ToolResult.Succeeded("ok"),
                tool("pay", EffectClass.AT_MOST_ONCE),
                tool("read", EffectClass.READ_ONLY));
        var waiting = assertInstanceOf(RunEnd.Waiting.class, end);
        var person = assertInstanceOf(WaitReason.ForPerson.class, waiting.reason());
        assertEquals(List.of("a"), person.callIds());
        assertTrue(person.summary().contains("connection cut"), person.summary());
        assertEquals(1, recorded(Entry.ToolOutcome.class).size());
        assertInstanceOf(
                RunEnd.Waiting.class,
                run(2, script, RunLoopTest::fine, () -> Specs.run()),
                "assigned again, it still waits");
        assertEquals(2, invocations.size(), "and calls nothing");
    }

    @Test
    void anUnknownOutcomeOfWhatMayBeRepeatedIsRetriedWithTheSameKey() {
        var script = new Script(calls(call("a", "note", "{}")), says("done"));
        RunEnd end = run(
                script,
                invocation -> invocations.size() < 3 ? new ToolResult.Unknown("cut") : new ToolResult.Succeeded("ok"),
                tool("note", EffectClass.IDEMPOTENT));
        assertInstanceOf(RunEnd.Completed.class, end);
        assertEquals(3, invocations.size());
        assertEquals(
                1,
                invocations.stream()
                        .map(ToolInvocation::idempotencyKey)
                        .distinct()
                        .count());
        assertEquals(
                List.of(1, 2, 3),
                recorded(Entry.ToolIntent.class).stream()
                        .map(Entry.ToolIntent::attempt)
                        .toList());
        assertEquals("cut", recorded(Entry.ToolIntent.class).get(1).retryOf());
    }

    @Test
    void aToolThatFailsOrCannotBeReachedIsAnErrorForTheModel() {
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "pay", "{\"n\":1}")), says("done"));
        run(
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
        RunEnd end = run(
                script,
                invocation -> {
                    throw new IllegalStateException("Bearer secret");
                },
                tool("pay", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Waiting.class, end);
        assertFalse(store.read(RUN).toString().contains("Bearer"), "no message of an adapter's defect is recorded");
    }

    @Test
    void aLongResultIsCutWhereOneCanSeeIt() {
        var script = new Script(calls(call("a", "read", "{}")), says("done"));
        run(script, invocation -> new ToolResult.Succeeded("ä".repeat(100_000)), tool("read", EffectClass.READ_ONLY));
        var outcome = recorded(Entry.ToolOutcome.class).getFirst();
        assertTrue(outcome.truncated());
        assertTrue(outcome.content().contains("of 200000 bytes; the whole is sha256:"), "marker");
    }

    @Test
    void pendingCallsLetTheRunGoAndAreLookedUpLater() {
        var script = new Script(calls(call("a", "ask", "{}"), call("b", "read", "{}")), says("done"));
        PinnedTool[] tools = {tool("ask", EffectClass.RECONCILABLE), tool("read", EffectClass.READ_ONLY)};
        RunEnd first = run(
                script,
                invocation -> invocation.callId().equals("a")
                        ? new ToolResult.Pending(new WaitReason.ForRuns(List.of("child")))
                        : new ToolResult.Succeeded("ok"),
                tools);
        var waiting = assertInstanceOf(RunEnd.Waiting.class, first);
        assertEquals(new WaitReason.ForRuns(List.of("child")), waiting.reason());
        RunEnd second = run(2, script, RunLoopTest::fine, () -> Specs.run());
        assertInstanceOf(RunEnd.Completed.class, second);
        assertEquals(2, invocations.size(), "nothing was called again");
        assertEquals(2, script.requests().size());
    }

    @Test
    void whatIsMissingAtTheStartIsWaitedForWithoutAJournal() {
        var missing = new WaitReason.ForResources(List.of("Secret/key"), "no Secret 'key'");
        RunEnd end = run(1, new Script(says("x")), RunLoopTest::fine, () -> {
            throw new Pinning.NotReady(missing);
        });
        assertEquals(missing, assertInstanceOf(RunEnd.Waiting.class, end).reason());
        assertEquals(0, store.appends());
        RunEnd refused = run(1, new Script(says("x")), RunLoopTest::fine, () -> {
            throw new Pinning.Refused("depth 4 of 3");
        });
        var failed = assertInstanceOf(RunEnd.Failed.class, refused);
        assertEquals(FailureReason.INVALID, failed.reason());
    }

    @Test
    void aMissingCredentialIsWaitedFor() {
        Script.Line missing = request -> {
            throw new ModelException(ModelException.Kind.NO_CREDENTIAL, "Secret 'key' is missing", null);
        };
        var waiting = assertInstanceOf(RunEnd.Waiting.class, run(new Script(missing), RunLoopTest::fine));
        var resources = assertInstanceOf(WaitReason.ForResources.class, waiting.reason());
        assertEquals("Secret 'key' is missing", resources.summary());
        assertEquals(0, waiting.summary().spent().tokens().total(), "nothing was called, nothing is charged");
        assertInstanceOf(
                RunEnd.Completed.class, run(2, new Script(says("done")), RunLoopTest::fine, () -> Specs.run()));
    }

    @Test
    void failuresOfAModelAreRecordedAndTriedAgain() {
        Script.Line busyOnce = request -> {
            if (request.attempt() == 1) {
                throw new ModelException(ModelException.Kind.SERVER_ERROR, "503", null);
            }
            return new ModelReply("done", List.of(), TokenUsage.NONE, null);
        };
        assertInstanceOf(RunEnd.Completed.class, run(new Script(busyOnce), RunLoopTest::fine));
        assertEquals("503", recorded(Entry.ModelFailed.class).getFirst().message());
    }

    @Test
    void cancellingInterruptsAModelCall() {
        Script.Line endless = request -> {
            signals.cancel();
            new CountDownLatch(1).await();
            return null;
        };
        var cancelled = assertInstanceOf(RunEnd.Cancelled.class, run(new Script(endless), RunLoopTest::fine));
        assertNotEquals(0, cancelled.summary().spent().tokens().total(), "the lost call counts at its upper bound");
        assertInstanceOf(RunEnd.Cancelled.class, run(2, new Script(says("x")), RunLoopTest::fine, () -> Specs.run()));
    }

    @Test
    void cancellingWaitsForAToolAndRecordsItsOutcome() {
        var script = new Script(calls(call("a", "pay", "{}")), says("done"));
        RunEnd end = run(
                script,
                invocation -> {
                    signals.cancel();
                    return new ToolResult.Succeeded("paid after all");
                },
                tool("pay", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Cancelled.class, end);
        assertEquals(
                "paid after all", recorded(Entry.ToolOutcome.class).getFirst().content());
    }

    @Test
    void drainingInterruptsAModelCallAndGoesOnElsewhere() {
        Script.Line endless = request -> {
            signals.drain();
            new CountDownLatch(1).await();
            return null;
        };
        assertInstanceOf(RunEnd.Drained.class, run(new Script(endless), RunLoopTest::fine));
    }

    @Test
    void drainingInterruptsWhatIsHarmlessToRepeat() {
        var script = new Script(calls(call("a", "read", "{}")), says("done"));
        RunEnd end = run(
                script,
                invocation -> {
                    signals.drain();
                    new CountDownLatch(1).await();
                    return null;
                },
                tool("read", EffectClass.READ_ONLY));
        assertInstanceOf(RunEnd.Drained.class, end);
    }

    @Test
    void aFencedProcessWritesAndCallsNothingMore() {
        var script = new Script(
                request -> {
                    signals.fence();
                    return new ModelReply("", List.of(call("a", "pay", "{}")), TokenUsage.NONE, null);
                },
                says("done"));
        assertInstanceOf(RunEnd.Fenced.class, run(script, RunLoopTest::fine, tool("pay", EffectClass.AT_MOST_ONCE)));
        assertEquals(1, store.appends());
        assertEquals(0, invocations.size());
    }

    @Test
    void anEndedRunEndsTheSameWayAgainAndRunsNothing() {
        var script = new Script(says("done"));
        assertInstanceOf(RunEnd.Completed.class, run(script, RunLoopTest::fine));
        var again = run(7, script, RunLoopTest::fine, () -> {
            throw new AssertionError("pinned twice");
        });
        assertEquals("done", assertInstanceOf(RunEnd.Completed.class, again).result());
        assertEquals(1, script.requests().size());
    }

    @Test
    void aChangedJournalPausesTheRun() {
        run(new Script(says("done")), RunLoopTest::fine);
        store.tamper(RUN, 1, store.read(RUN).get(1).replace("Do it.", "Do harm"));
        var paused = assertInstanceOf(
                RunEnd.Paused.class, run(2, new Script(says("x")), RunLoopTest::fine, () -> Specs.run()));
        assertTrue(paused.message().contains("record 2"), paused.message());
    }
}
