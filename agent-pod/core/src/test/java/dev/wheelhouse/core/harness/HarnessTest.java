package dev.wheelhouse.core.harness;

import static dev.wheelhouse.core.sim.Specs.json;
import static dev.wheelhouse.core.sim.Specs.model;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Specs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The next step as a function of what the journal says. */
class HarnessTest {
    private static final String PAY = """
            {"type":"object","required":["to","account"],"additionalProperties":false,
             "properties":{"to":{"type":"string"},"cents":{"type":"integer"},"account":{"type":"string"}}}""";

    private static final PinnedTool TOOL = tool("pay", EffectClass.AT_MOST_ONCE, PAY, "{\"account\":\"42\"}");

    private static State state(PinnedRun run, Entry... entries) {
        State state = State.EMPTY;
        long seq = 1;
        state = Fold.next(state, record(seq, new Entry.RunStarted(run)));
        state = Fold.next(state, record(++seq, new Entry.Input(run.input())));
        for (Entry entry : entries) {
            state = Fold.next(state, record(++seq, entry));
        }
        return state;
    }

    private static JournalRecord record(long seq, Entry entry) {
        return new JournalRecord(seq, 1, Specs.START, "prev", entry, "hash" + seq);
    }

    private static PinnedRun run(Limits limits, PinnedTool... tools) {
        return Specs.run(List.of(model("m", 3), model("n", 2)), List.of(tools), limits, null);
    }

    private static PinnedRun run(PinnedTool... tools) {
        return run(Limits.DEFAULT, tools);
    }

    private static Entry.ModelResponded answer(int step, String text, ToolCall... calls) {
        return new Entry.ModelResponded(
                step, "m", "scripted", text, List.of(calls), false, new TokenUsage(100, 0, 10), 120L, null);
    }

    private static Step next(State state) {
        return next(state, Specs.START);
    }

    private static Step next(State state, Instant now) {
        return Harness.standard().next(state, now);
    }

    private static Planned planned(PinnedTool tool, String name, String arguments) {
        Step step = next(state(run(tool), answer(1, "", new ToolCall("a", name, arguments))));
        return assertInstanceOf(Step.CallTools.class, step).calls().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pay  | {\"to\":            | not valid JSON",
                "pay  | [1]                 | must be a JSON object",
                "pay  | {\"to\":1}          | /to",
                "pay  | {}                  | to",
                "pay  | {\"to\":\"x\",\"y\":1} | y",
                "pay  | {\"to\":\"x\",\"to\":\"z\"} | Duplicate",
                "pay  | {\"to\":\"x\"} rest | not valid JSON",
                "gone | {}                  | There is no tool 'gone'. Tools: pay"
            })
    void theModelLearnsWhatIsWrongWithItsCall(String name, String arguments, String says) {
        var refuse = assertInstanceOf(Planned.Refuse.class, planned(TOOL, name, arguments));
        assertTrue(refuse.rejected());
        assertTrue(refuse.message().contains(says), refuse.message());
    }

    @Test
    void boundArgumentsAreHiddenAndWin() {
        var execute = assertInstanceOf(
                Planned.Execute.class, planned(TOOL, "pay", "{\"to\":\"bob\",\"account\":\"of somebody else\"}"));
        assertEquals(json("{\"to\":\"bob\",\"account\":\"42\"}"), execute.arguments());
        var call = assertInstanceOf(Step.CallModel.class, next(state(run(TOOL))));
        PinnedTool shown = call.request().tools().getFirst();
        assertFalse(
                shown.schema().toString().contains("account"), shown.schema().toString());
        assertEquals(json("[\"to\"]"), shown.schema().get("required"));
        assertFalse(shown.bound().toString().contains("42"));
    }

    @Test
    void emptyArgumentsAreAnEmptyObject() {
        PinnedTool any = tool("any", EffectClass.READ_ONLY);
        assertEquals(
                json("{}"),
                assertInstanceOf(Planned.Execute.class, planned(any, "any", "")).arguments());
    }

    @Test
    void aHostileSchemaRefusesTheCallAndNothingElse() {
        PinnedTool hostile = tool("x", EffectClass.READ_ONLY, "{\"$ref\":\"http://127.0.0.1:1/x\"}", "{}");
        var refuse = assertInstanceOf(Planned.Refuse.class, planned(hostile, "x", "{}"));
        assertTrue(refuse.message().contains("schema is unusable"), refuse.message());
    }

