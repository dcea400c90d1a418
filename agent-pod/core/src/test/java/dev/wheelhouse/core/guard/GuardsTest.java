package dev.wheelhouse.core.guard;

import static dev.wheelhouse.core.harness.States.answer;
import static dev.wheelhouse.core.harness.States.assertFailed;
import static dev.wheelhouse.core.harness.States.next;
import static dev.wheelhouse.core.harness.States.run;
import static dev.wheelhouse.core.harness.States.state;
import static dev.wheelhouse.core.sim.Specs.json;
import static dev.wheelhouse.core.sim.Specs.model;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.Specs;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the guards make of a step. */
class GuardsTest {
    private static final String PAY = """
            {"type":"object","required":["to","account"],"additionalProperties":false,
             "properties":{"to":{"type":"string"},"cents":{"type":"integer"},"account":{"type":"string"}}}""";

    private static final PinnedTool TOOL = tool("pay", EffectClass.AT_MOST_ONCE, PAY, "{\"account\":\"42\"}");

    private static Planned planned(PinnedTool tool, String name, String arguments) {
        Step step = next(state(run(tool), answer(1, "", new ToolCall("a", name, arguments))));
        return assertInstanceOf(Step.CallTools.class, step).calls().getFirst();
    }

    private static String finish(State state) {
        return assertInstanceOf(Step.Finish.class, next(state)).result();
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
}
