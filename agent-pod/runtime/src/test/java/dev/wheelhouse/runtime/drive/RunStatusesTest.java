package dev.wheelhouse.runtime.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunStatusesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00.5Z");
    private static final Summary SUMMARY =
            new Summary(2, 3, 1, new Spend(new TokenUsage(10, 0, 5), 1234L), 7, "sha256:h", "sha256:p");

    private final RunStatuses to = new RunStatuses("r1", 2L, TenantSpec.Store.ConfigMap, NOW);
    private final RunStatus running = Runs.assigned("r1", "me", 3).getStatus();

    @Test
    void every_end_completes_and_lets_go_but_remembers_the_pod() {
        for (RunStatus end : List.of(
                to.completed(running, "x", SUMMARY),
                to.failed(running, "LimitReached", "steps", SUMMARY),
                to.cancelled(running, SUMMARY))) {
            assertEquals("True", condition(end, "Complete").getStatus());
            assertEquals("", end.execution().holder());
            assertEquals("pod-0", end.execution().pod());
            assertEquals(3, end.execution().epoch());
            assertEquals("2026-01-01T00:01:00Z", end.completionTime());
            assertTrue(end.phase().finished());
            assertEquals("$0.001234", end.usage().cost());
            assertEquals(7, end.journal().records());
        }
        assertEquals(
                "LimitReached",
                condition(to.failed(running, "LimitReached", "steps", SUMMARY), "Succeeded")
                        .getReason());
    }

    @Test
    void waiting_lets_go_and_says_for_what() {
        RunStatus children = to.waiting(running, new WaitReason.ForRuns(List.of("a", "b")), SUMMARY);
        assertEquals(RunPhase.Waiting, children.phase());
        assertEquals(WaitingFor.Kind.Run, children.waitingFor().kind());
        assertEquals("2 runs: a, b", children.waitingFor().summary());
        assertNull(children.waitingFor().retryAt());
        assertEquals("ChildRuns", condition(children, "Waiting").getReason());
        assertEquals("", children.execution().holder());
        assertNull(children.completionTime());

        RunStatus secret = to.waiting(
                running,
                new WaitReason.ForResources(List.of("Secret/openai"), "create the Secret openai"),
                Summary.EMPTY);
        assertEquals("Secret/openai", secret.waitingFor().summary(), "the column is short");
        assertEquals("create the Secret openai", condition(secret, "Waiting").getMessage(), "the condition says more");
        assertEquals("2026-01-01T00:01:30Z", secret.waitingFor().retryAt());
        assertNull(secret.usage(), "nothing was read: nothing is claimed");

        RunStatus doubt = to.waiting(running, new WaitReason.ForApprovals(List.of("c1"), "pay"), SUMMARY);
        assertEquals("Approvals", condition(doubt, "Waiting").getReason());
        assertEquals(WaitingFor.Kind.Approval, doubt.waitingFor().kind());
        assertEquals(List.of("c1"), doubt.waitingFor().names());

        RunStatus nobody = to.waiting(running, new WaitReason.ForRequester("set spec.requester"), SUMMARY);
        assertEquals("RequesterUnknown", condition(nobody, "Waiting").getReason());
        assertEquals("set spec.requester", condition(nobody, "Waiting").getMessage());
    }

    @Test
    void the_end_of_a_run_that_waited_clears_the_wait() {
        RunStatus waited = to.waiting(running, new WaitReason.ForRuns(List.of("a")), SUMMARY);
        RunStatus end = to.completed(waited, "x", SUMMARY);
        assertEquals("False", condition(end, "Waiting").getStatus());
        assertNull(end.waitingFor());
    }

    @Test
    void a_transition_time_stays_while_the_condition_does() {
        RunStatus first = to.waiting(running, new WaitReason.ForRuns(List.of("a")), SUMMARY);
        RunStatuses later = new RunStatuses("r1", 2L, TenantSpec.Store.ConfigMap, NOW.plusSeconds(60));
        RunStatus second = later.waiting(first, new WaitReason.ForRuns(List.of("b")), SUMMARY);
        assertEquals("2026-01-01T00:01:00Z", condition(second, "Waiting").getLastTransitionTime());
    }

    @Test
    void a_handover_queues_the_run() {
        RunStatus drained = to.drained(running, SUMMARY);
        assertEquals(RunPhase.Queued, drained.phase());
        assertEquals("", drained.execution().holder());
        assertEquals("False", condition(drained, "Assigned").getStatus());
    }

    @Test
    void texts_stay_within_the_bounds_of_the_api_and_say_what_was_cut() {
        String long9000 = "\uD83D\uDE80".repeat(4500);
        String result = to.completed(running, long9000, SUMMARY).result();
        assertTrue(result.length() <= Texts.MAX_RESULT);
        assertTrue(
                result.endsWith("9000 characters in all; the whole answer: kubectl wheelhouse transcript --full r1]"));
        assertTrue(result.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF), "no half character");
        assertEquals(
                "x".repeat(4096),
                to.completed(running, "x".repeat(4096), SUMMARY).result());

        List<String> names = IntStream.range(0, 100).mapToObj(i -> "child-" + i).toList();
        WaitingFor waiting =
                to.waiting(running, new WaitReason.ForRuns(names), SUMMARY).waitingFor();
        assertEquals(64, waiting.names().size());
        assertEquals("100 runs: child-0, child-1, child-2 and 97 more", waiting.summary());
        assertTrue(to.waiting(running, new WaitReason.ForApprovals(List.of(), "y".repeat(999)), SUMMARY)
                        .waitingFor()
                        .summary()
                        .length()
                <= 256);
    }

    @Test
    void costs_read_as_money() {
        assertEquals("unknown", Texts.cost(null));
        assertEquals("$0.0000", Texts.cost(0L));
        assertEquals("$0.000012", Texts.cost(12L));
        assertEquals("$12.3457", Texts.cost(12_345_678L));
    }

    private static Condition condition(RunStatus status, String type) {
        return status.conditions().stream()
                .filter(c -> c.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }
}