    @Test
    void repairsAreLimited() {
        Limits limits = new Limits(50, 200, null, null, null, 2, 5, 3);
        Entry[] entries = IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(i -> List.<Entry>of(
                        answer(i, "", new ToolCall("c" + i, "gone", "{\"n\":" + i + "}")),
                        new Entry.ToolOutcome("c" + i, "gone", true, true, "no", false, null))
                        .stream())
                .toArray(Entry[]::new);
        assertInstanceOf(
                Step.CallModel.class,
                next(state(run(limits), List.of(entries).subList(0, 4).toArray(Entry[]::new))));
        assertFailed(FailureReason.LIMIT_REACHED, "repairs", next(state(run(limits), entries)));
    }

    private static void assertFailed(FailureReason reason, String says, Step step) {
        var fail = assertInstanceOf(Step.Fail.class, step, step.toString());
        assertEquals(reason, fail.reason());
        assertTrue(fail.message().contains(says), fail.message());
    }

    @Test
    void theSameCallOverAndOverEndsTheRun() {
        PinnedTool read = tool("read", EffectClass.READ_ONLY);
        Limits limits = new Limits(50, 200, null, null, null, 5, 3, 3);
        var same = List.of("{\"a\":1,\"b\":2}", "{\"b\":2, \"a\":1}", "{\"a\":1.0,\"b\":2}");
        Entry[] entries = IntStream.range(0, 3)
                .boxed()
                .flatMap(i -> List.<Entry>of(
                        answer(i + 1, "", new ToolCall("c" + i, "read", same.get(i))),
                        new Entry.ToolOutcome("c" + i, "read", false, false, "x", false, null))
                        .stream())
                .toArray(Entry[]::new);
        List<Entry> all = List.of(entries);
        assertInstanceOf(
                Step.CallTools.class,
                next(state(run(limits, read), all.subList(0, 3).toArray(Entry[]::new))));
        assertFailed(
                FailureReason.LOOP_DETECTED,
                "read",
                next(state(run(limits, read), all.subList(0, 5).toArray(Entry[]::new))));
    }

    @Test
    void stepsAndToolCallsAreLimited() {
        var one = new ToolCall("a", "pay", "{\"to\":\"x\"}");
        var two = new ToolCall("b", "pay", "{\"to\":\"y\"}");
        var outcome = new Entry.ToolOutcome("a", "pay", false, false, "x", false, null);
        assertFailed(
                FailureReason.LIMIT_REACHED,
                "steps",
                next(state(run(new Limits(1, 9, null, null, null, 5, 5, 3), TOOL), answer(1, "", one), outcome)));
        assertFailed(
                FailureReason.LIMIT_REACHED,
                "toolCalls",
                next(state(run(new Limits(9, 1, null, null, null, 5, 5, 3), TOOL), answer(1, "", one, two))));
    }

    @Test
    void wallTimeIsLimited() {
        Limits limits = new Limits(9, 9, null, null, Duration.ofSeconds(10), 5, 5, 3);
        assertInstanceOf(Step.CallModel.class, next(state(run(limits)), Specs.START.plusSeconds(9)));
        assertFailed(FailureReason.LIMIT_REACHED, "wall time", next(state(run(limits)), Specs.START.plusSeconds(10)));
        assertInstanceOf(
                Step.Finish.class,
                next(state(run(limits), answer(1, "done")), Specs.START.plusSeconds(60)),
                "an answer that is there is not thrown away");
    }

    @Test
    void outputIsLoweredToWhatTheBudgetAllows() {
        var free = assertInstanceOf(Step.CallModel.class, next(state(run())));
        assertEquals(1000, free.request().maxOutputTokens());
        long input = free.reserved().tokens().input();
        assertTrue(input > "Be brief.Do it.".length(), "every byte counts as a token: " + input);
        Limits tokens = new Limits(9, 9, input + 500, null, null, 5, 5, 3);
        var lowered = assertInstanceOf(Step.CallModel.class, next(state(run(tokens))));
        assertEquals(500, lowered.request().maxOutputTokens());
        Limits money = new Limits(9, 9, null, input + 2 * 300, null, 5, 5, 3);
        var cheaper = assertInstanceOf(Step.CallModel.class, next(state(run(money))));
        assertEquals(300, cheaper.request().maxOutputTokens());
        assertEquals(input + 600, cheaper.reserved().costMicros());
        Limits nothing = new Limits(9, 9, input + 10, null, null, 5, 5, 3);
        assertFailed(FailureReason.LIMIT_REACHED, "tokens", next(state(run(nothing))));
    }

