package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * A URL with {@code {name}} places in path and query. A value put into it stays in its place: it cannot reach scheme,
 * host or port (there are no places), open a query, climb or add path segments, or make one vanish.
 */
public final class UrlTemplate {
    private static final Pattern FIXED = Pattern.compile("^https?://[^\\s/@{}?#\\\\]+");
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]+)}");
    private static final String UNRESERVED = "-._~";

    private final String origin;
    private final String path;
    private final String query;

    private UrlTemplate(String origin, String path, String query) {
        this.origin = origin;
        this.path = path;
        this.query = query;
    }

    /** A template or a value that cannot be used; the message is for author or model. */
    public static final class Unusable extends Exception {
        Unusable(String message) {
            super(message);
        }
    }

    /** @throws Unusable if there are places outside path and query, or braces that are none */
    public static UrlTemplate parse(String template) throws Unusable {
        Matcher fixed = FIXED.matcher(template);
        if (!fixed.find()) {
            throw new Unusable("scheme, host and port must be fixed text, without user information: " + template);
        }
        if (HttpUrl.parse(fixed.group()) == null) {
            throw new Unusable("scheme, host and port are malformed: " + template);
        }
        String rest = template.substring(fixed.end());
        if (rest.contains("#") || rest.contains("\\")) {
            throw new Unusable("a tool's URL has no fragment and no backslash: " + template);
        }
        if (!rest.isEmpty() && rest.charAt(0) != '/' && rest.charAt(0) != '?') {
            throw new Unusable("after host and port comes a path: " + template);
        }
        String left = PLACE.matcher(rest).replaceAll("");
        if (left.contains("{") || left.contains("}")) {
            throw new Unusable("braces that are no {name}: " + template);
        }
        // A question mark inside a place's name opens no query.
        int mark = PLACE.matcher(rest)
                .replaceAll(place -> ".".repeat(place.group().length()))
                .indexOf('?');
        return mark < 0
                ? new UrlTemplate(fixed.group(), rest, "")
                : new UrlTemplate(fixed.group(), rest.substring(0, mark), rest.substring(mark));
    }

    /** Scheme, host and port. */
    public String origin() {
        return origin;
    }

    /** Names of all places. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        Matcher place = PLACE.matcher(path + query);
        while (place.find()) {
            names.add(place.group(1));
        }
        return names;
    }

    /** @throws Unusable if a value is missing or could change the URL's meaning */
    public String expand(Function<String, JsonNode> values) throws Unusable {
        return origin + fill(path, values, true) + fill(query, values, false);
    }

    private static String fill(String part, Function<String, JsonNode> values, boolean inPath) throws Unusable {
        StringBuilder filled = new StringBuilder();
        Matcher place = PLACE.matcher(part);
        int from = 0;
        while (place.find()) {
            String value = text(place.group(1), values.apply(place.group(1)));
            if (inPath) {
                checkPath(place.group(1), value);
            }
            filled.append(part, from, place.start()).append(encode(value));
            from = place.end();
        }
        filled.append(part, from, part.length());
        return filled.toString();
    }

    private static String text(String name, JsonNode value) throws Unusable {
        if (value == null || value.isNull() || value.isMissingNode()) {
            throw new Unusable("argument '" + name + "' is needed for the URL");
        }
        if (value.isContainerNode()) {
            throw new Unusable("argument '" + name + "' goes into the URL and must be a text, number or boolean");
        }
        return value.asText();
    }

    /** Servers and proxies decode and then normalise: what is harmless encoded may climb behind them. */
    private static void checkPath(String name, String value) throws Unusable {
        if (value.isEmpty()) {
            throw new Unusable("argument '" + name + "' is part of the URL's path and must not be empty");
        }
        for (String segment : value.split("[/\\\\]", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new Unusable(
                        "argument '" + name + "' is part of the URL's path and must not climb ('" + segment + "')");
            }
        }
        if (value.indexOf('\0') >= 0) {
            throw new Unusable("argument '" + name + "' is part of the URL's path and must not hold a NUL");
        }
    }

    /** Percent-encodes all but RFC 3986's unreserved characters. */
    static String encode(String value) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || UNRESERVED.indexOf(c) >= 0;
            encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return encoded.toString();
    }
}
