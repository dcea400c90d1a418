package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.RunId;

/**
 * Drives one run from its journal, through the ports, until it ends or must be let go. Thread-safe; what it remembers are
 * guesses.
 */
public final class RunLoop {
    /** Lower epochs that may write between our look and our first write. */
    private static final int LOOKS = 5;

    private final Ports ports;
    private final Harness harness;
    private final Habits habits;

    public RunLoop(Ports ports) {
        this(ports, Harness.standard(ports.conditions()));
    }

    public RunLoop(Ports ports, Harness harness) {
        this(ports, harness, new Habits());
    }

    RunLoop(Ports ports, Harness harness, Habits habits) {
        this.ports = ports;
        this.harness = harness;
        this.habits = habits;
    }

    /**
     * Drives the run on the calling thread, which may be virtual. Does not throw. If the thread is interrupted, the run
     * is dropped at once, as if the process were lost.
     *
     * @param epoch of the assignment that this process holds
     * @param pinning called only if the journal is empty
     */
    public RunEnd run(RunId run, long epoch, Pinning pinning, Signals signals) {
        RunEnd end = new RunEnd.Fenced();
        for (int look = 0; look < LOOKS; look++) {
            try (Drive drive = new Drive(ports, harness, habits, run, epoch, signals)) {
                return drive.toItsEnd(pinning);
            } catch (LetGo e) {
                end = e.end();
                if (!e.worthAnotherLook()) {
                    return end;
                }
            } catch (Pinning.NotReady e) {
                return new RunEnd.Waiting(e.reason(), Summary.EMPTY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new RunEnd.Fenced();
            } catch (RuntimeException e) {
                // A defect of ours must stop this run only, and visibly.
                return new RunEnd.Paused("internal error: " + e, Summary.EMPTY);
            }
        }
        return end;
    }
}
