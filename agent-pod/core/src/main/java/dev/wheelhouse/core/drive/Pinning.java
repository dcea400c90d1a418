package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.WaitReason;

/** Copies everything a run is held to. Called at most once in a run's life: only while its journal is empty. */
@FunctionalInterface
public interface Pinning {
    /**
     * @throws NotReady if something is missing that may appear later
     * @throws Refused if the run can never start as it is
     */
    PinnedRun pin() throws NotReady, Refused, InterruptedException;

    /** Something is missing; the run waits for it without a pod. */
    final class NotReady extends Exception {
        private final transient WaitReason reason;

        public NotReady(WaitReason reason) {
            super(reason.toString());
            this.reason = reason;
        }

        public WaitReason reason() {
            return reason;
        }
    }

    /** The run can never start as it is; it ends as {@link dev.wheelhouse.core.harness.FailureReason#INVALID}. */
    final class Refused extends Exception {
        /** @param message names what is wrong and the fix */
        public Refused(String message) {
            super(message);
        }
    }
}
