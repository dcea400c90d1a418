package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.Allowances;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Asks a model once: request recorded, then made, then its end recorded. */
final class ModelStep implements AutoCloseable {
    /** What an adapter may take beyond its own timeout before it is given up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Ports ports;
    private final Signals signals;
    private final Pause pause;
    private final Recorder recorder;
    private final Foresight foresight;
    private final Parallel.Scope<Answered> scope;
    private final Runnable unsubscribe;

    private record Answered(ModelRequest request, ModelReply reply, ModelException failure) {}

    ModelStep(Ports ports, Signals signals, Pause pause, Recorder recorder, Foresight foresight) {
        this.ports = ports;
        this.signals = signals;
        this.pause = pause;
        this.recorder = recorder;
        this.foresight = foresight;
        scope = ports.parallel().open();
        unsubscribe = signals.onChange(scope::wake);
    }

    Optional<RunEnd> perform(Step.CallModel step) throws LetGo, InterruptedException {
        if (step.delay().isPositive()) {
            recorder.flush();
            pause.sleep(step.delay());
            if (signals.cancelled() || signals.draining()) {
                return Optional.empty();
            }
        }
        ModelRequest request = step.request();
        recorder.stage(new Entry.ModelRequested(
                request.step(), request.attempt(), request.model().name(), request.maxOutputTokens(), step.reserved()));
        recorder.flush();
        if (signals.fenced()) {
            throw new LetGo(new RunEnd.Fenced());
        }
        Duration started = scope.elapsed();
        Parallel.Task task = scope.start(() -> call(request));
        if (!signals.cancelled() && !signals.draining()) {
            foresight.asked(request.step());
        }
        Optional<Answered> answered = await(request, task, started);
        if (answered.isEmpty()) {
            // Cancelled or draining: the request stays open and counts at its upper bound.
            return Optional.empty();
        }
        return record(step, answered.get(), scope.elapsed().minus(started));
    }

    private Answered call(ModelRequest request) {
        try {
            ModelReply reply =
                    ports.models().call(request, delta -> ports.observer().text(request.run(), request.step(), delta));
            return new Answered(request, reply, null);
        } catch (ModelException e) {
            return new Answered(request, null, e);
        } catch (InterruptedException e) {
            return failed(request, ModelException.Kind.TIMEOUT, "interrupted");
        } catch (RuntimeException e) {
            // The message might hold what must not be journaled.
            return failed(request, ModelException.Kind.SERVER_ERROR, "the adapter failed: " + e.getClass());
        }
    }

    private static Answered failed(ModelRequest request, ModelException.Kind kind, String message) {
        return new Answered(request, null, new ModelException(kind, message, null));
    }

    private Optional<Answered> await(ModelRequest request, Parallel.Task task, Duration started)
            throws LetGo, InterruptedException {
        Duration deadline = started.plus(patience(request));
        while (true) {
            Duration left = deadline.minus(scope.elapsed());
            Optional<Answered> answered = scope.next(left);
            if (answered.isPresent() && answered.get().request() == request) {
                return answered;
            }
            if (signals.fenced()) {
                throw new LetGo(new RunEnd.Fenced());
            }
            if (signals.cancelled() || signals.draining()) {
                task.interrupt();
                return Optional.empty();
            }
            if (!left.isPositive()) {
                task.interrupt();
                return Optional.of(failed(request, ModelException.Kind.TIMEOUT, "no answer in time"));
            }
        }
    }

    private Duration patience(ModelRequest request) {
        Duration own = request.model().timeout().plus(GRACE);
        Duration wall = Allowances.wallTime(recorder.state(), recorder.now());
        return wall == null || own.compareTo(wall) < 0 ? own : wall;
    }

    private Optional<RunEnd> record(Step.CallModel step, Answered answered, Duration took)
            throws LetGo, InterruptedException {
        ModelRequest request = step.request();
        ModelException failure = answered.failure();
        if (failure == null) {
            Entry.ModelResponded entry = Replies.entry(recorder.state(), request, answered.reply());
            recorder.stage(entry);
            foresight.answered(request.step());
            Spend spent = new Spend(entry.usage(), entry.costMicros());
            ports.observer().modelCalled(request.run(), request.model(), took, spent, null);
            return Optional.empty();
        }
        // Only a call that may have been made is charged.
        Spend charged = failure.kind() == ModelException.Kind.TIMEOUT ? step.reserved() : Spend.NONE;
        ports.observer().modelCalled(request.run(), request.model(), took, charged, failure);
        recorder.stage(new Entry.ModelFailed(
                request.step(),
                request.attempt(),
                request.model().name(),
                failure.kind(),
                Texts.cut(String.valueOf(failure.getMessage()), 2048).text(),
                charged,
                failure.retryAfter() == null ? null : failure.retryAfter().toMillis()));
        if (failure.kind() != ModelException.Kind.NO_CREDENTIAL) {
            return Optional.empty();
        }
        recorder.flush();
        var missing =
                new WaitReason.ForResources(List.of("Model/" + request.model().name()), failure.getMessage());
        return Optional.of(new RunEnd.Waiting(missing, recorder.summary()));
    }

    @Override
    public void close() {
        unsubscribe.run();
        scope.close();
    }
}
