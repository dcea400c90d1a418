package dev.wheelhouse.runtime.outbound;

import dev.wheelhouse.api.v1alpha1.SecretKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Secrets as the kubelet mounts them: {@code <root>/<secret name>/<key>}. Read anew for each call, so that a rotated
 * key is used at once and none stays in memory.
 */
public final class SecretFiles {
    private static final int MAX_BYTES = 16 * 1024;

    private final Path root;

    public SecretFiles(Path root) {
        this.root = root;
    }

    /**
     * Reads a value that is to be sent in a header.
     *
     * @throws SecretUnavailable if it is not mounted, is empty or cannot be sent in a header
     */
    public SecretValue read(SecretKey ref) throws SecretUnavailable {
        String origin = "key '" + ref.key() + "' of Secret '" + ref.name() + "'";
        String value = readText(ref, origin).strip();
        if (value.isEmpty()) {
            throw new SecretUnavailable(ref.name(), origin + " is empty: put the credential into it");
        }
        // An HTTP client that refuses such a header quotes its value in the exception.
        if (!value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new SecretUnavailable(
                    ref.name(),
                    origin + " holds line breaks or characters that an HTTP header cannot carry: store the"
                            + " bare credential");
        }
        return new SecretValue(origin, value);
    }

    private String readText(SecretKey ref, String origin) throws SecretUnavailable {
        Path file = root.resolve(ref.name()).resolve(ref.key());
        boolean inside = file.normalize().getParent() != null
                && file.normalize().getParent().equals(root.resolve(ref.name()).normalize())
                && file.normalize().getParent().getParent().equals(root.normalize());
        try {
            if (inside && Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
                return Files.readString(file, StandardCharsets.ISO_8859_1);
            }
        } catch (IOException e) {
            // Gone between the check and the read, or not readable: the same as missing, without the cause's text.
        }
        throw new SecretUnavailable(
                ref.name(),
                origin + " is not mounted: create the Secret with this key in the run's namespace (at most " + MAX_BYTES
                        + " bytes); the run goes on by itself");
    }
}
