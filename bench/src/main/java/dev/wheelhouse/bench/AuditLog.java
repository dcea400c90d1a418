package dev.wheelhouse.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts API writes in the API server's audit log: what our own processes wrote, and where. */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Path file;

    AuditLog(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is missing: start the cluster with AUDIT=1");
        }
        this.file = file;
    }

    /** Writer, verb and resource to number of writes in a namespace. */
    Map<String, Long> writes(String namespace) {
        return writes(Set.of(namespace));
    }

    /** As {@link #writes(String)}, summed over namespaces in one reading. */
    Map<String, Long> writes(Set<String> namespaces) {
        Map<String, Long> counts = new TreeMap<>();
        try (var lines = Files.lines(file)) {
            lines.forEach(line -> {
                JsonNode event = parse(line);
                JsonNode object = event.path("objectRef");
                if (namespaces.contains(object.path("namespace").asText())) {
                    String user = event.path("user").path("username").asText();
                    String resource = object.path("resource").asText()
                            + (object.has("subresource")
                                    ? "/" + object.path("subresource").asText()
                                    : "");
                    counts.merge(writer(user) + " " + event.path("verb").asText() + " " + resource, 1L, Long::sum);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return counts;
    }

    private static String writer(String user) {
        if (user.endsWith(":wheelhouse-operator")) {
            return "operator";
        }
        return user.endsWith(":wheelhouse-runtime") ? "runtime" : user;
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            return JSON.createObjectNode(); // the line that is being written
        }
    }
}
