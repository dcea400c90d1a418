package dev.wheelhouse.runtime.egress;

import java.util.regex.Pattern;

/**
 * Path and query of a request. The path is in its plainest form, and it is in this form that it is compared with rules
 * and sent: the host cannot read it as another one than we did.
 *
 * @param path begins with a slash; has no dot segments, empty segments or escapes of plain characters
 * @param query with its question mark, or empty; not looked at
 */
record RequestPath(String path, String query) {
    private static final int MAX = 8192;
    private static final Pattern TWICE = Pattern.compile("%25[0-9A-Fa-f]{2}");

    /** @param target in origin form; visible ASCII */
    static RequestPath parse(String target) throws Refused {
        if (target.length() > MAX) {
            throw new Refused(414, "the path is longer than " + MAX + " characters");
        }
        int question = target.indexOf('?');
        String raw = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question);
        if (target.indexOf('#') >= 0 || !raw.startsWith("/")) {
            throw new Refused(400, "a path begins with a slash and has no fragment");
        }
        String path = normal(raw);
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            // Some servers cut a segment at its semicolon before they look whether it is a dot segment.
            String name = segments[i].split(";", 2)[0];
            boolean empty = name.isEmpty() && i < segments.length - 1;
            if (empty || name.equals(".") || name.equals("..")) {
                throw new Refused(400, "a path has no empty and no dot segments");
            }
        }
        return new RequestPath(path, query);
    }

    private static String normal(String raw) throws Refused {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\') {
                throw new Refused(400, "a path has no backslash");
            }
            if (c != '%') {
                path.append(c);
                continue;
            }
            int value = escaped(raw, i);
            if (isUnreserved(value)) {
                path.append((char) value);
            } else if (mayStayEscaped(value)) {
                path.append(String.format("%%%02X", value));
            } else {
                throw new Refused(400, "a path has no escaped slashes, backslashes or control characters");
            }
            i += 2;
        }
        // A server that decodes twice must not see something else than we did.
        if (TWICE.matcher(path).find()) {
            throw new Refused(400, "a path has no escaped escapes");
        }
        return path.toString();
    }

    private static int escaped(String raw, int at) throws Refused {
        int high = at + 2 < raw.length() ? Character.digit(raw.charAt(at + 1), 16) : -1;
        int low = at + 2 < raw.length() ? Character.digit(raw.charAt(at + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw new Refused(400, "a path has a % that is not followed by two hex digits");
        }
        return high * 16 + low;
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0;
    }

    /** 0xC0 and 0xC1 only occur in overlong forms, which some readers take for slashes and dots. */
    private static boolean mayStayEscaped(int value) {
        return value >= 0x20 && value != 0x7f && value != '/' && value != '\\' && value != 0xc0 && value != 0xc1;
    }

    /** Whether a rule's path allows it: exact, or everything that begins like what is before its final star. */
    boolean matches(String rule) {
        boolean prefix = rule.endsWith("*");
        String text = prefix ? rule.substring(0, rule.length() - 1) : rule;
        try {
            String plain = normal(text);
            return prefix ? path.startsWith(plain) : path.equals(plain);
        } catch (Refused e) {
            return false;
        }
    }

    String target() {
        return path + query;
    }
}
