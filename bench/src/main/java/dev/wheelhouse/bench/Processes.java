package dev.wheelhouse.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Java processes in pods, found on this node through /proc. Needs root. */
final class Processes {
    private Processes() {}

    /** Process of a pod by its {@code POD_NAME}. */
    static Optional<Long> ofPod(String pod) {
        return withEnvironment("POD_NAME=" + pod).stream().findFirst();
    }

    /** Processes that have this line in their environment and run Java. */
    static List<Long> withEnvironment(String line) {
        List<Long> found = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                if (runsJavaWith(entry, line)) {
                    found.add(Long.parseLong(entry.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }

    private static boolean runsJavaWith(Path entry, String line) {
        try {
            return Files.readString(entry.resolve("cmdline")).contains("java")
                    && List.of(Files.readString(entry.resolve("environ")).split("\0"))
                            .contains(line);
        } catch (IOException e) {
            return false; // it ended meanwhile, or is not ours to see
        }
    }

    /** Resident memory in MiB. */
    static long residentMiB(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) / 1024)
                .sum();
    }

    static void kill(long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-KILL", Long.toString(pid)).start().waitFor();
    }
}
