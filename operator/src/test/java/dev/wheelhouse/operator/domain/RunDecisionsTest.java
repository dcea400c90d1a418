package dev.wheelhouse.operator.domain;

import static dev.wheelhouse.operator.domain.Views.T0;
import static dev.wheelhouse.operator.domain.Views.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.wheelhouse.api.v1alpha1.WaitingFor.Kind;
import dev.wheelhouse.operator.domain.Decision.Cause;
import dev.wheelhouse.operator.domain.Decision.End;
import dev.wheelhouse.operator.domain.Decision.Ending;
import dev.wheelhouse.operator.domain.Decision.Leave;
import dev.wheelhouse.operator.domain.Decision.Place;
import dev.wheelhouse.operator.domain.Decision.Refuse;
import dev.wheelhouse.operator.domain.Decision.Verify;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RunDecisionsTest {
    private static final Problem PROBLEM = new Problem("AgentNotFound", "Agent/agent", "there is no agent");
    private static final Instant NOW = T0.plusSeconds(100);

    private record World(HolderState holder, Optional<Problem> problem, Set<String> unfinished)
            implements RunDecisions.World {
        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public HolderState holder(RunView run) {
            return holder;
        }

        @Override
        public Optional<Problem> problem(RunView run) {
            return problem;
        }

        @Override
        public boolean unfinished(String namespace, String name) {
            return unfinished.contains(name);
        }

        @Override
        public boolean came(RunView run, RunView.Wait wait) {
            return wait.names().equals(List.of("Sandbox/came"));
        }

        @Override
        public boolean undecided(String namespace, String name) {
            return name.startsWith("pending");
        }
    }

    private static final World FINE = new World(HolderState.ALIVE, Optional.empty(), Set.of("child"));
    private static final World LOST = new World(HolderState.LOST, Optional.of(PROBLEM), Set.of());
    private static final World SUSPECT = new World(HolderState.SUSPECT, Optional.empty(), Set.of());
    private static final World MISSING = new World(HolderState.ALIVE, Optional.of(PROBLEM), Set.of());

    static Stream<Arguments> table() {
        Decision rest = new Leave(Optional.empty());
        return Stream.of(
                arguments("new and fine", run("r"), FINE, new Place(Cause.FIRST)),
                arguments("new, something missing", run("r"), MISSING, new Refuse(PROBLEM)),
                arguments("refused before, fine now", run("r").refused(), FINE, new Place(Cause.FIRST)),
                arguments("held", run("r").heldBy("h", 1), FINE, rest),
                arguments("held, agent gone since: pinned", run("r").heldBy("h", 1), MISSING, rest),
                arguments("holder looks lost", run("r").heldBy("h", 1), SUSPECT, new Verify()),
                arguments("holder lost", run("r").heldBy("h", 1), LOST, new Place(Cause.RECOVERED)),
                arguments("handed over", run("r").started().epoch(1), MISSING, new Place(Cause.HANDED_OVER)),
                arguments("cancelled before start", run("r").cancel(), MISSING, new End(Ending.CANCELLED)),
                arguments(
                        "cancelled while held: the holder's job",
                        run("r").heldBy("h", 1).cancel(),
                        FINE,
                        rest),
                arguments("cancelled, holder lost", run("r").heldBy("h", 1).cancel(), LOST, new End(Ending.CANCELLED)),
                arguments(
                        "cancelled while waiting",
                        run("r").waiting(Kind.InDoubt, null).cancel(),
                        FINE,
                        new End(Ending.CANCELLED)),
                arguments(
                        "deadline to come",
                        run("r").heldBy("h", 1).deadline(101),
                        FINE,
                        new Leave(Optional.of(T0.plusSeconds(101)))),
                arguments(
                        "deadline passed while held",
                        run("r").heldBy("h", 1).deadline(100),
                        FINE,
                        new End(Ending.DEADLINE_EXCEEDED)),
                arguments(
                        "deadline passed while waiting",
                        run("r").waiting(Kind.InDoubt, null).deadline(5),
                        FINE,
                        new End(Ending.DEADLINE_EXCEEDED)),
                arguments(
                        "deadline does not count before the start", run("r").deadline(1), FINE, new Place(Cause.FIRST)),
                arguments("a child still runs", run("r").waiting(Kind.Run, null, "gone", "child"), FINE, rest),
                arguments(
                        "all children ended", run("r").waiting(Kind.Run, null, "gone"), FINE, new Place(Cause.RESUMED)),
                arguments(
                        "nothing is decided yet",
                        run("r").waiting(Kind.Approval, null, "pending-1", "pending-2"),
                        FINE,
                        rest),
                arguments(
                        "one of two is decided or gone",
                        run("r").waiting(Kind.Approval, null, "pending-1", "decided"),
                        FINE,
                        new Place(Cause.RESUMED)),
                arguments("the requester is not known", run("r").waiting(Kind.Approval, null), FINE, rest),
                arguments(
                        "cancelled while a person decides",
                        run("r").waiting(Kind.Approval, null, "pending").cancel(),
                        FINE,
                        new End(Ending.CANCELLED)),
                arguments("a person decides", run("r").waiting(Kind.InDoubt, null), FINE, rest),
                arguments(
                        "resource, not yet",
                        run("r").waiting(Kind.Resource, NOW.plusSeconds(1), "Secret/s"),
                        FINE,
                        new Leave(Optional.of(NOW.plusSeconds(1)))),
                arguments(
                        "resource, time to retry",
                        run("r").waiting(Kind.Resource, NOW, "Secret/s"),
                        FINE,
                        new Place(Cause.RESUMED)),
                arguments(
                        "resource without a time: after half a minute",
                        run("r").waiting(Kind.Resource, null, "Secret/s"),
                        FINE,
                        new Place(Cause.RESUMED)),
                arguments(
                        "a sandbox that is there before the time to retry",
                        run("r").waiting(Kind.Resource, NOW.plusSeconds(20), "Sandbox/came"),
                        FINE,
                        new Place(Cause.RESUMED)),
                arguments(
                        "a sandbox that is not there yet",
                        run("r").waiting(Kind.Resource, NOW.plusSeconds(20), "Sandbox/k"),
                        FINE,
                        new Leave(Optional.of(NOW.plusSeconds(20)))),
                arguments("finished", run("r").finished().cancel().deadline(1), LOST, rest));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void decides(String situation, Views run, World world, Decision expected) {
        assertEquals(expected, RunDecisions.decide(run.view(), world));
    }
}
