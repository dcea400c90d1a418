package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandboxRoomTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final RunId RUN = new RunId("ns", "r", "uid-r");

    private final SandboxRoom room = new SandboxRoom();
    private final Claimant claimant = new Claimant(RUN, "a", false, request("k"), "");

    private static SandboxState.Request request(String key) {
        return new SandboxState.Request(key, null, null, "image:1", null, null, 300, 3600, false);
    }

    private static SandboxView pod(String uid, Life life) {
        return new SandboxView("ns", "p", uid, "1", "k", "", "", life, false, T0, null);
    }

    @BeforeEach
    void wants() {
        room.claimants.put(RUN.uid(), claimant);
    }

    @Test
    void aPodEndsAWaitAsItBeginsToRunAndNotEachOneAfter() {
        assertFalse(room.pods.seen(pod("u", Life.STARTING), T0));
        assertFalse(room.came(RUN, "k", T0));
        assertTrue(room.pods.seen(pod("u", Life.RUNNING), T0.plusSeconds(20)));
        assertFalse(room.pods.seen(pod("u", Life.RUNNING), T0.plusSeconds(90)), "that is no news");
        assertTrue(room.came(RUN, "k", T0));
        assertTrue(room.came(RUN, "k", T0.plusSeconds(22)), "too late for the run to notice");
        assertFalse(room.came(RUN, "k", T0.plusSeconds(80)), "its daemon does not report: waiting again must wait");
        assertFalse(room.came(RUN, "other", T0));
        assertFalse(room.came(new RunId("ns", "s", "uid-s"), "k", T0));
    }

    @Test
    void aPodOfTheSameNameIsAnotherOne() {
        room.pods.seen(pod("u", Life.RUNNING), T0);
        assertTrue(room.pods.seen(pod("v", Life.RUNNING), T0.plusSeconds(60)));
        assertTrue(room.came(RUN, "k", T0.plusSeconds(60)));
    }

    @Test
    void numbersOfAQuotaThatChangeAreNotWorthAWriteEachTime() {
        long now = 0;
        assertTrue(failed("SandboxFailed", "used 5", now));
        assertFalse(failed("SandboxFailed", "used 5", now));
        assertFalse(
                failed("SandboxFailed", "used 6", now + Duration.ofSeconds(5).toNanos()));
        assertTrue(failed("SandboxRefused", "no", now + Duration.ofSeconds(6).toNanos()));
        assertTrue(
                failed("SandboxRefused", "never", now + Duration.ofSeconds(40).toNanos()));
    }

    @Test
    void fillingThePoolIsPutOffOnceAndNotLongerThanUntilATakerUsesOne() {
        room.used(RUN.uid(), Duration.ofSeconds(1), 0);
        assertTrue(room.free(SandboxRoom.REFILL));
        room.taken(claim("uid-s"), Duration.ofSeconds(10), 0);
        room.taken(claim(RUN.uid()), Duration.ofSeconds(10), nanos(5));
        room.used("uid-of-an-older-one", Duration.ofSeconds(1), nanos(6));
        assertEquals(Map.of(SandboxRoom.REFILL, nanos(10)), room.notBefore);
        room.used(RUN.uid(), Duration.ofSeconds(1), nanos(6));
        room.used("uid-s", Duration.ofSeconds(1), nanos(7));
        assertEquals(Map.of(SandboxRoom.REFILL, nanos(7)), room.notBefore);
    }

    @Test
    void whatTheOperatorKeepsFromRunsPutsNothingOff() {
        room.taken(SandboxClaim.ofNobody("p", "u"), Duration.ofSeconds(10), 0);
        assertTrue(room.free(SandboxRoom.REFILL));
    }

    private static SandboxClaim claim(String runUid) {
        return new SandboxClaim("p", "u", "r", runUid, "k", "", 3600);
    }

    @Test
    void aPodThatWasTakenAndNotUsedIsUnneededFromTheEndOfItsRun() {
        SandboxClaim claim = claim(RUN.uid());
        SandboxView pod = pod("u", Life.RUNNING).with(claim);
        room.claims.put("p", claim);
        assertFalse(room.mayGo(pod, 0));
        room.ended.add(RUN.uid());
        room.leaves(RUN.uid());
        assertFalse(room.mayGo(pod, nanos(100)));
        assertTrue(room.mayGo(pod, nanos(102)));
    }

    private static long nanos(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private boolean failed(String reason, String message, long now) {
        return room.news.failed(claimant, new SandboxReadiness(false, reason, message), now);
    }
}
