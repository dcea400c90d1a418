package dev.wheelhouse.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whom the commands trust on TLS connections: the image's authorities and the runtimes' proxies.
 * The root file system is read-only, so it is a file of ours that environment variables name; these
 * variables are what libraries and tools look at. Each runtime has an authority of its own: all of
 * them are in, since a command outlives a runtime.
 */
final class Authorities {
    private static final List<Path> BUNDLES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/cert.pem"));
    private static final List<String> VARIABLES = List.of(
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "GIT_SSL_CAINFO",
            "PIP_CERT");
    private static final int LONGEST_BUNDLE = 2 << 20;
    private static final int MOST_RUNTIMES = 16;

    private final Path file;
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> runtimes = new ArrayList<>();
    private boolean changed = true;
    /** Inode, change time and size of what was written: a command can set none but the last as it likes. */
    private Map<String, Object> written = Map.of();

    Authorities(Path temporary) {
        file = temporary.resolve(".wheelhouse").resolve("ca.pem");
        VARIABLES.forEach(name -> variables.put(name, file.toString()));
    }

    /** One that is to be trusted, also when many others come after it; null changes nothing. */
    synchronized void add(String pem) {
        if (pem == null) {
            return;
        }
        changed |= !runtimes.remove(pem);
        runtimes.add(pem);
        if (runtimes.size() > MOST_RUNTIMES) {
            runtimes.removeFirst();
        }
        if (changed) {
            refresh(); // Now rather than when a command waits for it.
        }
    }

    /** The variables of a command. The file is written anew when the last command spoiled it. */
    synchronized Map<String, String> environment() {
        return refresh() ? variables : Map.of();
    }

    /** Whether the file is as it should be now. */
    private boolean refresh() {
        try {
            if (changed || !written.equals(attributes())) {
                write();
                written = attributes();
                changed = false;
            }
            return true;
        } catch (IOException | RuntimeException e) {
            // No room: commands then have the image's authorities, and TLS through the proxy fails with a clear error.
            return false;
        }
    }

    private Map<String, Object> attributes() throws IOException {
        try {
            return Files.readAttributes(file, "unix:ino,ctime,size", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Map.of();
        }
    }

    private void write() throws IOException {
        var content = new StringBuilder();
        for (var bundle : BUNDLES) {
            if (Files.isReadable(bundle)) {
                try (var in = Files.newInputStream(bundle)) {
                    content.append(new String(in.readNBytes(LONGEST_BUNDLE), StandardCharsets.ISO_8859_1))
                            .append('\n');
                }
                break;
            }
        }
        runtimes.forEach(pem -> content.append(pem).append('\n'));
        Files.createDirectories(file.getParent());
        var fresh = file.resolveSibling("ca.pem.new");
        Files.deleteIfExists(fresh);
        try (var out = Files.newOutputStream(
                fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            out.write(content.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
