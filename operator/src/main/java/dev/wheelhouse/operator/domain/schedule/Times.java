package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** How times are written: RFC 3339, in UTC for machines and in the Schedule's zone for agents. */
public final class Times {
    private Times() {}

    /**
     * The time that RFC 3339 text names; null for null.
     *
     * @throws InvalidScheduleException if there is no such time, naming {@code field}
     */
    static Instant parse(String field, String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new InvalidScheduleException(
                    InvalidScheduleException.Reason.InvalidSchedule,
                    field + " '" + text + "' is no time; write it as in RFC 3339, such as '2026-12-31T08:00:00Z'");
        }
    }

    /** RFC 3339 in UTC; null for null. */
    public static String format(Instant time) {
        return time == null ? null : DateTimeFormatter.ISO_INSTANT.format(time);
    }

    /** RFC 3339 with the zone's offset; empty for null. */
    static String local(Instant time, ZoneId zone) {
        return time == null ? "" : DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time.atZone(zone));
    }
}
