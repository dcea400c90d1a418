package dev.wheelhouse.core.harness;

import static dev.wheelhouse.core.harness.States.answer;
import static dev.wheelhouse.core.harness.States.assertFailed;
import static dev.wheelhouse.core.harness.States.next;
import static dev.wheelhouse.core.harness.States.record;
import static dev.wheelhouse.core.harness.States.run;
import static dev.wheelhouse.core.harness.States.state;
import static dev.wheelhouse.core.sim.Specs.json;
import static dev.wheelhouse.core.sim.Specs.model;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Specs;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The next step as a function of what the journal says. */
class HarnessTest {
    @Test
    void aLostCallCountsAtItsUpperBound() {
        Spend reserved = new Spend(new TokenUsage(200, 0, 1000), 2200L);
        var requested = new Entry.ModelRequested(1, 1, "m", 1000, reserved);
        State open = state(run(), requested);
        assertEquals(1200, open.committed().tokens().total());
        State taken = state(run(), requested, new Entry.Epoch(1));
        assertEquals(1200, taken.spent().tokens().total());
        var again = assertInstanceOf(Step.CallModel.class, next(taken));
        assertEquals(2, again.request().attempt(), "a lost process does not reset the count");
    }

    private static Entry.ModelFailed failed(int attempt, String model, ModelException.Kind kind, Long retryAfter) {
        return new Entry.ModelFailed(1, attempt, model, kind, "why", Spend.NONE, retryAfter);
    }

    @Test
    void failuresThatMayPassAreTriedAgainThenTheFallbackIs() {
        var busy = ModelException.Kind.RATE_LIMITED;
        var second = assertInstanceOf(Step.CallModel.class, next(state(run(), failed(1, "m", busy, null))));
        assertEquals("m", second.request().model().name());
        assertTrue(second.delay().compareTo(Duration.ofMillis(500)) >= 0, "" + second.delay());
        var patient = assertInstanceOf(Step.CallModel.class, next(state(run(), failed(1, "m", busy, 30_000L))));
        assertEquals(Duration.ofSeconds(30), patient.delay());
        assertEquals(
                Duration.ofSeconds(20),
                assertInstanceOf(
                                Step.CallModel.class,
                                next(state(run(), failed(1, "m", busy, 30_000L)), Specs.START.plusSeconds(10)))
                        .delay(),
                "a process that takes over waits only for the rest");
        Entry[] three = {failed(1, "m", busy, null), failed(2, "m", busy, null), failed(3, "m", busy, null)};
        var fallback = assertInstanceOf(Step.CallModel.class, next(state(run(), three)));
        assertEquals("n", fallback.request().model().name());
        assertEquals(Duration.ZERO, fallback.delay());
    }

    @Test
    void whatIsRefusedForGoodGoesToTheFallbackAtOnce() {
        var no = ModelException.Kind.REJECTED;
        var fallback = assertInstanceOf(Step.CallModel.class, next(state(run(), failed(1, "m", no, null))));
        assertEquals("n", fallback.request().model().name());
        assertFailed(
                FailureReason.MODEL_FAILED,
                "m: REJECTED at attempt 1: why; n: REJECTED at attempt 2: why",
                next(state(run(), failed(1, "m", no, null), failed(2, "n", no, null))));
    }

    @Test
    void waitingForACredentialIsNoAttempt() {
        var missing = ModelException.Kind.NO_CREDENTIAL;
        Entry[] often = IntStream.rangeClosed(1, 9)
                .mapToObj(i -> failed(i, "m", missing, null))
                .toArray(Entry[]::new);
        var call = assertInstanceOf(Step.CallModel.class, next(state(run(), often)));
        assertEquals("m", call.request().model().name());
        assertEquals(10, call.request().attempt());
    }

    @ParameterizedTest
    @CsvSource({"READ_ONLY,Execute", "IDEMPOTENT,Execute", "RECONCILABLE,Lookup", "AT_MOST_ONCE,Doubt"})
    void anIntentWithoutOutcomeIsTreatedByItsClass(EffectClass effect, String plan) {
        PinnedTool tool = tool("t", effect);
        var call = new ToolCall("a", "t", "{}");
        State state = state(run(tool), answer(1, "", call), intent(effect, 1));
        Planned planned =
                assertInstanceOf(Step.CallTools.class, next(state)).calls().getFirst();
        assertEquals(plan, planned.getClass().getSimpleName());
        State often = state(run(tool), answer(1, "", call), intent(effect, Harness.TOOL_ATTEMPTS));
        Planned last =
                assertInstanceOf(Step.CallTools.class, next(often)).calls().getFirst();
        assertEquals(plan.equals("Execute") ? "Refuse" : plan, last.getClass().getSimpleName());
    }

    private static Entry.ToolIntent intent(EffectClass effect, int attempt) {
        var none = (com.fasterxml.jackson.databind.node.ObjectNode) json("{}");
        return new Entry.ToolIntent("a", "t", effect, none, "sha256:0", "key", attempt, null, null, null);
    }

    @Test
    void aCallInDoubtWaitsForAPerson() {
        State state = state(
                run(tool("t", EffectClass.AT_MOST_ONCE)),
                answer(1, "", new ToolCall("a", "t", "{}")),
                intent(EffectClass.AT_MOST_ONCE, 1),
                new Entry.InDoubt("a", "t", "timeout"));
        var asks = assertInstanceOf(Step.CallTools.class, next(state)).calls();
        var ask = assertInstanceOf(Step.Planned.Ask.class, asks.getFirst());
        assertEquals(Request.Kind.InDoubt, ask.request().kind());
        State asked = Fold.next(state, record(9, new Entry.ApprovalRequested("a", "t", 0, ask.name(), ask.request())));
        assertInstanceOf(Step.Decide.class, next(asked));
        State evidence =
                Fold.next(state, record(9, new Entry.ToolOutcome("a", "t", false, false, "it did", false, null)));
        assertInstanceOf(Step.CallModel.class, next(evidence), "an outcome resolves the doubt");
    }

    @Test
    void backoffGrowsToItsCapAndIsTheSameForTheSameRun() {
        for (int attempt = 1; attempt < 70; attempt++) {
            Duration delay = Backoff.MODEL.delay("run", attempt, null);
            assertEquals(delay, Backoff.MODEL.delay("run", attempt, null));
            assertTrue(delay.compareTo(Duration.ofSeconds(61)) < 0 && delay.isPositive(), "" + delay);
        }
        assertEquals(Duration.ofMinutes(15), Backoff.MODEL.delay("run", 1, Duration.ofDays(400)));
        Instant past = Specs.START.minusSeconds(100_000);
        assertEquals(Backoff.MODEL.delay("run", 3, null), Backoff.MODEL.left("run", 3, null, Specs.START, past));
    }
}
