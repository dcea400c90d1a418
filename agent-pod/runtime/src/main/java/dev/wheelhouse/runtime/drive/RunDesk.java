package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.harness.RunId;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What tools that live longer than a call may know and say of a run that this process holds. Its status has one writer,
 * which is behind this desk. Thread-safe.
 */
public interface RunDesk {
    /** The run's sandbox: what the status says, or will say soon; empty if that is nothing. */
    Optional<SandboxState> sandbox(RunId run);

    /**
     * Changes the state of the sandbox for this process now, and in the status with its next write, a second or two
     * later if there is none before: for what the journal says too. Not to be called at the same time as another change of it.
     *
     * @param change pure; gets an empty state if there is none yet
     */
    void sandboxSoon(RunId run, UnaryOperator<SandboxState> change, Network network);

    /** Whether the status does not say yet what {@link #sandbox(RunId)} says. */
    boolean sandboxUnsaid(RunId run);

    /**
     * Makes a change of the sandbox's state durable, with what its probes found. Nothing is written if nothing changes.
     *
     * @param change pure; gets an empty state if there is none yet
     * @param network null: nothing new
     */
    void sandbox(RunId run, UnaryOperator<SandboxState> change, Network network) throws NotWritten;

    /** Makes durable that the run left this file; one of the same name is replaced. */
    void artifact(RunId run, RunStatus.Artifact artifact) throws NotWritten;

    /** The files that the run left, by the status last seen. */
    List<RunStatus.Artifact> artifacts(RunId run);

    /** Why a call should not go on here. */
    Call call(RunId run);

    /** Calls the listener after each change of {@link #call}, on another thread, until the returned handle is run. */
    Runnable onChange(RunId run, Runnable listener);

    /** What is to become of calls under way. */
    enum Call {
        /** Nothing: they go on. */
        GOES_ON,
        /** The run is cancelled: end them. */
        CANCELLED,
        /** Another process will go on: leave them as they are. */
        LEFT
    }

    /**
     * What a sandbox's probes found.
     *
     * @param isolated whether nothing was reached
     * @param reason word in CamelCase
     * @param message for people
     */
    record Network(boolean isolated, String reason, String message) {}

    /** It is not certain that the status says so. The message is for people. */
    final class NotWritten extends Exception {
        public NotWritten(String message) {
            super(message);
        }
    }
}
