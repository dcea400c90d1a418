package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which finished runs to keep, besides those that somebody marked: these stay, and take nobody's place.
 *
 * @param succeeded how many that succeeded
 * @param others how many that did not
 * @param ttl deleted so long after their end in any case; null for never
 */
public record History(int succeeded, int others, Duration ttl) {
    /**
     * Runs to delete. A run is the lock of its time: it stays until its time is recorded as decided, and the one of
     * the last time stays in any case, in case another operator is about to start the same.
     */
    public List<Child> prune(Collection<Child> children, ScheduleState recorded, Instant now) {
        Set<String> active =
                recorded.active().stream().map(ScheduleState.Active::uid).collect(Collectors.toSet());
        List<Child> ended = children.stream()
                .filter(child -> child.finished() && !child.kept())
                .sorted(Comparator.comparing(Child::endedAt).reversed().thenComparing(Child::name))
                .toList();
        var tooMany = ended.stream()
                .filter(child -> child.end() == End.SUCCEEDED)
                .skip(succeeded)
                .collect(Collectors.toSet());
        ended.stream()
                .filter(child -> child.end() != End.SUCCEEDED)
                .skip(others)
                .forEach(tooMany::add);
        return ended.stream()
                .filter(child -> tooMany.contains(child) || expired(child, now))
                .filter(child -> !active.contains(child.uid()) && !locks(child, recorded))
                .toList();
    }

    private boolean expired(Child child, Instant now) {
        return ttl != null && !child.endedAt().plus(ttl).isAfter(now);
    }

    private static boolean locks(Child child, ScheduleState recorded) {
        Instant border = switch (child.origin()) {
            case TIME -> recorded.lastScheduled();
            case BACKFILL -> backfillBorder(recorded);
            case MANUAL -> Instant.MAX;
        };
        return child.origin() != Origin.MANUAL
                && (border == null || !child.slot().isBefore(border));
    }

    private static Instant backfillBorder(ScheduleState recorded) {
        var backfill = recorded.backfill();
        return backfill == null || backfill.complete() ? Instant.MAX : backfill.doneUntil();
    }
}
