package dev.wheelhouse.runtime.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Label and field selectors with {@code =}, {@code ==} and {@code !=}. */
record Selectors(String labels, String fields) {
    static Selectors of(Map<String, String> parameters) {
        return new Selectors(
                parameters.getOrDefault("labelSelector", ""), parameters.getOrDefault("fieldSelector", ""));
    }

    static Map<String, String> parameters(String query) {
        Map<String, String> out = new HashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int eq = pair.indexOf('=');
            if (eq > 0) {
                out.put(pair.substring(0, eq), URLDecoder.decode(pair.substring(eq + 1), StandardCharsets.UTF_8));
            }
        }
        return out;
    }

    boolean match(JsonNode object) {
        for (String term : terms(labels)) {
            if (!holds(term, key -> object.at("/metadata/labels").path(key).asText(""))) {
                return false;
            }
        }
        for (String term : terms(fields)) {
            if (!holds(term, key -> object.at("/" + key.replace('.', '/')).asText(""))) {
                return false;
            }
        }
        return true;
    }

    private static String[] terms(String selector) {
        return selector.isEmpty() ? new String[0] : selector.split(",");
    }

    private static boolean holds(String term, java.util.function.UnaryOperator<String> value) {
        int not = term.indexOf("!=");
        if (not > 0) {
            return !value.apply(term.substring(0, not)).equals(term.substring(not + 2));
        }
        int eq = term.indexOf('=');
        if (eq < 0) {
            return !value.apply(term).isEmpty();
        }
        return value.apply(term.substring(0, eq)).equals(term.substring(eq + 1).replaceFirst("^=", ""));
    }
}
