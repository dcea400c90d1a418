package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus.ReasonCount;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Counts;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import dev.wheelhouse.operator.domain.schedule.Tally;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What a Schedule has counted, in its status and back. */
final class ScheduleCounts {
    private ScheduleCounts() {}

    /** None for null. */
    static Counts read(ScheduleStatus.Counts counts) {
        return counts == null
                ? Counts.NONE
                : new Counts(
                        counts.runs(),
                        Objects.requireNonNullElse(counts.backfilled(), 0L),
                        counts.succeeded(),
                        counts.failed(),
                        new Tally<>(counts.missed(), reasons(MissReason.class, counts.missedByReason())),
                        new Tally<>(counts.skipped(), reasons(Reason.class, counts.skippedByReason())));
    }

    /**
     * The counts as the status has them.
     *
     * @param read the status that they go on from; null for the first. What a newer version counted there for reasons
     *     that are not known here stays: this version may be there only until the other one comes back.
     */
    static ScheduleStatus.Counts write(Counts counts, ScheduleStatus read) {
        ScheduleStatus.Counts before = read == null ? null : read.counts();
        return new ScheduleStatus.Counts(
                counts.runs(),
                counts.backfilled(),
                counts.succeeded(),
                counts.failed(),
                counts.missed().total(),
                rows(MissReason.class, counts.missed(), before == null ? null : before.missedByReason()),
                counts.skipped().total(),
                rows(Reason.class, counts.skipped(), before == null ? null : before.skippedByReason()));
    }

    /** The reason of this name; empty if another version made it up. */
    static <R extends Enum<R>> Optional<R> known(Class<R> type, String name) {
        return Arrays.stream(type.getEnumConstants())
                .filter(reason -> reason.name().equals(name))
                .findFirst();
    }

    private static <R extends Enum<R>> Map<R, Long> reasons(Class<R> type, List<ReasonCount> rows) {
        var reasons = new EnumMap<R, Long>(type);
        orEmpty(rows).forEach(row -> known(type, row.reason()).ifPresent(reason -> reasons.put(reason, row.count())));
        return reasons;
    }

    private static <R extends Enum<R>> List<ReasonCount> rows(Class<R> type, Tally<R> tally, List<ReasonCount> before) {
        Stream<ReasonCount> ours = tally.reasons().entrySet().stream()
                .map(entry -> new ReasonCount(entry.getKey().name(), entry.getValue()));
        Stream<ReasonCount> others =
                orEmpty(before).stream().filter(row -> known(type, row.reason()).isEmpty());
        List<ReasonCount> rows = Stream.concat(ours, others).toList();
        return rows.isEmpty() ? null : rows;
    }

    private static List<ReasonCount> orEmpty(List<ReasonCount> rows) {
        return rows == null ? List.of() : rows;
    }
}
