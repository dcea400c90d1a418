package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.schedule.Child;
import dev.wheelhouse.operator.kube.Informers;
import dev.wheelhouse.operator.kube.Pruned;
import dev.wheelhouse.operator.kube.ScheduledRuns;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Runs of Schedules as last seen, by their owner: the finished ones too, for history and cost. */
public final class ScheduleChildren {
    private final Map<String, Map<String, Child>> byOwner = new ConcurrentHashMap<>();
    private volatile BiConsumer<String, String> wake = (namespace, schedule) -> {};

    /** Whom to tell (namespace, name) when a run of a Schedule came, ended or went. */
    void onChange(BiConsumer<String, String> wake) {
        this.wake = wake;
    }

    /** Begins to watch. */
    public void watch(Informers informers) {
        informers.watch(Run.class, s -> s.withLabel(Api.LABEL_SCHEDULE_UID), Pruned::scheduled, this::seen, this::gone);
    }

    Collection<Child> of(String scheduleUid) {
        return List.copyOf(byOwner.getOrDefault(scheduleUid, Map.of()).values());
    }

    /** UIDs of the runs as last seen. */
    Set<String> uids(String scheduleUid) {
        return byOwner.getOrDefault(scheduleUid, Map.of()).keySet();
    }

    void forget(String scheduleUid) {
        byOwner.remove(scheduleUid);
    }

    private void seen(Run run) {
        ScheduledRuns.owner(run.getMetadata())
                .ifPresent(owner -> ScheduledRuns.child(run, owner.getName(), owner.getUid())
                        .ifPresent(child -> seen(run.getMetadata().getNamespace(), owner, child)));
    }

    private void seen(String namespace, OwnerReference owner, Child child) {
        Child before = byOwner.computeIfAbsent(owner.getUid(), uid -> new ConcurrentHashMap<>())
                .put(child.uid(), child);
        // Progress is of no interest: a Schedule looks when a run comes, when it ends, and when it need not stay.
        if (before == null || before.finished() != child.finished() || before.kept() != child.kept()) {
            wake.accept(namespace, owner.getName());
        }
    }

    private void gone(Run run) {
        ScheduledRuns.owner(run.getMetadata()).ifPresent(owner -> {
            Map<String, Child> children = byOwner.get(owner.getUid());
            Child before =
                    children == null ? null : children.remove(run.getMetadata().getUid());
            if (before != null && !before.finished()) {
                wake.accept(run.getMetadata().getNamespace(), owner.getName());
            }
        });
    }
}
