package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.journal.Entry;
import java.util.Optional;

/** One process's turn at one run: asks the harness for the next step and does it, again and again. */
final class Drive implements AutoCloseable {
    private final Harness harness;
    private final Signals signals;
    private final Pause pause;
    private final Recorder recorder;
    private final ModelStep models;
    private final ToolStep tools;
    private final ApprovalStep approvals;
    private final Foresight foresight;
    private final long epoch;

    Drive(Ports ports, Harness harness, Habits habits, RunId run, long epoch, Signals signals) {
        this.harness = harness;
        this.signals = signals;
        this.epoch = epoch;
        pause = new Pause(ports.parallel(), signals);
        recorder = new Recorder(ports, run, signals, pause);
        foresight = new Foresight(ports, habits, recorder);
        models = new ModelStep(ports, signals, pause, recorder, foresight);
        approvals = new ApprovalStep(ports, run, epoch, signals, pause, recorder);
        tools = new ToolStep(ports, run, epoch, signals, pause, recorder, approvals, foresight);
    }

    RunEnd toItsEnd(Pinning pinning) throws LetGo, Pinning.NotReady, InterruptedException {
        recorder.open(epoch);
        if (recorder.state().records() == 0) {
            begin(pinning);
        }
        while (true) {
            Optional<RunEnd> end = once();
            if (end.isPresent()) {
                return end.get();
            }
        }
    }

    private void begin(Pinning pinning) throws Pinning.NotReady, InterruptedException {
        if (signals.cancelled()) {
            recorder.stage(new Entry.Cancelled());
            return;
        }
        try {
            PinnedRun pinned = pinning.pin();
            recorder.stage(new Entry.RunStarted(pinned));
            recorder.stage(new Entry.Input(pinned.input()));
        } catch (Pinning.Refused e) {
            recorder.stage(new Entry.Failed(FailureReason.INVALID, e.getMessage()));
        }
    }

    private Optional<RunEnd> once() throws LetGo, InterruptedException {
        Step step = harness.next(recorder.state(), recorder.now());
        if (step instanceof Step.Pause || step instanceof Step.Ended) {
            recorder.flush();
            return Optional.of(over(step));
        }
        if (signals.cancelled()) {
            recorder.stage(new Entry.Cancelled());
            return Optional.empty();
        }
        if (signals.draining()
                && (step instanceof Step.CallModel || step instanceof Step.CallTools || step instanceof Step.Decide)) {
            recorder.flush();
            return Optional.of(new RunEnd.Drained(recorder.summary()));
        }
        return act(step);
    }

    private Optional<RunEnd> act(Step step) throws LetGo, InterruptedException {
        return switch (step) {
            case Step.CallModel call -> models.perform(call);
            case Step.CallTools call -> tools.perform(call);
            case Step.Decide decide -> approvals.perform(decide);
            case Step.Wait(var reason) -> {
                recorder.flush();
                yield Optional.of(new RunEnd.Waiting(reason, recorder.summary()));
            }
            case Step.Correct(var guard, var message) -> staged(new Entry.GuardDecided(guard, message));
            case Step.Finish(var result) -> staged(new Entry.Completed(result));
            case Step.Fail(var reason, var message) -> staged(new Entry.Failed(reason, message));
            case Step.Pause _, Step.Ended _ -> throw new IllegalStateException("nothing to do: " + step);
        };
    }

    private Optional<RunEnd> staged(Entry entry) {
        recorder.stage(entry);
        return Optional.empty();
    }

    private RunEnd over(Step step) {
        Summary summary = recorder.summary();
        return switch (step) {
            case Step.Pause(var message) -> new RunEnd.Paused(message, summary);
            case Step.Ended(Entry.Completed(var result)) -> new RunEnd.Completed(result, summary);
            case Step.Ended(Entry.Failed(var reason, var message)) -> new RunEnd.Failed(reason, message, summary);
            case Step.Ended(Entry.Cancelled _) -> new RunEnd.Cancelled(summary);
            default -> throw new IllegalStateException("not an end: " + step);
        };
    }

    @Override
    public void close() {
        models.close();
        tools.close();
        foresight.settle();
        pause.close();
    }
}
