package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;

/** What a Run says of itself, and assertions on it whose failures show the whole status. */
final class Runs {
    private Runs() {}

    /** The condition, or an empty one. */
    static Condition condition(Run run, String type) {
        if (run.getStatus() == null || run.getStatus().conditions() == null) {
            return new Condition();
        }
        return run.getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseGet(Condition::new);
    }

    static boolean is(Run run, String type, String status) {
        return status.equals(condition(run, type).getStatus());
    }

    static boolean complete(Run run) {
        return is(run, "Complete", "True");
    }

    static RunPhase phase(Run run) {
        return run.getStatus() == null ? null : run.getStatus().phase();
    }

    static String holder(Run run) {
        boolean held = run.getStatus() != null
                && run.getStatus().execution() != null
                && run.getStatus().execution().holder() != null;
        return held ? run.getStatus().execution().holder() : "";
    }

    static long epoch(Run run) {
        boolean assigned = run.getStatus() != null && run.getStatus().execution() != null;
        return assigned ? run.getStatus().execution().epoch() : 0;
    }

    /** Whether it waits, with this reason, holding nothing. */
    static boolean waits(Run run, String reason) {
        return phase(run) == RunPhase.Waiting
                && is(run, "Waiting", "True")
                && reason.equals(condition(run, "Waiting").getReason())
                && holder(run).isEmpty();
    }

    /** Whether it is not accepted for this reason. */
    static boolean refused(Run run, String reason) {
        return is(run, "Accepted", "False")
                && reason.equals(condition(run, "Accepted").getReason());
    }

    static void assertSucceeded(Run run, String result) {
        assertEnded(run, RunPhase.Succeeded, "Completed");
        assertEquals(result, run.getStatus().result(), () -> describe(run));
    }

    /** Asserts the end, its reason and that the message contains the fragments. */
    static void assertEnded(Run run, RunPhase phase, String reason, String... fragments) {
        assertEquals(phase, phase(run), () -> describe(run));
        assertTrue(is(run, "Complete", "True"), () -> describe(run));
        assertTrue(is(run, "Succeeded", phase == RunPhase.Succeeded ? "True" : "False"), () -> describe(run));
        Condition succeeded = condition(run, "Succeeded");
        assertEquals(reason, succeeded.getReason(), () -> describe(run));
        for (String fragment : fragments) {
            assertTrue(
                    succeeded.getMessage().contains(fragment),
                    () -> "'" + fragment + "' is not in the message: " + describe(run));
        }
        assertTrue(run.getStatus().completionTime() != null, () -> describe(run));
        assertEquals("", holder(run), () -> describe(run));
    }

    static String describe(Run run) {
        return run == null ? "not there" : run.getMetadata().getName() + ": " + run.getStatus();
    }

    /** The run succeeds, and did once what it does, with a sound journal. */
    static void assertDoneOnce(Space space, CountingServer world, String name, String what) {
        Run run = space.awaitRun(name, "complete", Duration.ofSeconds(120), Runs::complete);
        assertSucceeded(run, "done");
        assertEquals(1, world.calls(what).size(), () -> name + " acted " + world.calls(what));
        new Journal(space, name).assertSound();
        assertFalse(run.getStatus().execution().pod().isEmpty());
    }
}
