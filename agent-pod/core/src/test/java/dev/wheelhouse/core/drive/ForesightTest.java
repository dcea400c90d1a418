package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.sim.Script;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Places that are made ready before they are asked for. */
@Timeout(60)
class ForesightTest {
    private final Habits habits = new Habits();
    private final List<String> prepared = Collections.synchronizedList(new ArrayList<>());

    private Rig rig() {
        Rig rig = new Rig();
        rig.habits = habits;
        rig.places = Map.of("shell", "here");
        rig.preparing = prepared::add;
        return rig;
    }

    private void run(Script.Line... lines) {
        run(rig(), lines);
    }

    private static void run(Rig rig, Script.Line... lines) {
        RunEnd end = rig.run(
                new Script(lines),
                Rig::fine,
                tool("shell", EffectClass.READ_ONLY),
                tool("pay", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Completed.class, end, end.toString());
    }

    private static Script.Line shell() {
        return calls(call("a", "shell", "{}"));
    }

    private static Script.Line pay() {
        return calls(call("a", "pay", "{}"));
    }

    private void threeThatCallAtOnce() {
        for (int i = 0; i < 3; i++) {
            run(shell(), says("done"));
        }
        assertTrue(prepared.isEmpty(), prepared.toString());
    }

    @Test
    void afterThreeRunsThatCalledItAtOnceThePlaceIsMadeReadyWhileTheModelThinks() {
        threeThatCallAtOnce();
        Rig rig = rig();
        CountDownLatch ready = new CountDownLatch(1);
        rig.preparing = tool -> {
            prepared.add(tool);
            ready.countDown();
        };
        run(
                rig,
                request -> {
                    ready.await();
                    return shell().answer(request);
                },
                says("done"));
        assertEquals(List.of("shell"), prepared, "and not again for the answer after it");
    }

    @Test
    void anAnswerThatCalledNothingEndsTheHabit() {
        threeThatCallAtOnce();
        run(says("no need"));
        assertEquals(1, prepared.size());
        run(shell(), says("done"));
        assertEquals(1, prepared.size());
    }

    @Test
    void anAnswerThatCalledSomethingElseEndsIt() {
        threeThatCallAtOnce();
        run(pay(), says("done"));
        prepared.clear();
        run(shell(), says("done"));
        assertTrue(prepared.isEmpty());
    }

    @Test
    void whatIsCalledLaterIsMadeReadyLater() {
        for (int i = 0; i < 3; i++) {
            run(pay(), shell(), says("done"));
        }
        Rig rig = rig();
        List<Integer> calls = new ArrayList<>();
        rig.preparing = tool -> calls.add(rig.invocations.size());
        run(rig, pay(), shell(), says("done"));
        assertEquals(List.of(1), calls, "how many were made before");
    }

    @Test
    void toolsWithoutPlacesAreNotMadeReady() {
        for (int i = 0; i < 5; i++) {
            Rig rig = rig();
            rig.places = Map.of();
            run(rig, shell(), says("done"));
        }
        assertTrue(prepared.isEmpty());
    }

    @Test
    void aPlaceThatCannotBeMadeReadyIsNobodysLoss() {
        threeThatCallAtOnce();
        Rig rig = rig();
        rig.preparing = tool -> {
            throw new IllegalStateException("none");
        };
        run(rig, shell(), says("done"));
    }
}
