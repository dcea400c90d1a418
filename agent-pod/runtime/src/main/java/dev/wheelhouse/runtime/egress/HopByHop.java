package dev.wheelhouse.runtime.egress;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Headers that are not passed on. Names are compared as servers do that take {@code _} for {@code -}. */
final class HopByHop {
    private static final Set<String> CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "content-length",
            "upgrade",
            "http2-settings",
            "alt-svc");

    private static final Set<String> REQUEST = Set.of(
            "host",
            "expect",
            // Some servers take method or path from these, and the rules only know the real ones.
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-url",
            "x-original-uri",
            "x-rewrite-url",
            "forwarded");

    private HopByHop() {}

    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @param listed by {@link #listed} */
    static boolean inRequest(String name, Set<String> listed) {
        String plain = plain(name);
        return inAnswer(name, listed) || REQUEST.contains(plain) || plain.startsWith("x-forwarded-");
    }

    static boolean inAnswer(String name, Set<String> listed) {
        String plain = plain(name);
        return CONNECTION.contains(plain) || plain.startsWith("proxy-") || listed.contains(plain);
    }

    /** Whether a credential may be put into it. */
    static boolean mayCarryCredential(String name) {
        return !inRequest(name, Set.of())
                && !Set.of("accept-encoding", "range", "if-range").contains(plain(name));
    }

    /** The names of headers that Connection headers with these values make hop-by-hop. */
    static Set<String> listed(List<String> connection) {
        return connection.stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(name -> plain(name.strip()))
                .collect(Collectors.toSet());
    }
}
