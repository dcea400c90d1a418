package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException.Reason;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Input with variables in double braces. Values are put in as they are and not read again. */
public record InputTemplate(String text) {
    private static final Pattern VARIABLE = Pattern.compile("\\{\\{ *([A-Za-z][A-Za-z0-9_.]*) *}}");
    private static final Set<String> NAMES = Set.of("scheduledTime", "lastSuccessfulTime", "lastResult");
    /** Longest input of a Run. */
    private static final int MAX_INPUT = 65536;

    /** @throws InvalidScheduleException if it uses a variable that does not exist */
    static InputTemplate of(String text) {
        VARIABLE.matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !NAMES.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InvalidScheduleException(
                            Reason.InvalidTemplate,
                            "spec.runTemplate.spec.input uses {{ " + name + " }}; there are {{ scheduledTime }},"
                                    + " {{ lastSuccessfulTime }} and {{ lastResult }}");
                });
        return new InputTemplate(text);
    }

    /** Whether the result of the last successful run is needed. */
    public boolean usesLastResult() {
        return VARIABLE.matcher(text).results().anyMatch(match -> match.group(1).equals("lastResult"));
    }

    /**
     * The input of a run.
     *
     * @param lastResult null before the first success
     * @throws InvalidScheduleException if it gets longer than a Run's input may be
     */
    public String render(Instant slot, Instant lastSuccessful, String lastResult, ZoneId zone) {
        String input = VARIABLE.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(value(match, slot, lastSuccessful, lastResult, zone)));
        if (input.length() > MAX_INPUT) {
            throw new InvalidScheduleException(
                    Reason.InvalidTemplate,
                    "with its variables filled in, spec.runTemplate.spec.input has " + input.length()
                            + " characters; a Run's input may have " + MAX_INPUT);
        }
        return input;
    }

    private static String value(
            MatchResult match, Instant slot, Instant lastSuccessful, String lastResult, ZoneId zone) {
        return switch (match.group(1)) {
            case "scheduledTime" -> Times.local(slot, zone);
            case "lastSuccessfulTime" -> Times.local(lastSuccessful, zone);
            default -> lastResult == null ? "" : lastResult;
        };
    }
}
