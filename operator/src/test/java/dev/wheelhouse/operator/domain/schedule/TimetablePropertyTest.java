package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.Dst;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/** Against an oracle that looks at every minute of a year, where clocks change in every way they are known to. */
class TimetablePropertyTest {
    /** Zone and a year in which something happens there; Apia had no December 30th in 2011. */
    private static final List<Tuple2<String, Integer>> YEARS = List.of(
            Tuple.of("Europe/Berlin", 2026),
            Tuple.of("America/New_York", 2027),
            Tuple.of("Australia/Lord_Howe", 2026),
            Tuple.of("Pacific/Apia", 2011),
            Tuple.of("Africa/Casablanca", 2026),
            Tuple.of("UTC", 2028));

    @Property(tries = 80)
    void everyTimeOfAYearOnce(
            @ForAll("oracles") Oracle oracle, @ForAll("years") Tuple2<String, Integer> year, @ForAll Dst dst) {
        ZoneId zone = ZoneId.of(year.get1());
        List<Instant> expected = oracle.year(year.get2(), zone, dst == Dst.RunAfterGap);
        var table = table(oracle, zone, dst);
        Instant start = Instant.parse(year.get2() + "-01-01T00:00:00Z");
        Instant end = start.plusSeconds(366 * 86400L);
        assertSameTimes(expected, forward(table, start.minusNanos(1), end), oracle.text());
        assertSameTimes(expected, backward(table, start.minusNanos(1), end.minusNanos(1)), oracle.text());
    }

    @Property(tries = 60)
    void countsAndTheLastOnesAgreeWithTheWhole(
            @ForAll("oracles") Oracle oracle,
            @ForAll("years") Tuple2<String, Integer> year,
            @ForAll("seconds") int from,
            @ForAll("seconds") int length) {
        ZoneId zone = ZoneId.of(year.get1());
        var table = table(oracle, zone, Dst.RunAfterGap);
        Instant after = Instant.parse(year.get2() + "-01-01T00:00:00Z").plusSeconds(from);
        Instant until = after.plusSeconds(length);
        List<Instant> all = oracle.year(year.get2(), zone, true).stream()
                .filter(time -> time.isAfter(after) && !time.isAfter(until))
                .toList();
        assertEquals(Math.min(1000, all.size()), table.count(after, until, 1000));
        assertEquals(all.subList(Math.max(0, all.size() - 7), all.size()), table.last(after, until, 7));
    }

    @Property(tries = 25)
    void severalExpressionsFireAtTheTimesOfAll(
            @ForAll("oracles") Oracle one,
            @ForAll("oracles") Oracle other,
            @ForAll("years") Tuple2<String, Integer> year) {
        ZoneId zone = ZoneId.of(year.get1());
        Set<Instant> expected = new TreeSet<>(one.year(year.get2(), zone, true));
        expected.addAll(other.year(year.get2(), zone, true));
        var table = new Timetable(
                List.of(
                        new ZonedCron(CronSyntax.parse(one.text()), zone, Dst.RunAfterGap),
                        new ZonedCron(CronSyntax.parse(other.text()), zone, Dst.RunAfterGap)),
                zone,
                null,
                null,
                "");
        Instant start = Instant.parse(year.get2() + "-01-01T00:00:00Z");
        assertSameTimes(
                List.copyOf(expected),
                forward(table, start.minusNanos(1), start.plusSeconds(366 * 86400L)),
                one.text() + " and " + other.text());
    }

    /** A year has many times: on failure only those that differ are of interest. */
    private static void assertSameTimes(List<Instant> expected, List<Instant> actual, String text) {
        List<Instant> lacking = new ArrayList<>(expected);
        lacking.removeAll(new HashSet<>(actual));
        List<Instant> extra = new ArrayList<>(actual);
        extra.removeAll(new HashSet<>(expected));
        assertEquals(List.of(), lacking, text + ": lacking");
        assertEquals(List.of(), extra, text + ": extra");
        assertEquals(expected.size(), actual.size(), text + ": twice");
    }

