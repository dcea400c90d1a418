package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException.Reason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimetableTest {
    private static Timetable table(String schedule, String zone, String dst) {
        return Timetable.of(
                Specs.spec(schedule, spec -> spec.put("timeZone", zone).put("dst", dst)));
    }

    @ParameterizedTest(name = "{0} {1} {2}: after {3} comes {4}")
    @CsvSource({
        // The clock goes from 02:00 to 03:00 on March 29th, and from 03:00 to 02:00 on October 25th.
        "30 2 * * *, Europe/Berlin, RunAfterGap, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z",
        "30 2 * * *, Europe/Berlin, RunAfterGap, 2026-03-29T01:00:00Z, 2026-03-30T00:30:00Z",
        "30 2 * * *, Europe/Berlin, Skip,        2026-03-28T12:00:00Z, 2026-03-30T00:30:00Z",
        "'0,30 2 * * *', Europe/Berlin, RunAfterGap, 2026-03-29T01:00:00Z, 2026-03-30T00:00:00Z",
        "30 2 * * *, Europe/Berlin, RunAfterGap, 2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z",
        "30 2 * * *, Europe/Berlin, RunAfterGap, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z",
        "*/30 * * * *, Europe/Berlin, RunAfterGap, 2026-10-25T00:30:00Z, 2026-10-25T01:00:00Z",
        "*/30 * * * *, Europe/Berlin, RunAfterGap, 2026-03-29T00:30:00Z, 2026-03-29T01:00:00Z",
        // Half an hour, on Lord Howe Island.
        "15 2 * * *, Australia/Lord_Howe, RunAfterGap, 2026-10-03T12:00:00Z, 2026-10-03T15:30:00Z",
        "45 1 * * *, Australia/Lord_Howe, RunAfterGap, 2026-04-04T14:45:00Z, 2026-04-05T15:15:00Z",
        // Samoa went over the date line: December 30th 2011 did not exist.
        "0 9 30 * *, Pacific/Apia, RunAfterGap, 2011-12-01T00:00:00Z, 2011-12-30T10:00:00Z",
        "0 9 30 * *, Pacific/Apia, Skip,        2011-12-01T00:00:00Z, 2012-01-29T19:00:00Z",
        // Morocco's summer time stops for Ramadan.
        "30 2 * * *, Africa/Casablanca, RunAfterGap, 2026-02-14T12:00:00Z, 2026-02-15T01:30:00Z",
        "0 0 29 2 *, UTC, RunAfterGap, 2096-03-01T00:00:00Z, 2104-02-29T00:00:00Z",
        "0 0 13 * 5, UTC, RunAfterGap, 2026-11-01T00:00:00Z, 2026-11-06T00:00:00Z",
        "0 0 */2 * 1, UTC, RunAfterGap, 2026-11-01T00:00:00Z, 2026-11-02T00:00:00Z",
        "@weekly, UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2026-11-29T00:00:00Z",
        "0 0 * * 7, UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2026-11-29T00:00:00Z",
        "0 0 * * 0-7, UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2026-11-25T00:00:00Z",
        "'0 0 * * 1,sun-7/2', UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2026-11-26T00:00:00Z",
        // A step ends on Saturday.
        "0 0 * * 5/2, UTC, RunAfterGap, 2026-11-28T00:00:00Z, 2026-12-04T00:00:00Z",
        // A star in a list restricts as little as one alone: then both days must match.
        "'0 0 5,* * 1', UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2026-11-30T00:00:00Z",
        "0 0 * * fri-7, UTC, RunAfterGap, 2026-11-28T00:00:00Z, 2026-11-29T00:00:00Z",
        "5/20 8 ? JAN-mar Mon, UTC, RunAfterGap, 2026-11-24T00:00:00Z, 2027-01-04T08:05:00Z"
    })
    void next(String schedule, String zone, String dst, Instant after, Instant expected) {
        assertEquals(Optional.of(expected), table(schedule, zone, dst).next(after));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 8",
                "@every 5m",
                "@reboot",
                "a * * * *",
                "*/0 * * * *",
                "5-1 * * * *",
                "* * L * *",
                "* * * * 5#2",
                "* * 15W * *",
                "TZ=Europe/Berlin 0 8 * * *",
                "CRON_TZ=UTC 0 8 * * *",
                "1,, * * * *"
            })
    void refused(String schedule) {
        var refusal = assertThrows(InvalidScheduleException.class, () -> table(schedule, "UTC", "Skip"));
        assertEquals(Reason.InvalidSchedule, refusal.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"59 23 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 2 ?"})
    void neverFires(String schedule) {
        var refusal = assertThrows(InvalidScheduleException.class, () -> table(schedule, "UTC", "Skip"));
        assertEquals(Reason.NeverFires, refusal.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mars/Olympus", "CEST", "+02:00", "UTC+1"})
    void unknownZones(String zone) {
        var refusal = assertThrows(InvalidScheduleException.class, () -> table("@daily", zone, "Skip"));
        assertEquals(Reason.UnknownTimeZone, refusal.reason());
        assertTrue(refusal.getMessage().contains(zone));
    }

    @Test
    void startAndEndBoundTheTimes() {
        var table = Timetable.of(Specs.spec(
                "0 * * * *",
                spec -> spec.put("startAt", "2026-05-01T10:00:00+02:00").put("endAt", "2026-05-01T12:00:00+02:00")));
        assertEquals(
                List.of(
                        Instant.parse("2026-05-01T08:00:00Z"),
                        Instant.parse("2026-05-01T09:00:00Z"),
                        Instant.parse("2026-05-01T10:00:00Z")),
                table.next(Instant.EPOCH, 5));
        assertEquals(
                Optional.of(Instant.parse("2026-05-01T10:00:00Z")),
                table.previous(Instant.parse("2027-01-01T00:00:00Z"), Instant.EPOCH));
    }

    @ParameterizedTest
    @CsvSource({
        "startAt, 2026-02-30T08:00:00Z",
        "startAt, 2026-01-01T24:00:00Z",
        "endAt, 2026-01-01T08:00:00+19:00",
        "endAt, 2026-01-01T08:00:00.0000000001Z"
    })
    void aTimeThatDoesNotExistIsRefused(String field, String time) {
        var refusal = assertThrows(
                InvalidScheduleException.class,
                () -> Timetable.of(Specs.spec("@daily", spec -> spec.put(field, time))));
        assertEquals(Reason.InvalidSchedule, refusal.reason());
        assertTrue(refusal.getMessage().contains("spec." + field + " '" + time + "'"), refusal.getMessage());
    }

    /** Looking at each minute of a thousand years would take minutes. */
    @Test
    @Timeout(10)
    void theLatestTimeAfterAThousandYearsIsFoundAsQuicklyAsAfterAnHour() {
        var policy = Specs.policy("* * * * *");
        Instant now = Instant.parse("2036-01-01T00:00:30Z");
        var due = DueTimes.find(policy, policy.catchUp(), now.minus(Duration.ofDays(365_000)), now);
        assertEquals(List.of(Instant.parse("2036-01-01T00:00:00Z")), due.run());
        assertEquals(Map.of(MissReason.NotCaughtUp, DueTimes.MAX_COUNTED), due.missed());
        assertEquals(Instant.parse("2035-12-31T23:59:00Z"), due.lastMissed());
    }

    @Test
    void aNameTellsScheduleAndTime() {
        assertEquals("nightly-htf84", RunNames.of("nightly", Instant.parse("2026-11-25T02:28:00Z")));
    }
}