    @Test
    void inputIsBoundByWhatTheModelSaidItWas() {
        String large = "x".repeat(10_000);
        var call = new ToolCall("a", "pay", "{\"to\":\"x\"}");
        var outcome = new Entry.ToolOutcome("a", "pay", false, false, "ok", false, null);
        PinnedRun small = run(TOOL);
        PinnedRun run = new PinnedRun(
                small.id(),
                "agent",
                large,
                "Do it.",
                small.models(),
                small.tools(),
                null,
                Limits.DEFAULT,
                null,
                0,
                Specs.START);
        var first = assertInstanceOf(Step.CallModel.class, next(state(run)));
        assertTrue(first.reserved().tokens().input() > 10_000);
        var second = assertInstanceOf(Step.CallModel.class, next(state(run, answer(1, "", call), outcome)));
        assertTrue(second.reserved().tokens().input() < 1_000, "" + second.reserved());
    }

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

    @Test
    void costWithoutPricesIsRefused() {
        PinnedModel m = model("m", 1);
        PinnedModel unpriced = new PinnedModel("free", "openai", null, 10, m.timeout(), 1, m.binding());
        Limits limits = new Limits(9, 9, null, 1_000_000L, null, 5, 5, 3);
        assertFailed(
                FailureReason.LIMIT_REACHED,
                "'free' has no prices",
                next(state(Specs.run(List.of(unpriced), List.of(), limits, null))));
        State unlimited = state(Specs.run(List.of(unpriced), List.of(), Limits.DEFAULT, null));
        assertNull(assertInstanceOf(Step.CallModel.class, next(unlimited))
                .reserved()
                .costMicros());
    }

    @Test
    void childRunsShareWhatIsLeft() {
        PinnedTool ask = tool("ask", EffectClass.RECONCILABLE);
        Limits limits = new Limits(9, 9, 10_110L, null, null, 5, 5, 3);
        State state = state(
                run(limits, ask),
                answer(1, "", new ToolCall("a", "ask", "{\"n\":1}"), new ToolCall("b", "ask", "{\"n\":2}")));
        var calls = assertInstanceOf(Step.CallTools.class, next(state)).calls();
        for (Planned call : calls) {
            assertEquals(
                    5_000,
                    assertInstanceOf(Planned.Execute.class, call).allowance().tokens());
        }
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

    @Test
    void anAnswerMustSatisfyTheSchema() {
        PinnedRun run = Specs.run(
                List.of(model("m", 1)),
                List.of(),
                new Limits(9, 9, null, null, null, 1, 5, 3),
                "{\"type\":\"object\",\"required\":[\"n\"]}");
        assertEquals("{\"n\":1}", finish(state(run, answer(1, "{\"n\": 1}"))));
        assertEquals("{\"n\":1}", finish(state(run, answer(1, "```json\n{\"n\":1}\n```"))));
        for (String wrong : List.of("hello", "{}", "")) {
            var correct = assertInstanceOf(Step.Correct.class, next(state(run, answer(1, wrong))), wrong);
            assertTrue(correct.message().contains("\"required\""), correct.message());
            assertFailed(
                    FailureReason.OUTPUT_SCHEMA_MISMATCH,
                    "after 1 repairs",
                    next(state(run, answer(1, wrong), new Entry.GuardDecided("answer", "no"), answer(2, wrong))));
        }
    }

    private static String finish(State state) {
        return assertInstanceOf(Step.Finish.class, next(state)).result();
    }

    @Test
    void anAnswerThatWasCutOrIsEmptyIsNotFinal() {
        var cut = new Entry.ModelResponded(1, "m", "scripted", "half", List.of(), true, TokenUsage.NONE, 0L, null);
        assertInstanceOf(Step.Correct.class, next(state(run(), cut)));
        assertInstanceOf(Step.Correct.class, next(state(run(), answer(1, "  "))));
        State corrected = state(run(), answer(1, ""), new Entry.GuardDecided("answer", "Your answer was empty."));
        var call = assertInstanceOf(Step.CallModel.class, next(corrected));
        assertEquals(
                List.of(new Message.User("Do it."), new Message.User("Your answer was empty.")),
                call.request().messages());
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
        return new Entry.ToolIntent("a", "t", effect, none, "sha256:0", "key", attempt, null, null);
    }

    @Test
    void aCallInDoubtWaitsForAPerson() {
        State state = state(
                run(tool("t", EffectClass.AT_MOST_ONCE)),
                answer(1, "", new ToolCall("a", "t", "{}")),
                intent(EffectClass.AT_MOST_ONCE, 1),
                new Entry.InDoubt("a", "t", "timeout"));
        var wait = assertInstanceOf(Step.Wait.class, next(state));
        assertEquals(
                List.of("a"),
                assertInstanceOf(WaitReason.ForPerson.class, wait.reason()).callIds());
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
