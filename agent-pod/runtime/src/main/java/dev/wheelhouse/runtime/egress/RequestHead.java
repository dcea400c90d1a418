package dev.wheelhouse.runtime.egress;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Request line and headers, read more strictly than HTTP asks: what two readers could understand differently is refused
 * rather than repaired.
 *
 * @param target as it was sent; visible ASCII
 * @param version minor version of HTTP/1
 */
record RequestHead(String method, String target, int version, List<Header> headers) {
    static final int MAX_BYTES = 32 * 1024;
    private static final int MAX_HEADERS = 100;
    private static final Pattern LINE = Pattern.compile("([-!#$%&'*+.^_`|~0-9A-Za-z]{1,32}) ([!-~]+) HTTP/1\\.([01])");
    private static final Pattern NAME = Pattern.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]+");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /** A header field. */
    record Header(String name, String value) {
        /** In one pass: a pattern for the space around a value would try all ways to share it out, for hours. */
        static Optional<Header> parse(String line) {
            int colon = line.indexOf(':');
            if (colon < 0 || !NAME.matcher(line.substring(0, colon)).matches()) {
                return Optional.empty();
            }
            int from = colon + 1;
            int to = line.length();
            while (from < to && isSpace(line.charAt(from))) {
                from++;
            }
            while (to > from && isSpace(line.charAt(to - 1))) {
                to--;
            }
            String value = line.substring(from, to);
            return value.chars().allMatch(c -> c == '\t' || c >= ' ' && c != 0x7f)
                    ? Optional.of(new Header(line.substring(0, colon), value))
                    : Optional.empty();
        }

        private static boolean isSpace(char c) {
            return c == ' ' || c == '\t';
        }

        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /** Where a body ends. */
    sealed interface Framing {
        record None() implements Framing {}

        record Length(long bytes) implements Framing {}

        record Chunked() implements Framing {}
    }

    /** @param bytes up to the empty line and with it; every line ends with CR LF */
    static RequestHead parse(byte[] bytes) throws Refused {
        String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        Matcher line = LINE.matcher(lines[0]);
        if (!line.matches()) {
            throw new Refused(400, "the request line is not that of HTTP/1.1");
        }
        List<Header> headers = new ArrayList<>();
        for (int i = 1; i < lines.length - 2; i++) {
            Optional<Header> header = Header.parse(lines[i]);
            if (header.isEmpty()) {
                throw new Refused(400, "header line " + i + " is malformed; lines are not folded");
            }
            headers.add(header.get());
        }
        if (headers.size() > MAX_HEADERS) {
            throw new Refused(431, "more than " + MAX_HEADERS + " headers");
        }
        return new RequestHead(line.group(1), line.group(2), Integer.parseInt(line.group(3)), List.copyOf(headers));
    }

    List<String> all(String name) {
        return headers.stream()
                .filter(header -> header.is(name))
                .map(Header::value)
                .toList();
    }

    boolean has(String name) {
        return headers.stream().anyMatch(header -> header.is(name));
    }

    /** The one Host header. */
    String host() throws Refused {
        List<String> hosts = all("Host");
        if (hosts.size() != 1) {
            throw new Refused(400, "a request has exactly one Host header");
        }
        return hosts.getFirst();
    }

    Framing framing() throws Refused {
        List<String> codings = all("Transfer-Encoding");
        List<String> lengths = all("Content-Length");
        if (!codings.isEmpty()) {
            if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked") || version == 0) {
                throw new Refused(400, "the only Transfer-Encoding is chunked");
            }
            if (!lengths.isEmpty()) {
                throw new Refused(400, "a request has Transfer-Encoding or Content-Length, not both");
            }
            return new Framing.Chunked();
        }
        if (lengths.isEmpty()) {
            return new Framing.None();
        }
        if (lengths.size() > 1 || !LENGTH.matcher(lengths.getFirst()).matches()) {
            throw new Refused(400, "a request has one Content-Length, a number");
        }
        return new Framing.Length(Long.parseLong(lengths.getFirst()));
    }

    /** Whether the client waits for leave before it sends the body. */
    boolean expectsContinue() throws Refused {
        Optional<String> expect = all("Expect").stream().findFirst();
        if (expect.isPresent() && !expect.get().equalsIgnoreCase("100-continue")) {
            throw new Refused(417, "the only expectation is 100-continue");
        }
        return expect.isPresent() && version == 1;
    }

    /** Whether the client sends more on this connection. */
    boolean persistent() {
        return version == 1
                && all("Connection").stream()
                        .noneMatch(value -> value.toLowerCase(Locale.ROOT).contains("close"));
    }
}