    private static Timetable table(Oracle oracle, ZoneId zone, Dst dst) {
        return new Timetable(List.of(new ZonedCron(CronSyntax.parse(oracle.text()), zone, dst)), zone, null, null, "");
    }

    private static List<Instant> forward(Timetable table, Instant after, Instant end) {
        List<Instant> times = new ArrayList<>();
        var time = table.next(after);
        while (time.isPresent() && time.get().isBefore(end)) {
            times.add(time.get());
            time = table.next(time.get());
        }
        return times;
    }

    private static List<Instant> backward(Timetable table, Instant after, Instant until) {
        List<Instant> times = new ArrayList<>();
        var time = table.previous(until, after);
        while (time.isPresent()) {
            times.add(time.get());
            time = table.previous(time.get().minusNanos(1), after);
        }
        Collections.reverse(times);
        return times;
    }

    @Provide
    Arbitrary<Tuple2<String, Integer>> years() {
        return Arbitraries.of(YEARS);
    }

    @Provide
    Arbitrary<Integer> seconds() {
        return Arbitraries.integers().between(0, 180 * 86400);
    }

    @Provide
    Arbitrary<Oracle> oracles() {
        // Hours around the changes are drawn more often, and so are the rules that matter: few times a day.
        Arbitrary<Field> minute = field(0, 59);
        Arbitrary<Field> hour = Arbitraries.frequencyOf(Tuple.of(2, field(0, 23)), Tuple.of(3, field(0, 3)));
        Arbitrary<Field> day = Arbitraries.frequencyOf(Tuple.of(2, star(1, 31)), Tuple.of(1, field(1, 31)));
        Arbitrary<Field> month = Arbitraries.frequencyOf(Tuple.of(3, star(1, 12)), Tuple.of(1, field(1, 12)));
        Arbitrary<Field> weekday = Arbitraries.frequencyOf(Tuple.of(2, star(0, 6)), Tuple.of(1, field(0, 6)));
        return Combinators.combine(minute, hour, day, month, weekday)
                .as((m, h, d, mo, w) -> new Oracle(
                        String.join(" ", m.text, h.text, d.text, mo.text, w.text),
                        m.values,
                        h.values,
                        d.values,
                        mo.values,
                        w.values,
                        d.text.equals("*"),
                        w.text.equals("*"),
                        !h.text.startsWith("*")));
    }

    private record Field(String text, Set<Integer> values) {}

    private static Arbitrary<Field> star(int low, int high) {
        return Arbitraries.just(new Field("*", values(low, high, 1)));
    }

    private static Arbitrary<Field> field(int low, int high) {
        Arbitrary<Integer> value = Arbitraries.integers().between(low, high);
        Arbitrary<Integer> step = Arbitraries.integers().between(2, Math.max(2, (high - low) / 2));
        return Arbitraries.oneOf(
                value.map(v -> new Field("" + v, Set.of(v))),
                value.set()
                        .ofMinSize(2)
                        .ofMaxSize(3)
                        .map(set -> new Field(set.stream().map(String::valueOf).collect(Collectors.joining(",")), set)),
                Combinators.combine(value, value)
                        .filter((a, b) -> a < b)
                        .as((a, b) -> new Field(a + "-" + b, values(a, b, 1))),
                Combinators.combine(value, value, step)
                        .filter((a, b, s) -> a < b)
                        .as((a, b, s) -> new Field(a + "-" + b + "/" + s, values(a, b, s))),
                low == 0 && high == 3
                        ? value.map(v -> new Field("" + v, Set.of(v)))
                        : step.map(s -> new Field("*/" + s, values(low, high, s))));
    }

    private static Set<Integer> values(int low, int high, int step) {
        return IntStream.rangeClosed(low, high)
                .filter(value -> (value - low) % step == 0)
                .boxed()
                .collect(Collectors.toSet());
    }
}
