package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Approval;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApprovalBookTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong seconds = new AtomicLong();
    private final ApprovalBook book =
            new ApprovalBook(new Clockwork(() -> T0.plusSeconds(seconds.get()), () -> seconds.get() * 1_000_000_000));
    private final Approval decided = Serialization.unmarshal("""
            apiVersion: wheelhouse.dev/v1alpha1
            kind: Approval
            metadata: {namespace: n, name: a, uid: u}
            spec:
              request: {run: {name: r, uid: uid-r}}
              decisions: {bob: {verdict: Approve}}
            """, Approval.class);

    @Test
    void aDecisionIsSeenOnce() {
        book.seen(decided);
        seconds.set(5);
        book.seen(decided);
        assertEquals(T0, book.firstSeen(decided, "bob", false));
        assertEquals(0, book.latest(decided));
    }

    /** A reconciliation asks the API server, which takes long enough for a run to be cancelled meanwhile. */
    @Test
    void whatIsSettledWhileItIsLookedAtDoesNotComeBack() {
        book.seen(decided);
        assertTrue(book.asks("uid-r"));
        book.gone(decided);
        assertEquals(T0, book.firstSeen(decided, "bob", false));
        book.latest(decided);
        assertFalse(book.asks("uid-r"));
        assertFalse(book.pending("n", "a"));
        assertEquals(0, book.size());
    }
}
