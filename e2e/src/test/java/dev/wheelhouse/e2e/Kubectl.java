package dev.wheelhouse.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code kubectl} the way a person does: the messages that it prints are part of the product. */
final class Kubectl {
    private static final long TIMEOUT_SECONDS = 300;

    private Kubectl() {}

    /** Exit code, standard output and standard error of one call. */
    record Result(List<String> command, int code, String out, String err) {
        boolean ok() {
            return code == 0;
        }

        Result orThrow() {
            if (!ok()) {
                throw new AssertionError(String.join(" ", command) + " failed (" + code + "):\n" + err + out);
            }
            return this;
        }
    }

    static Result run(String stdin, String... arguments) {
        var command = new ArrayList<String>();
        command.add(System.getenv().getOrDefault("KUBECTL", "kubectl"));
        command.addAll(List.of(arguments));
        return exec(stdin, command);
    }

    static Result exec(String stdin, List<String> command) {
        try {
            Path in = Files.createTempFile("e2e", ".in");
            Path out = Files.createTempFile("e2e", ".out");
            Path err = Files.createTempFile("e2e", ".err");
            try {
                Files.writeString(in, stdin == null ? "" : stdin);
                Process process = new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    return new Result(command, 124, Files.readString(out), "timed out\n" + Files.readString(err));
                }
                return new Result(command, process.exitValue(), read(out), read(err));
            } finally {
                Files.deleteIfExists(in);
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
