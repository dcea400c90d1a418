package dev.wheelhouse.runtime.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.runtime.outbound.WellFormed;
import dev.wheelhouse.sandbox.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Commands: from arguments to what the daemon starts. */
final class Commands {
    /** Kept of each of the two streams; the model sees no more. The rest is in a file of the sandbox. */
    static final int MAX_OUTPUT = 24 * 1024;

    /** Code above this comes by stdin: one argument of a process has at most 128 KiB. */
    private static final int MAX_ARGUMENT = 100 * 1024;

    private static final byte[] NOTHING = new byte[0];
    private static final String PROXY = "http://127.0.0.1:3128";
    private static final String CA = "/tmp/.wheelhouse/ca.pem";
    private static final Map<String, String> ENVIRONMENT = environment();

    private Commands() {}

    /** Root file systems are read-only: that the proxy is to be used and trusted is said by what programs read. */
    private static Map<String, String> environment() {
        Map<String, String> env = new LinkedHashMap<>();
        Stream.of("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy").forEach(name -> env.put(name, PROXY));
        Stream.of("NO_PROXY", "no_proxy").forEach(name -> env.put(name, ""));
        Stream.of(
                        "SSL_CERT_FILE",
                        "REQUESTS_CA_BUNDLE",
                        "CURL_CA_BUNDLE",
                        "NODE_EXTRA_CA_CERTS",
                        "GIT_SSL_CAINFO",
                        "PIP_CERT")
                .forEach(name -> env.put(name, CA));
        return Map.copyOf(env);
    }

    static int seconds(JsonNode arguments) {
        return Math.clamp(arguments.path("timeoutSeconds").asInt(BuiltinTool.SECONDS), 1, BuiltinTool.MAX_SECONDS);
    }

    static Frame.Start shell(String callId, JsonNode arguments) {
        return new Frame.Start(
                callId,
                List.of(
                        "/bin/sh",
                        "-c",
                        WellFormed.text(arguments.path("command").asText())),
                ENVIRONMENT,
                arguments.hasNonNull("cwd") ? arguments.path("cwd").asText() : null,
                bytes(arguments.path("stdin").asText("")),
                seconds(arguments) * 1000L,
                MAX_OUTPUT);
    }

    static Frame.Start python(String callId, JsonNode arguments) {
        byte[] code = bytes(arguments.path("code").asText());
        boolean fits = code.length <= MAX_ARGUMENT;
        return new Frame.Start(
                callId,
                fits ? List.of("python3", "-c", new String(code, StandardCharsets.UTF_8)) : List.of("python3", "-"),
                ENVIRONMENT,
                null,
                fits ? NOTHING : code,
                seconds(arguments) * 1000L,
                MAX_OUTPUT);
    }

    private static byte[] bytes(String text) {
        return FileCalls.bytes(text);
    }
}
