package dev.wheelhouse.runtime.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.runtime.outbound.WellFormed;
import dev.wheelhouse.sandbox.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Commands: from arguments to what the daemon starts. The daemon adds what leads to the proxy and makes it trusted. */
final class Commands {
    /** Kept of each of the two streams; the model sees no more. The rest is in a file of the sandbox. */
    static final int MAX_OUTPUT = 24 * 1024;

    /** Code above this comes by stdin: one argument of a process has at most 128 KiB. */
    private static final int MAX_ARGUMENT = 100 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private Commands() {}

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
                Map.of(),
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
                Map.of(),
                null,
                fits ? NOTHING : code,
                seconds(arguments) * 1000L,
                MAX_OUTPUT);
    }

    private static byte[] bytes(String text) {
        return FileCalls.bytes(text);
    }
}
