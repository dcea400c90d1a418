package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.TemplateText;
import dev.wheelhouse.operator.domain.schedule.InvalidScheduleException.Reason;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Input of a run, with variables. */
public record InputTemplate(TemplateText text) {
    private static final String LAST_RESULT = "lastResult";
    private static final Set<String> NAMES = Set.of("scheduledTime", "lastSuccessfulTime", LAST_RESULT);
    /** Longest input of a Run. */
    private static final int MAX_INPUT = 65536;

    /** @throws InvalidScheduleException if it uses a variable that does not exist */
    static InputTemplate of(String text) {
        var template = new TemplateText(text);
        template.names().filter(name -> !NAMES.contains(name)).findFirst().ifPresent(name -> {
            throw new InvalidScheduleException(
                    Reason.InvalidTemplate,
                    "spec.runTemplate.spec.input uses {{ " + name + " }}; there are {{ scheduledTime }},"
                            + " {{ lastSuccessfulTime }} and {{ lastResult }}");
        });
        return new InputTemplate(template);
    }

    /** Whether the result of the last successful run is needed. */
    public boolean usesLastResult() {
        return text.names().anyMatch(LAST_RESULT::equals);
    }

    /**
     * The input of a run.
     *
     * @param lastSuccessful null before the first success
     * @param lastResult null before the first success
     * @throws InvalidScheduleException if it gets longer than a Run's input may be
     */
    public String render(Instant slot, Instant lastSuccessful, String lastResult, ZoneId zone) {
        String input = text.render(Map.of(
                "scheduledTime",
                Times.local(slot, zone),
                "lastSuccessfulTime",
                Times.local(lastSuccessful, zone),
                LAST_RESULT,
                Objects.requireNonNullElse(lastResult, "")));
        if (input.length() > MAX_INPUT) {
            throw new InvalidScheduleException(
                    Reason.InvalidTemplate,
                    "with its variables filled in, spec.runTemplate.spec.input has " + input.length()
                            + " characters; a Run's input may have " + MAX_INPUT);
        }
        return input;
    }
}
