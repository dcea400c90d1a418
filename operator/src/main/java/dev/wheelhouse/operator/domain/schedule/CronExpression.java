package dev.wheelhouse.operator.domain.schedule;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A cron expression as sets of values, on the wall clock: it knows no zones. The meaning is CronJob's: with both days
 * restricted either one matches, otherwise both must.
 *
 * @param text the expression as written
 * @param minutes bits 0 to 59
 * @param hours bits 0 to 23
 * @param days bits 1 to 31
 * @param months bits 1 to 12
 * @param weekdays bits 0 (Sunday) to 6
 * @param anyDay whether the day of the month is not restricted
 * @param anyWeekday whether the day of the week is not restricted
 * @param interval whether the hours start with {@code *}: it then goes on through a change of the clock
 */
record CronExpression(
        String text,
        long minutes,
        int hours,
        int days,
        int months,
        int weekdays,
        boolean anyDay,
        boolean anyWeekday,
        boolean interval) {
    private static final int MINUTES_PER_DAY = 24 * 60;
    /** February 29th comes after 8 years at the latest: 1896, 1904; 2096, 2104. */
    private static final int MAX_GAP_YEARS = 9;

    /** Whether no day ever matches, such as February 30th. */
    boolean neverFires() {
        if (!anyDay && !anyWeekday) {
            return false;
        }
        for (int month = 1; month <= 12; month++) {
            // 2028 is a leap year.
            int length = YearMonth.of(2028, month).lengthOfMonth();
            if (has(months, month) && Integer.numberOfTrailingZeros(days) <= length) {
                return false;
            }
        }
        return true;
    }

    /** First matching wall-clock minute at or after {@code from}; empty if there is none within 9 years. */
    Optional<LocalDateTime> atOrAfter(LocalDateTime from) {
        LocalDateTime start = ceiling(from);
        LocalDate day = start.toLocalDate();
        LocalDate end = day.plusYears(MAX_GAP_YEARS);
        int minute = minuteOfDay(start);
        while (day.isBefore(end)) {
            if (!has(months, day.getMonthValue())) {
                day = day.withDayOfMonth(1).plusMonths(1);
            } else {
                int found = matches(day) ? firstMinute(minute) : -1;
                if (found >= 0) {
                    return Optional.of(at(day, found));
                }
                day = day.plusDays(1);
            }
            minute = 0;
        }
        return Optional.empty();
    }

    /** Last matching wall-clock minute at or before {@code from} and not before {@code bound}. */
    Optional<LocalDateTime> atOrBefore(LocalDateTime from, LocalDateTime bound) {
        LocalDate day = from.toLocalDate();
        LocalDate first = day.minusYears(MAX_GAP_YEARS);
        int minute = minuteOfDay(from);
        while (!day.isBefore(first) && !day.isBefore(bound.toLocalDate())) {
            if (!has(months, day.getMonthValue())) {
                day = day.withDayOfMonth(1).minusDays(1);
            } else {
                int found = matches(day) ? lastMinute(minute) : -1;
                if (found >= 0) {
                    return Optional.of(at(day, found)).filter(time -> !time.isBefore(bound));
                }
                day = day.minusDays(1);
            }
            minute = MINUTES_PER_DAY - 1;
        }
        return Optional.empty();
    }

    private boolean matches(LocalDate date) {
        boolean day = has(days, date.getDayOfMonth());
        boolean weekday = has(weekdays, date.getDayOfWeek().getValue() % 7);
        return anyDay || anyWeekday ? day && weekday : day || weekday;
    }

    private int firstMinute(int from) {
        for (int hour = from / 60; hour < 24; hour++) {
            if (has(hours, hour)) {
                long left = hour == from / 60 ? minutes & (-1L << (from % 60)) : minutes;
                if (left != 0) {
                    return hour * 60 + Long.numberOfTrailingZeros(left);
                }
            }
        }
        return -1;
    }

    private int lastMinute(int from) {
        for (int hour = from / 60; hour >= 0; hour--) {
            if (has(hours, hour)) {
                long left = hour == from / 60 ? minutes & (-1L >>> (63 - from % 60)) : minutes;
                if (left != 0) {
                    return hour * 60 + 63 - Long.numberOfLeadingZeros(left);
                }
            }
        }
        return -1;
    }

    private static LocalDateTime ceiling(LocalDateTime time) {
        LocalDateTime floor = time.truncatedTo(ChronoUnit.MINUTES);
        return floor.equals(time) ? floor : floor.plusMinutes(1);
    }

    private static int minuteOfDay(LocalDateTime time) {
        return time.getHour() * 60 + time.getMinute();
    }

    private static LocalDateTime at(LocalDate day, int minuteOfDay) {
        return day.atTime(minuteOfDay / 60, minuteOfDay % 60);
    }

    private static boolean has(int set, int value) {
        return (set >> value & 1) != 0;
    }
}
