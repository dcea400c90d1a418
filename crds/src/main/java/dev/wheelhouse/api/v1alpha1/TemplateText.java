package dev.wheelhouse.api.v1alpha1;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Text with variables in double braces. Values are put in as they are and not read again. */
public record TemplateText(String text) {
    private static final Pattern VARIABLE = Pattern.compile("\\{\\{ *([A-Za-z][A-Za-z0-9_.]*) *}}");

    /** Names of the variables that it uses. */
    public Stream<String> names() {
        return VARIABLE.matcher(text).results().map(match -> match.group(1));
    }

    /** The text with each variable replaced; one without a value becomes empty. */
    public String render(Map<String, String> values) {
        return VARIABLE.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(values.getOrDefault(match.group(1), "")));
    }
}
