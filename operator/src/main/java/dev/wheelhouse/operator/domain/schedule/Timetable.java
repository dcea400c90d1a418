package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec;
import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All times of a Schedule, on whole minutes: those of its expressions, each once, within {@code startAt} and
 * {@code endAt} (both inclusive, null if open).
 *
 * @param digest changes when the times do, {@code endAt} aside
 */
public record Timetable(List<ZonedCron> expressions, ZoneId zone, Instant startAt, Instant endAt, String digest) {
    private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

    /**
     * The times that a spec names.
     *
     * @throws InvalidScheduleException with the field and the fix
     */
    public static Timetable of(ScheduleSpec spec) {
        ZoneId zone = zone(spec.timeZone());
        var dst = Objects.requireNonNullElse(spec.dst(), ScheduleSpec.Dst.RunAfterGap);
        List<String> texts = spec.schedule() != null
                ? List.of(spec.schedule())
                : Objects.requireNonNullElse(spec.schedules(), List.of());
        if (texts.isEmpty()) {
            throw new InvalidScheduleException(Reason.InvalidSchedule, "set spec.schedule or spec.schedules");
        }
        return new Timetable(
                texts.stream()
                        .map(text -> new ZonedCron(CronSyntax.parse(text), zone, dst))
                        .toList(),
                zone,
                Times.parse("spec.startAt", spec.startAt()),
                Times.parse("spec.endAt", spec.endAt()),
                digest(texts, zone, dst, spec.startAt()));
    }

    /** First time after {@code after}, or empty. */
    public Optional<Instant> next(Instant after) {
        Instant from = startAt != null && startAt.isAfter(after) ? startAt.minusNanos(1) : after;
        return unbounded(from).filter(time -> endAt == null || !time.isAfter(endAt));
    }

    /** As {@link #next}, without regard to {@code startAt} and {@code endAt}. */
    Optional<Instant> unbounded(Instant after) {
        return expressions.stream()
                .flatMap(expression -> expression.next(after).stream())
                .min(Comparator.naturalOrder());
    }

    /** The first {@code count} times after {@code after}. */
    public List<Instant> next(Instant after, int count) {
        return Stream.iterate(next(after), Optional::isPresent, time -> next(time.get()))
                .limit(count)
                .map(Optional::get)
                .toList();
    }

    /** Last time at or before {@code until} and after {@code after}, or empty. */
    public Optional<Instant> previous(Instant until, Instant after) {
        Instant last = endAt != null && endAt.isBefore(until) ? endAt : until;
        Instant first = startAt != null && startAt.isAfter(after) ? startAt.minusNanos(1) : after;
        return expressions.stream()
                .flatMap(expression -> expression.previous(last, first).stream())
                .max(Comparator.naturalOrder());
    }

    /** The last {@code count} times in ({@code after}, {@code until}], oldest first. */
    List<Instant> last(Instant after, Instant until, int count) {
        var times = new ArrayList<Instant>();
        Optional<Instant> time = previous(until, after);
        while (time.isPresent() && times.size() < count) {
            times.addFirst(time.get());
            time = previous(time.get().minusNanos(1), after);
        }
        return times;
    }

    /** How many times there are in ({@code after}, {@code until}], counted up to {@code cap}. */
    int count(Instant after, Instant until, int cap) {
        return (int) Stream.iterate(next(after), Optional::isPresent, time -> next(time.get()))
                .map(Optional::get)
                .takeWhile(time -> !time.isAfter(until))
                .limit(cap)
                .count();
    }

    private static ZoneId zone(String name) {
        try {
            // Region names only: an offset or an abbreviation has no rules for summer time.
            if (name == null || ZONES.contains(name)) {
                return ZoneId.of(name == null ? "UTC" : name);
            }
        } catch (DateTimeException e) {
            // Listed, but its rules are gone from the data: told as unknown.
        }
        throw new InvalidScheduleException(
                Reason.UnknownTimeZone,
                "spec.timeZone '" + name + "' is not in the operator's time zone data; use a name such as"
                        + " 'Europe/Berlin'");
    }

    private static String digest(List<String> texts, ZoneId zone, ScheduleSpec.Dst dst, String startAt) {
        String all = String.join("\n", texts) + "\n" + zone + "\n" + dst + (startAt == null ? "" : "\n" + startAt);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
