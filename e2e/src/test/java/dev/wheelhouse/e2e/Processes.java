package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The Java processes in our pods, as the node sees them: the only way to kill one without its noticing. */
final class Processes {
    private Processes() {}

    /** A process in a pod of ours. */
    record InPod(long pid, String pod, String namespace) {
        /** {@code KILL}, {@code STOP}, {@code CONT}: nothing the process can prepare for. */
        void signal(String name) {
            Kubectl.exec(null, List.of("kill", "-s", name, Long.toString(pid))).orThrow();
        }
    }

    /** Skips the test where the pods' node is not this machine, or we are not root on it. */
    static void require() {
        boolean seen = !find("wheelhouse-system").isEmpty();
        if ("1".equals(System.getenv("WHEELHOUSE_REQUIRE_CLUSTER")) && !seen) {
            throw new IllegalStateException("the processes in pods cannot be seen, and WHEELHOUSE_REQUIRE_CLUSTER=1");
        }
        assumeTrue(seen, "needs root on the node of the pods: `make e2e` on the local cluster");
    }

    /** The process that runs in this pod. */
    static InPod of(Space space, String pod) {
        return find(space.name()).stream()
                .filter(process -> process.pod().equals(pod))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process of pod " + pod));
    }

    /** Processes in our pods of this namespace. */
    static List<InPod> find(String namespace) {
        try (var processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .flatMap(path -> inPod(path).stream())
                    .filter(process -> process.namespace().equals(namespace))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<InPod> inPod(Path process) {
        try {
            // Without the look at the cgroup, a developer's own process with the same environment would be killed.
            if (!read(process.resolve("cgroup")).contains("kubepods")
                    || !read(process.resolve("cmdline")).contains("java")) {
                return Optional.empty();
            }
            var environment = Arrays.stream(read(process.resolve("environ")).split("\0"))
                    .filter(entry -> entry.startsWith("POD_NAME") || entry.startsWith("POD_NAMESPACE"))
                    .map(entry -> entry.split("=", 2))
                    .collect(Collectors.toMap(entry -> entry[0], entry -> entry[1], (first, second) -> first));
            if (!environment.containsKey("POD_NAME") || !environment.containsKey("POD_NAMESPACE")) {
                return Optional.empty();
            }
            long pid = Long.parseLong(process.getFileName().toString());
            return Optional.of(new InPod(pid, environment.get("POD_NAME"), environment.get("POD_NAMESPACE")));
        } catch (IOException e) {
            return Optional.empty(); // It has ended meanwhile.
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
