package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When and how the driver lets a run go. */
@Timeout(60)
class LettingGoTest {
    private final Rig rig = new Rig();

    @Test
    void anUnknownOutcomeOfWhatMayHappenOnceWaitsForAPerson() {
        var script = new Script(calls(call("a", "pay", "{}"), call("b", "read", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> invocation.callId().equals("a")
                        ? new ToolResult.Unknown("connection cut")
                        : new ToolResult.Succeeded("ok"),
                tool("pay", EffectClass.AT_MOST_ONCE),
                tool("read", EffectClass.READ_ONLY));
        var waiting = assertInstanceOf(RunEnd.Waiting.class, end);
        var person = assertInstanceOf(WaitReason.ForApprovals.class, waiting.reason());
        assertEquals(1, person.names().size());
        assertTrue(person.summary().contains("connection cut"), person.summary());
        assertEquals(1, rig.recorded(Entry.ToolOutcome.class).size());
        assertInstanceOf(
                RunEnd.Waiting.class,
                rig.run(2, script, Rig::fine, () -> Specs.run()),
                "assigned again, it still waits");
        assertEquals(2, rig.invocations.size(), "and calls nothing");
    }

    @Test
    void pendingCallsLetTheRunGoAndAreLookedUpLater() {
        var script = new Script(calls(call("a", "ask", "{}"), call("b", "read", "{}")), says("done"));
        PinnedTool[] tools = {tool("ask", EffectClass.RECONCILABLE), tool("read", EffectClass.READ_ONLY)};
        RunEnd first = rig.run(
                script,
                invocation -> invocation.callId().equals("a")
                        ? new ToolResult.Pending(new WaitReason.ForRuns(List.of("child")))
                        : new ToolResult.Succeeded("ok"),
                tools);
        var waiting = assertInstanceOf(RunEnd.Waiting.class, first);
        assertEquals(new WaitReason.ForRuns(List.of("child")), waiting.reason());
        RunEnd second = rig.run(2, script, Rig::fine, () -> Specs.run());
        assertInstanceOf(RunEnd.Completed.class, second);
        assertEquals(2, rig.invocations.size(), "nothing was called again");
        assertEquals(2, script.requests().size());
    }

    @Test
    void whatIsMissingAtTheStartIsWaitedForWithoutAJournal() {
        var missing = new WaitReason.ForResources(List.of("Secret/key"), "no Secret 'key'");
        RunEnd end = rig.run(1, new Script(says("x")), Rig::fine, () -> {
            throw new Pinning.NotReady(missing);
        });
        assertEquals(missing, assertInstanceOf(RunEnd.Waiting.class, end).reason());
        assertEquals(0, rig.store.appends());
        RunEnd refused = rig.run(1, new Script(says("x")), Rig::fine, () -> {
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
        var waiting = assertInstanceOf(RunEnd.Waiting.class, rig.run(new Script(missing), Rig::fine));
        var resources = assertInstanceOf(WaitReason.ForResources.class, waiting.reason());
        assertEquals("Secret 'key' is missing", resources.summary());
        assertEquals(0, waiting.summary().spent().tokens().total(), "nothing was called, nothing is charged");
        assertInstanceOf(RunEnd.Completed.class, rig.run(2, new Script(says("done")), Rig::fine, () -> Specs.run()));
    }

    @Test
    void cancellingInterruptsAModelCall() {
        Script.Line endless = request -> {
            rig.signals.cancel();
            new CountDownLatch(1).await();
            return null;
        };
        var cancelled = assertInstanceOf(RunEnd.Cancelled.class, rig.run(new Script(endless), Rig::fine));
        assertNotEquals(0, cancelled.summary().spent().tokens().total(), "the lost call counts at its upper bound");
        assertInstanceOf(RunEnd.Cancelled.class, rig.run(2, new Script(says("x")), Rig::fine, () -> Specs.run()));
    }

    @Test
    void cancellingWaitsForAToolAndRecordsItsOutcome() {
        var script = new Script(calls(call("a", "pay", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> {
                    rig.signals.cancel();
                    return new ToolResult.Succeeded("paid after all");
                },
                tool("pay", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Cancelled.class, end);
        assertEquals(
                "paid after all",
                rig.recorded(Entry.ToolOutcome.class).getFirst().content());
    }

    @Test
    void drainingInterruptsAModelCallAndGoesOnElsewhere() {
        Script.Line endless = request -> {
            rig.signals.drain();
            new CountDownLatch(1).await();
            return null;
        };
        assertInstanceOf(RunEnd.Drained.class, rig.run(new Script(endless), Rig::fine));
    }

    @Test
    void drainingInterruptsWhatIsHarmlessToRepeat() {
        var script = new Script(calls(call("a", "read", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> {
                    rig.signals.drain();
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
                    rig.signals.fence();
                    return new ModelReply("", List.of(call("a", "pay", "{}")), TokenUsage.NONE, null);
                },
                says("done"));
        assertInstanceOf(RunEnd.Fenced.class, rig.run(script, Rig::fine, tool("pay", EffectClass.AT_MOST_ONCE)));
        assertEquals(1, rig.store.appends());
        assertEquals(0, rig.invocations.size());
    }

    @Test
    void anEndedRunEndsTheSameWayAgainAndRunsNothing() {
        var script = new Script(says("done"));
        assertInstanceOf(RunEnd.Completed.class, rig.run(script, Rig::fine));
        var again = rig.run(7, script, Rig::fine, () -> {
            throw new AssertionError("pinned twice");
        });
        assertEquals("done", assertInstanceOf(RunEnd.Completed.class, again).result());
        assertEquals(1, script.requests().size());
    }
}
