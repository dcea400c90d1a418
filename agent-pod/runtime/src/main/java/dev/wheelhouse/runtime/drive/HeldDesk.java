package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.harness.RunId;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The desk of one {@link RunHost}, which is opened by it: tools are made before the host that calls them. */
public final class HeldDesk implements RunDesk {
    private static final String NOT_HELD = "this process does not hold the run any more";

    private volatile RunDriver driver;
    private volatile Conclusion conclusion;

    void open(RunDriver driver, Conclusion conclusion) {
        this.conclusion = conclusion;
        this.driver = driver;
    }

    @Override
    public Optional<SandboxState> sandbox(RunId run) {
        return Optional.ofNullable(held(run)).map(HeldRun::sandbox);
    }

    @Override
    public void sandboxSoon(RunId run, UnaryOperator<SandboxState> change, Network network) {
        HeldRun held = held(run);
        if (held != null) {
            held.sandboxSoon(change, network, System.nanoTime());
        }
    }

    @Override
    public boolean sandboxUnsaid(RunId run) {
        HeldRun held = held(run);
        return held != null && held.unsaid() != null;
    }

    @Override
    public List<RunStatus.Artifact> artifacts(RunId run) {
        return status(run).map(RunStatus::artifacts).orElse(List.of());
    }

    @Override
    public void sandbox(RunId run, UnaryOperator<SandboxState> change, Network network) throws NotWritten {
        conclusion.note(needed(run), (to, status) -> to.sandbox(status, change, network));
    }

    @Override
    public void artifact(RunId run, RunStatus.Artifact artifact) throws NotWritten {
        conclusion.note(needed(run), (to, status) -> to.artifact(status, artifact));
    }

    @Override
    public Call call(RunId run) {
        HeldRun held = held(run);
        if (held == null || held.signals().fenced() || held.signals().draining()) {
            return Call.LEFT;
        }
        return held.signals().cancelled() ? Call.CANCELLED : Call.GOES_ON;
    }

    @Override
    public Runnable onChange(RunId run, Runnable listener) {
        HeldRun held = held(run);
        return held == null ? () -> {} : held.signals().onChange(listener);
    }

    private Optional<RunStatus> status(RunId run) {
        return Optional.ofNullable(held(run)).map(held -> held.seen().getStatus());
    }

    private HeldRun held(RunId run) {
        RunDriver present = driver;
        return present == null ? null : present.held(run.uid());
    }

    private HeldRun needed(RunId run) throws NotWritten {
        HeldRun held = held(run);
        if (held == null) {
            throw new NotWritten(NOT_HELD);
        }
        return held;
    }
}
