package dev.wheelhouse.operator.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.operator.domain.RuntimeDirectory.Change;
import dev.wheelhouse.operator.domain.RuntimeDirectory.LeaseFacts;
import dev.wheelhouse.operator.domain.RuntimeDirectory.PodFacts;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RuntimeDirectoryTest {
    private static final String NS = "ns";
    private static final long SECOND = 1_000_000_000L;

    private final RuntimeDirectory directory = new RuntimeDirectory();

    private static PodFacts pod(boolean running, boolean terminating) {
        return new PodFacts(NS, "p", "u", running, terminating, "");
    }

    private static LeaseFacts lease(String holder, boolean draining, long version) {
        return new LeaseFacts(NS, "p", holder, Duration.ofSeconds(8), draining, String.valueOf(version));
    }

    private HolderState state(String holder, long now) {
        return directory.state(NS, "p", "u", holder, now);
    }

    private void up() {
        directory.pod(pod(true, false), 0);
        directory.lease(lease("u.1", false, 1), 0);
    }

    @Test
    void aRunningPodWithAFreshLeaseTakesRuns() {
        directory.pod(pod(true, false), 0);
        Change change = directory.lease(lease("u.1", false, 1), 0);
        RuntimeRef ref = new RuntimeRef(NS, "p", "u", "u.1");
        assertEquals(ref, change.appeared().orElseThrow());
        assertEquals(List.of(ref), directory.shared(NS, 0));
        assertEquals(HolderState.ALIVE, state("u.1", 8 * SECOND));
        assertTrue(directory.lease(lease("u.1", false, 2), SECOND).nothing(), "a renewal is no news");
    }

    @Test
    void silenceMakesItSuspectAndARenewalSavesIt() {
        up();
        assertEquals(List.of(), directory.shared(NS, 9 * SECOND));
        assertEquals(HolderState.ALIVE, state("u.1", 10 * SECOND));
        assertEquals(HolderState.SUSPECT, state("u.1", 11 * SECOND));
        assertEquals("u.1", directory.expire(11 * SECOND).getFirst().lost());
        assertEquals(List.of(), directory.expire(12 * SECOND), "told once");
        assertTrue(
                directory.lease(lease("u.1", false, 2), 12 * SECOND).appeared().isPresent());
        assertEquals(HolderState.ALIVE, state("u.1", 13 * SECOND));
    }

    @Test
    void anUnchangedLeaseIsNoSignOfLife() {
        up();
        directory.lease(lease("u.1", false, 1), 9 * SECOND);
        assertEquals(HolderState.SUSPECT, state("u.1", 11 * SECOND));
    }

    @Test
    void confirmedLostStaysLost() {
        up();
        directory.confirmLost("u.1");
        directory.lease(lease("u.1", false, 2), SECOND);
        assertEquals(HolderState.LOST, state("u.1", SECOND));
        assertEquals(List.of(), directory.shared(NS, SECOND));
    }

    @Test
    void aDeletedPodOrDeadContainerIsLostAtOnce() {
        up();
        assertEquals("u.1", directory.podGone(NS, "p", "u", SECOND).lost());
        assertEquals(HolderState.LOST, state("u.1", SECOND));
        directory.pod(new PodFacts(NS, "q", "v", true, false, ""), 0);
        directory.lease(new LeaseFacts(NS, "q", "v.1", Duration.ofSeconds(8), false, "1"), 0);
        assertEquals(
                "v.1",
                directory.pod(new PodFacts(NS, "q", "v", false, false, ""), 0).lost());
        assertEquals(HolderState.LOST, directory.state(NS, "q", "v", "v.1", 0));
    }

    @Test
    void aTerminatingOrDrainingPodKeepsItsRunsAndGetsNoMore() {
        up();
        assertTrue(directory.pod(pod(true, true), 0).nothing());
        assertEquals(List.of(), directory.shared(NS, 0));
        assertEquals(HolderState.ALIVE, state("u.1", 0));
        directory.pod(pod(true, false), 0);
        directory.lease(lease("u.1", true, 2), 0);
        assertEquals(List.of(), directory.shared(NS, 0));
        assertEquals(HolderState.ALIVE, state("u.1", 0));
    }

    @Test
    void aProcessRestartedInItsPodIsAnotherHolder() {
        up();
        Change change = directory.lease(lease("u.2", false, 2), SECOND);
        assertEquals("u.1", change.lost());
        assertEquals("u.2", change.appeared().orElseThrow().holder());
        assertEquals(HolderState.SUSPECT, state("u.1", SECOND));
        assertEquals(HolderState.ALIVE, state("u.2", SECOND));
    }

    @Test
    void theLeaseOfAnEarlierPodOfTheSameNameDoesNotCount() {
        directory.lease(lease("old.1", false, 1), 0);
        directory.pod(pod(true, false), 0);
        assertEquals(List.of(), directory.shared(NS, 0));
    }

    @Test
    void aPodOfOneRunTakesOnlyThatRun() {
        directory.pod(new PodFacts(NS, "p", "u", true, false, "run-1"), 0);
        Change change = directory.lease(lease("u.1", false, 1), 0);
        assertEquals("run-1", change.runUid());
        assertEquals(List.of(), directory.shared(NS, 0));
        assertEquals(1, directory.ownOf(NS, "run-1", 0).size());
        assertEquals(List.of(), directory.ownOf(NS, "run-2", 0));
    }

    /** Whatever the order in which pod and Lease are seen, and however often: the end is the same. */
    @Property(tries = 200)
    void orderAndRepetitionDoNotMatter(@ForAll long seed) {
        Random random = new Random(seed);
        RuntimeDirectory d = new RuntimeDirectory();
        for (int i = 0; i < 20; i++) {
            if (random.nextBoolean()) {
                d.pod(pod(random.nextBoolean(), random.nextBoolean()), 0);
            } else {
                d.lease(lease("u." + random.nextInt(3), random.nextBoolean(), i), 0);
            }
        }
        d.pod(pod(true, false), 0);
        d.lease(lease("u.9", false, 99), 0);
        assertEquals(List.of(new RuntimeRef(NS, "p", "u", "u.9")), d.shared(NS, 0));
        assertEquals(HolderState.ALIVE, d.state(NS, "p", "u", "u.9", 0));
        assertEquals(HolderState.SUSPECT, d.state(NS, "p", "u", "u.0", 0));
    }
}
