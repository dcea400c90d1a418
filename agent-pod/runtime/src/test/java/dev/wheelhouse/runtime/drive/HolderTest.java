package dev.wheelhouse.runtime.drive;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HolderTest {
    private final AtomicLong now = new AtomicLong();
    private final Holder holder = new Holder("pod.1", now::get, 0);

    @Test
    void acts_as_long_as_it_renews() {
        now.set(Holder.MAY_ACT.toNanos());
        assertTrue(holder.mayAct());
        holder.renewed(now.get());
        now.addAndGet(Holder.MAY_ACT.toNanos());
        assertTrue(holder.mayAct());
    }

    @Test
    void a_late_renewal_does_not_revive_it_for_runs_that_were_dropped() {
        now.set(Holder.MAY_ACT.toNanos() + 1);
        assertFalse(holder.mayAct());
        holder.renewed(now.get());
        assertFalse(holder.mayAct(), "a run dropped meanwhile would be nobody's, in the name of a living holder");
    }
}
