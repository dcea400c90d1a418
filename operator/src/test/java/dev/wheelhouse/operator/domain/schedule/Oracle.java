package dev.wheelhouse.operator.domain.schedule;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * When an expression fires, found by looking at every minute of a year and remembering which wall-clock minutes were
 * seen. It shares nothing with the code under test: no parser, no zone transitions, no search.
 */
record Oracle(
        String text,
        Set<Integer> minutes,
        Set<Integer> hours,
        Set<Integer> days,
        Set<Integer> months,
        Set<Integer> weekdays,
        boolean anyDay,
        boolean anyWeekday,
        boolean fixed) {

    List<Instant> year(int year, ZoneId zone, boolean runAfterGap) {
        Instant start = LocalDateTime.of(year, 1, 1, 0, 0).toInstant(ZoneOffset.UTC);
        Instant end = start.plus(366, ChronoUnit.DAYS);
        long base = start.getEpochSecond() / 60 - 3 * 1440;
        BitSet seen = new BitSet();
        List<Instant> fires = new ArrayList<>();
        LocalDateTime before = LocalDateTime.ofInstant(start.minusSeconds(60), zone);
        for (Instant at = start; at.isBefore(end); at = at.plusSeconds(60)) {
            LocalDateTime wall = LocalDateTime.ofInstant(at, zone);
            int key = (int) (wall.toEpochSecond(ZoneOffset.UTC) / 60 - base);
            boolean fire = matches(wall) && !(fixed && seen.get(key));
            for (LocalDateTime lost = before.plusMinutes(1);
                    !fire && fixed && runAfterGap && lost.isBefore(wall);
                    lost = lost.plusMinutes(1)) {
                fire = matches(lost);
            }
            seen.set(key);
            before = wall;
            if (fire) {
                fires.add(at);
            }
        }
        return fires;
    }

    private boolean matches(LocalDateTime wall) {
        if (!minutes.contains(wall.getMinute())
                || !hours.contains(wall.getHour())
                || !months.contains(wall.getMonthValue())) {
            return false;
        }
        boolean day = days.contains(wall.getDayOfMonth());
        boolean weekday = weekdays.contains(wall.getDayOfWeek().getValue() % 7);
        if (anyDay) {
            return weekday;
        }
        return anyWeekday ? day : day || weekday;
    }
}
