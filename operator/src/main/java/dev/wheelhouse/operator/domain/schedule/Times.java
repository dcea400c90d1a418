package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** How times are written: RFC 3339, in UTC for machines and in the Schedule's zone for agents. */
public final class Times {
    private Times() {}

    /** The time that RFC 3339 text names; null for null. */
    public static Instant parse(String text) {
        return text == null ? null : OffsetDateTime.parse(text).toInstant();
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
