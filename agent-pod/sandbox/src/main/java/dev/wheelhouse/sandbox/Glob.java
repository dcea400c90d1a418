package dev.wheelhouse.sandbox;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A file pattern as shells have it: {@code *} and {@code ?} within a name, {@code **} for any
 * number of folders, none included, {@code {a,b}} for one of several. Own code, since Java's
 * becomes a regular expression that a pattern can keep busy for years; this one takes at most
 * the product of the lengths.
 */
final class Glob {
    private static final int LONGEST = 512;
    private static final int MOST_ALTERNATIVES = 64;

    private final List<List<String>> alternatives;

    private Glob(List<List<String>> alternatives) {
        this.alternatives = alternatives;
    }

    /**
     * A pattern for paths with "/" between their parts.
     *
     * @throws IOException with a text for people if it is none
     */
    static Glob of(String pattern) throws IOException {
        if (pattern.isBlank() || pattern.length() > LONGEST) {
            throw new IOException("a pattern has 1 to " + LONGEST + " characters");
        }
        var expanded = new ArrayList<String>();
        expand(pattern, expanded);
        return new Glob(expanded.stream().map(one -> List.of(one.split("/"))).toList());
    }

    boolean matches(String path) {
        var parts = List.of(path.split("/"));
        return alternatives.stream().anyMatch(pattern -> matches(pattern, parts));
    }

    private static void expand(String pattern, List<String> into) throws IOException {
        var close = pattern.indexOf('}');
        var open = close < 0 ? -1 : pattern.lastIndexOf('{', close);
        if (open < 0) {
            into.add(pattern);
            if (into.size() > MOST_ALTERNATIVES) {
                throw new IOException("a pattern has at most " + MOST_ALTERNATIVES + " alternatives");
            }
            return;
        }
        for (var word : pattern.substring(open + 1, close).split(",", -1)) {
            expand(pattern.substring(0, open) + word + pattern.substring(close + 1), into);
        }
    }

    private static boolean matches(List<String> pattern, List<String> path) {
        // reach[i]: the pattern so far can have taken the first i parts of the path.
        var reach = new boolean[path.size() + 1];
        reach[0] = true;
        for (var segment : pattern) {
            var next = new boolean[path.size() + 1];
            if (segment.equals("**")) {
                var any = false;
                for (var i = 0; i <= path.size(); i++) {
                    any |= reach[i];
                    next[i] = any;
                }
            } else {
                for (var i = 0; i < path.size(); i++) {
                    next[i + 1] = reach[i] && matches(segment, path.get(i));
                }
            }
            reach = next;
        }
        return reach[path.size()];
    }

    /** The usual two-pointer match: on a mismatch only the last star is extended. */
    private static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        var star = -1;
        var taken = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                taken = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++taken;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
