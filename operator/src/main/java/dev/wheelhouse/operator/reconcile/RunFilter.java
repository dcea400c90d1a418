package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;
import java.util.function.Function;

/**
 * Which changes of a run call for a look: all but progress that its holder reports. Spec and status both matter, for a
 * status can release the run.
 */
final class RunFilter implements OnUpdateFilter<Run> {
    @Override
    public boolean accept(Run now, Run before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || now.isMarkedForDeletion() != before.isMarkedForDeletion()
                || differ(now, before, RunStatus::phase)
                || differ(now, before, RunStatus::waitingFor)
                || differ(now, before, RunFilter::holder)
                || differ(now, before, RunFilter::epoch);
    }

    private static boolean differ(Run now, Run before, Function<RunStatus, ?> part) {
        return !Objects.equals(part(now, part), part(before, part));
    }

    private static Object part(Run run, Function<RunStatus, ?> part) {
        return run.getStatus() == null ? null : part.apply(run.getStatus());
    }

    private static Object holder(RunStatus status) {
        Execution execution = status.execution();
        return execution == null ? null : execution.holder();
    }

    private static Object epoch(RunStatus status) {
        Execution execution = status.execution();
        return execution == null ? null : execution.epoch();
    }
}
