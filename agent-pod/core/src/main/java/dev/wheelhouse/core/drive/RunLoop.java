package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.RunId;

/** Drives one run from its journal, through the ports, until it ends or must be let go. Thread-safe, stateless. */
public final class RunLoop {
    private final Ports ports;

    public RunLoop(Ports ports) {
        this.ports = ports;
    }

    /**
     * Drives the run on the calling thread, which may be virtual. Does not throw.
     *
     * @param epoch of the assignment that this process holds
     * @param pinning called only if the journal is empty
     */
    public RunEnd run(RunId run, long epoch, Pinning pinning, Signals signals) {
        throw new UnsupportedOperationException("the driver follows in the next commit " + ports);
    }
}
