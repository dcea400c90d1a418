package dev.wheelhouse.operator.domain.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.And;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.value.FieldValue;
import com.cronutils.model.field.value.IntegerFieldValue;
import com.cronutils.parser.CronParser;
import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException.Reason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads cron expressions. cron-utils does the syntax; when they fire is decided by {@link CronExpression}, because
 * the library's own search knows neither our rules for clock changes nor a bound.
 */
final class CronSyntax {
    private static final Map<String, String> MACROS = Map.of(
            "@YEARLY", "0 0 1 1 *",
            "@ANNUALLY", "0 0 1 1 *",
            "@MONTHLY", "0 0 1 * *",
            "@WEEKLY", "0 0 * * 0",
            "@DAILY", "0 0 * * *",
            "@MIDNIGHT", "0 0 * * *",
            "@HOURLY", "0 * * * *");
    private static final Pattern WHOLE_WEEK = Pattern.compile("(?<=^|,)(0|SUN)-7(?=$|[,/])");
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private CronSyntax() {}

    /**
     * The expression that {@code text} means.
     *
     * @throws InvalidScheduleException if it is none, names a time zone, or never fires
     */
    static CronExpression parse(String text) {
        if (text.contains("TZ=")) {
            throw invalid("schedule '" + text + "' names a time zone; set spec.timeZone instead");
        }
        String upper = text.strip().toUpperCase(Locale.ROOT);
        if (upper.startsWith("@") && !MACROS.containsKey(upper)) {
            throw invalid("schedule '" + text + "' is not one of @yearly, @annually, @monthly, @weekly, @daily,"
                    + " @midnight, @hourly; for an interval write a step, such as '*/10 * * * *'");
        }
        String fields = MACROS.getOrDefault(upper, upper).replace('?', '*');
        CronExpression expression = expression(text, fields.split(" +"));
        if (expression.neverFires()) {
            throw new InvalidScheduleException(
                    Reason.NeverFires, "schedule '" + text + "' never fires: no month it names has that day");
        }
        return expression;
    }

    private static CronExpression expression(String text, String[] parts) {
        // The parser makes 0 of a Sunday written as 7, and of a whole week a single day.
        String weekday = parts[parts.length - 1];
        parts[parts.length - 1] = WHOLE_WEEK.matcher(weekday).replaceAll("0-6");
        Cron cron;
        try {
            cron = PARSER.parse(String.join(" ", parts));
        } catch (IllegalArgumentException e) {
            throw invalid("schedule '" + text + "' cannot be read: " + e.getMessage());
        }
        return new CronExpression(
                text,
                bits(cron, CronFieldName.MINUTE, 0, 59, text),
                (int) bits(cron, CronFieldName.HOUR, 0, 23, text),
                (int) bits(cron, CronFieldName.DAY_OF_MONTH, 1, 31, text),
                (int) bits(cron, CronFieldName.MONTH, 1, 12, text),
                sundayIsZero(bits(cron, CronFieldName.DAY_OF_WEEK, 0, 7, text)),
                unrestricted(parts[2]),
                unrestricted(parts[4]),
                parts[1].startsWith("*"));
    }

    private static long bits(Cron cron, CronFieldName name, int low, int high, String text) {
        return bits(cron.retrieveFieldsAsMap().get(name).getExpression(), low, high, text);
    }

    private static long bits(FieldExpression expression, int low, int high, String text) {
        return switch (expression) {
            case Always always -> steps(low, high, 1);
            case On on -> 1L << value(on.getTime(), text);
            case Between between -> range(value(between.getFrom(), text), value(between.getTo(), text), 1, high, text);
            case And and ->
                and.getExpressions().stream()
                        .mapToLong(part -> bits(part, low, high, text))
                        .reduce(0, (one, other) -> one | other);
            case Every every -> every(every, low, high, text);
            default ->
                throw invalid(
                        "schedule '" + text + "' uses '" + expression.asString() + "', which crontab(5) does not know");
        };
    }

    private static long every(Every every, int low, int high, String text) {
        int step = value(every.getPeriod(), text);
        if (step < 1) {
            throw invalid("schedule '" + text + "' has a step of 0");
        }
        return switch (every.getExpression()) {
            case Between between ->
                range(value(between.getFrom(), text), value(between.getTo(), text), step, high, text);
            // As CronJob reads it: 5/15 is 5-59/15.
            case On on -> steps(value(on.getTime(), text), last(high), step);
            default -> steps(low, last(high), step);
        };
    }

    /** Sunday is both 0 and 7; a step ends before it comes again. */
    private static int last(int high) {
        return high == 7 ? 6 : high;
    }

    private static long range(int from, int to, int step, int high, String text) {
        // The parser has made 0 of a Sunday written as 7.
        int end = high == 7 && to == 0 && from > 0 ? 7 : to;
        if (from > end) {
            throw invalid("schedule '" + text + "' has a range that ends before it starts: " + from + "-" + to);
        }
        return steps(from, end, step);
    }

    private static long steps(int from, int to, int step) {
        long set = 0;
        for (int value = from; value <= to; value += step) {
            set |= 1L << value;
        }
        return set;
    }

    private static int sundayIsZero(long weekdays) {
        return (int) ((weekdays & 0x7F) | (weekdays >> 7 & 1));
    }

    /** A step restricts, as in CronJob: {@code * /2} is a set of days. A star in a list does not. */
    private static boolean unrestricted(String field) {
        return Arrays.stream(field.split(",")).anyMatch(part -> part.equals("*") || part.equals("*/1"));
    }

    private static int value(FieldValue<?> value, String text) {
        if (value instanceof IntegerFieldValue number) {
            return number.getValue();
        }
        throw invalid("schedule '" + text + "' uses '" + value + "', which crontab(5) does not know");
    }

    private static InvalidScheduleException invalid(String message) {
        return new InvalidScheduleException(Reason.InvalidSchedule, message);
    }
}
