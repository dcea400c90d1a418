package dev.wheelhouse.core.harness;

import static dev.wheelhouse.core.harness.States.answer;
import static dev.wheelhouse.core.harness.States.next;
import static dev.wheelhouse.core.harness.States.run;
import static dev.wheelhouse.core.harness.States.state;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Message.Assistant;
import dev.wheelhouse.core.harness.Message.User;
import dev.wheelhouse.core.sim.Specs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a run of a thread knows of those before it, and what the model gets of that. */
class HistoryTest {
    private static PastTurn turn(int number, String input, String answer) {
        return new PastTurn("run-" + number, input, answer);
    }

    private static int bytes(PastTurn turn) {
        return (turn.input() + turn.answer()).getBytes(StandardCharsets.UTF_8).length;
    }

    @Test
    void theOldestTurnsGoWhenThereAreTooMany() {
        List<PastTurn> turns = List.of();
        for (int i = 1; i <= 25; i++) {
            turns = History.after(turns, turn(i, "in", "out"));
        }
        assertEquals(
                IntStream.rangeClosed(6, 25).mapToObj(i -> "run-" + i).toList(),
                turns.stream().map(PastTurn::run).toList());
    }

    @Test
    void theOldestTurnsGoWhenTheyAreTooLong() {
        List<PastTurn> three = List.of();
        for (int i = 1; i <= 3; i++) {
            three = History.after(three, turn(i, "x".repeat(10_000), "y".repeat(10_000)));
        }
        assertEquals(3, three.size());
        List<PastTurn> turns = History.after(three, turn(4, "x".repeat(5_000), "y".repeat(1_000)));
        assertEquals(
                List.of("run-2", "run-3", "run-4"),
                turns.stream().map(PastTurn::run).toList());
        // A short one that is older than a long one does not stay in its place: the conversation has no holes.
        List<PastTurn> last = History.after(
                List.of(turn(1, "a", "b"), turn(2, "x".repeat(30_000), "")), turn(3, "", "y".repeat(40_000)));
        assertEquals(List.of("run-3"), last.stream().map(PastTurn::run).toList());
    }

    static Stream<Arguments> tooLong() {
        String anchor = "⚓".repeat(30_000);
        return Stream.of(
                Arguments.of("x".repeat(65_536), "y"),
                Arguments.of("x", "y".repeat(1_000_000)),
                Arguments.of("x".repeat(65_536), "y".repeat(65_536)),
                Arguments.of(anchor, anchor),
                Arguments.of("x".repeat(33_000), anchor));
    }

    @ParameterizedTest
    @MethodSource("tooLong")
    void aTurnThatIsTooLongAloneIsCutAndSaysSo(String input, String answer) {
        PastTurn cut = History.after(List.of(turn(1, "a", "b")), turn(2, input, answer))
                .getLast();
        assertTrue(bytes(cut) <= History.MAX_BYTES, () -> bytes(cut) + " bytes");
        assertTrue(bytes(cut) > History.MAX_BYTES - 200, () -> "only " + bytes(cut) + " bytes of the room are used");
        assertPart(input, cut.input());
        assertPart(answer, cut.answer());
    }

    private static void assertPart(String whole, String kept) {
        if (kept.equals(whole)) {
            return;
        }
        String marker = " ... [cut: " + whole.getBytes(StandardCharsets.UTF_8).length + " bytes in all]";
        assertTrue(kept.endsWith(marker), () -> kept.substring(Math.max(0, kept.length() - 60)));
        String head = kept.substring(0, kept.length() - marker.length());
        assertTrue(whole.startsWith(head), "no half of a character, no other text");
        assertTrue(head.length() > 5_000, () -> "only " + head.length() + " characters are left");
    }

    @Test
    void itStaysWithinItsBoundsWhateverComes() {
        Random random = new Random(7);
        List<PastTurn> turns = List.of();
        for (int i = 0; i < 500; i++) {
            PastTurn last = turn(i, text(random), text(random));
            turns = History.after(turns, last);
            assertTrue(turns.size() <= History.MAX_TURNS);
            assertTrue(turns.stream().mapToInt(HistoryTest::bytes).sum() <= History.MAX_BYTES);
            assertEquals(last.run(), turns.getLast().run());
            int newest = i;
            int size = turns.size();
            assertEquals(
                    IntStream.range(0, size)
                            .mapToObj(n -> "run-" + (newest - size + 1 + n))
                            .toList(),
                    turns.stream().map(PastTurn::run).toList());
        }
    }

    private static String text(Random random) {
        String piece = List.of("a", "ü", "⚓", "\uD83D\uDE80").get(random.nextInt(4));
        return piece.repeat(random.nextInt(10) == 0 ? random.nextInt(40_000) : random.nextInt(3_000));
    }

    @Test
    void theModelGetsTheTurnsBeforeTheInput() {
        PinnedRun run =
                Specs.after(run(), List.of(turn(1, "Who?", "Ada."), turn(2, "And?", " "), turn(3, "So?", "So.")));
        var first = assertInstanceOf(Step.CallModel.class, next(state(run))).request();
        assertEquals(
                List.of(
                        new User("Who?"),
                        said("Ada."),
                        new User("And?"),
                        said("(no text)"),
                        new User("So?"),
                        said("So."),
                        new User("Do it.")),
                first.messages());
        assertEquals(6, first.earlier());
        List<Message> later = Conversation.of(state(run, answer(1, "Hm.")));
        assertEquals(first.messages(), later.subList(0, 7));
        assertEquals(
                0,
                assertInstanceOf(Step.CallModel.class, next(state(run())))
                        .request()
                        .earlier());
    }

    private static Message said(String text) {
        return new Assistant(text, List.of(), null, null);
    }

    @Test
    void theBudgetCountsThem() {
        List<PastTurn> history = new ArrayList<>();
        history.add(turn(1, "x".repeat(10_000), "y".repeat(20_000)));
        long without = reserved(run());
        long with = reserved(Specs.after(run(), history));
        assertTrue(with >= without + 30_000, () -> without + " and " + with);
        Limits tokens = new Limits(50, 200, 20_000L, null, null, 5, 5, 3);
        assertInstanceOf(Step.CallModel.class, next(state(run(tokens))));
        States.assertFailed(FailureReason.LIMIT_REACHED, "tokens", next(state(Specs.after(run(tokens), history))));
    }

    private static long reserved(PinnedRun run) {
        return assertInstanceOf(Step.CallModel.class, next(state(run)))
                .reserved()
                .tokens()
                .input();
    }
}
