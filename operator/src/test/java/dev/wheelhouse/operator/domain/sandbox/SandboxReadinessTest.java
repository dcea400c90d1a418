package dev.wheelhouse.operator.domain.sandbox;

import static dev.wheelhouse.operator.domain.sandbox.Wishes.pod;
import static dev.wheelhouse.operator.domain.sandbox.Wishes.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxReadinessTest {
    private static final SandboxReadiness FAILURE = new SandboxReadiness(false, "SandboxFailed", "no quota");

    private static Optional<SandboxReadiness> of(List<SandboxView> pods, SandboxReadiness failure, boolean missing) {
        return SandboxReadiness.of(run("r", "k"), pods, failure, missing);
    }

    @Test
    void nothingIsSaidOfWhatComesUpByItself() {
        assertEquals(Optional.empty(), of(List.of(), null, false));
        assertEquals(Optional.empty(), of(List.of(pod("p", "k", Life.STARTING)), null, false));
        assertEquals(Optional.empty(), of(List.of(pod("p", "k", Life.RUNNING)), null, false));
    }

    @Test
    void aFailureIsSaidUntilThereIsAPod() {
        assertEquals(Optional.of(FAILURE), of(List.of(), FAILURE, false));
        assertEquals(Optional.of(FAILURE), of(List.of(), FAILURE, true));
        assertEquals(
                Optional.of(FAILURE),
                of(
                        List.of(pod("p", "k", Life.GOING), pod("q", "k", Life.ENDED), pod("o", "other", Life.RUNNING)),
                        FAILURE,
                        true));
        assertEquals(Optional.empty(), of(List.of(pod("p", "k", Life.RUNNING)), FAILURE, false));
    }

    @Test
    void aPodTakesItBack() {
        SandboxReadiness starting =
                of(List.of(pod("p", "k", Life.STARTING)), FAILURE, true).orElseThrow();
        assertFalse(starting.ready());
        assertEquals("SandboxStarting", starting.reason());
        SandboxReadiness running = of(List.of(pod("p", "k", Life.STARTING), pod("q", "k", Life.RUNNING)), null, true)
                .orElseThrow();
        assertTrue(running.ready());
        assertTrue(running.message().contains("pod q"), running.message());
    }

    @Test
    void thePodThatTheRunLostIsNotItsSandbox() {
        var after = run("r", "k", "uid-p", "uid-p", false);
        assertEquals(
                Optional.of(FAILURE), SandboxReadiness.of(after, List.of(pod("p", "k", Life.RUNNING)), FAILURE, false));
    }

    @Test
    void aRunThatWaitsForSomethingElseMissesNothing() {
        assertEquals(Optional.empty(), SandboxReadiness.of(run("r", "k", "", "", true), List.of(), FAILURE, true));
    }
}
