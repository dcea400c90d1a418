package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.Dst;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;

/**
 * A cron expression in a time zone, with a rule for changes of the clock. Between two changes the offset is constant,
 * so the search goes from one such stretch to the next: its cost does not depend on how much time it passes over.
 *
 * <p>Where the clock goes forward, times with fixed hours that do not exist become one time, the first after the gap
 * (or none, with {@link Dst#Skip}). Where it goes back, times with fixed hours count at their first pass only.
 * Expressions whose hours start with {@code *} follow the wall clock through both.
 */
record ZonedCron(CronExpression expression, ZoneId zone, Dst dst) {
    /** Nothing is looked for later than this after the start of a search. */
    private static final Duration HORIZON = Duration.ofDays(366 * 10);

    /** First time after {@code after}, or empty. */
    Optional<Instant> next(Instant after) {
        ZoneRules rules = zone.getRules();
        Instant at = after.truncatedTo(ChronoUnit.MINUTES).plusSeconds(60);
        Instant horizon = after.plus(HORIZON);
        while (at.isBefore(horizon)) {
            ZoneOffset offset = rules.getOffset(at);
            ZoneOffsetTransition start = lastChange(rules, at);
            if (start != null && start.getInstant().equals(at) && firesAfterGap(start)) {
                return Optional.of(at);
            }
            LocalDateTime wall = LocalDateTime.ofInstant(at, offset);
            LocalDateTime lower = lowest(start);
            Optional<Instant> found =
                    expression.atOrAfter(wall.isBefore(lower) ? lower : wall).map(time -> time.toInstant(offset));
            ZoneOffsetTransition end = rules.nextTransition(at);
            if (end == null || found.isPresent() && found.get().isBefore(end.getInstant())) {
                return found;
            }
            at = end.getInstant();
        }
        return Optional.empty();
    }

    /** Last time at or before {@code until} and after {@code after}, or empty. */
    Optional<Instant> previous(Instant until, Instant after) {
        ZoneRules rules = zone.getRules();
        Instant at = until;
        while (at.isAfter(after)) {
            ZoneOffset offset = rules.getOffset(at);
            ZoneOffsetTransition start = lastChange(rules, at);
            LocalDateTime bound = LocalDateTime.ofInstant(after, offset);
            LocalDateTime lower = lowest(start);
            Optional<Instant> found = expression
                    .atOrBefore(LocalDateTime.ofInstant(at, offset), bound.isBefore(lower) ? lower : bound)
                    .map(time -> time.toInstant(offset));
            if (found.isPresent() || start == null) {
                return found.filter(time -> time.isAfter(after));
            }
            if (firesAfterGap(start)) {
                return Optional.of(start.getInstant()).filter(time -> time.isAfter(after));
            }
            at = start.getInstant().minusNanos(1);
        }
        return Optional.empty();
    }

    private static ZoneOffsetTransition lastChange(ZoneRules rules, Instant at) {
        return rules.previousTransition(at.plusNanos(1));
    }

    private boolean firesAfterGap(ZoneOffsetTransition change) {
        return change.isGap()
                && !expression.interval()
                && dst == Dst.RunAfterGap
                && expression
                        .atOrAfter(change.getDateTimeBefore())
                        .filter(time -> time.isBefore(change.getDateTimeAfter()))
                        .isPresent();
    }

    /** First wall-clock time that counts in a stretch: times with fixed hours do not count when they come again. */
    private LocalDateTime lowest(ZoneOffsetTransition start) {
        if (start == null) {
            return LocalDateTime.MIN;
        }
        return start.isOverlap() && !expression.interval() ? start.getDateTimeBefore() : start.getDateTimeAfter();
    }
}
