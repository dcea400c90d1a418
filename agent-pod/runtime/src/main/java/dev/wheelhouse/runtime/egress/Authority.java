package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whom a request is for. @param host lower case */
record Authority(Scheme scheme, String host, int port) {
    private static final Pattern HOST_PORT = Pattern.compile("([A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?");

    /** Host and optional port; empty for everything else, such as addresses in brackets or user information. */
    static Optional<Authority> parse(Scheme scheme, String text) {
        Matcher parts = HOST_PORT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int port = parts.group(2) == null ? defaultPort(scheme) : Integer.parseInt(parts.group(2));
        return port < 1 || port > 65535
                ? Optional.empty()
                : Optional.of(new Authority(scheme, parts.group(1).toLowerCase(Locale.ROOT), port));
    }

    static int defaultPort(Scheme scheme) {
        return switch (scheme) {
            case https -> 443;
            case http -> 80;
        };
    }

    /** As the Host header has it. */
    String hostHeader() {
        return port == defaultPort(scheme) ? host : host + ":" + port;
    }

    @Override
    public String toString() {
        return scheme + "://" + hostHeader();
    }
}
