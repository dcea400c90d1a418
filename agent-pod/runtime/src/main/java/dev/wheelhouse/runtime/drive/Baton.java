package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;

/**
 * The right to write one run: one epoch of one run in the hands of one holder.
 *
 * @param runUid a run of the same name is another run
 */
record Baton(String runUid, Holder holder, long epoch) {
    static Baton of(Run run, Holder holder) {
        return new Baton(
                run.getMetadata().getUid(), holder, run.getStatus().execution().epoch());
    }

    /** Whether a run, as read from the API server, still says so. */
    boolean ownedIn(Run run) {
        if (run == null
                || run.getStatus() == null
                || run.getStatus().execution() == null
                || !runUid.equals(run.getMetadata().getUid())) {
            return false;
        }
        Execution execution = run.getStatus().execution();
        return holder.id().equals(execution.holder()) && execution.epoch() != null && execution.epoch() == epoch;
    }
}
