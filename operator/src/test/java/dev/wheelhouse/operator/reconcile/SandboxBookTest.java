package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SandboxBookTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SandboxView POD =
            new SandboxView("ns", "w", "uid-w", "7", "", "shape", "", Life.RUNNING, true, NOW, null);

    /** A claim does not change the pod: it must not stay hidden until the pod changes, which may be never. */
    @Test
    void aPodThatSomebodyElseWasQuickerAtIsSeenAgainAsSoonAsItsClaimIs() {
        SandboxBook book = new SandboxBook();
        book.seen(POD, NOW);
        book.begin(POD.going());
        book.failed(POD.going(), true);
        assertEquals(List.of(), book.views(Set.of()));
        assertEquals(List.of(POD), book.views(Set.of("w")));
    }
}
