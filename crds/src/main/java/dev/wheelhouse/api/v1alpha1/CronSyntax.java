package dev.wheelhouse.api.v1alpha1;

/** Syntax of a cron expression as the API server checks it: what crontab(5) and CronJob know, ranges included. */
final class CronSyntax {
    private static final String MINUTE = "[0-5]?[0-9]";
    private static final String HOUR = "([01]?[0-9]|2[0-3])";
    private static final String DAY = "(0?[1-9]|[12][0-9]|3[01])";
    private static final String MONTH = "(0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)";
    private static final String WEEKDAY = "([0-7]|sun|mon|tue|wed|thu|fri|sat)";
    private static final String STEP = "(/[1-9][0-9]?)?";

    private static final String MINUTES = "([*?]|" + MINUTE + "(-" + MINUTE + ")?)" + STEP;
    private static final String HOURS = "([*?]|" + HOUR + "(-" + HOUR + ")?)" + STEP;
    private static final String DAYS = "([*?]|" + DAY + "(-" + DAY + ")?)" + STEP;
    private static final String MONTHS = "([*?]|" + MONTH + "(-" + MONTH + ")?)" + STEP;
    private static final String WEEKDAYS = "([*?]|" + WEEKDAY + "(-" + WEEKDAY + ")?)" + STEP;

    /** RE2 and Java: five fields or a macro. */
    static final String PATTERN = "(?i)^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|" + MINUTES + "(,"
            + MINUTES + ")* +" + HOURS + "(," + HOURS + ")* +" + DAYS + "(," + DAYS + ")* +" + MONTHS + "(," + MONTHS
            + ")* +" + WEEKDAYS + "(," + WEEKDAYS + ")*)$";

    /** RFC 3339, seconds at least. */
    static final String RFC_3339 =
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";

    /** Name of a time zone, as far as a pattern can tell. */
    static final String ZONE = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$";

    private CronSyntax() {}
}
