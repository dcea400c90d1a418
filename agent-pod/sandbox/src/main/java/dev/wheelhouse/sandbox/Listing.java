package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.FileEntry;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Collects the entries below a folder. Links are listed and never followed. A tree without end, or
 * with millions of files, gives a part of it, and says so.
 */
final class Listing {
    static final int DEEPEST = 32;
    private static final int MOST = 10_000;
    private static final int MOST_VISITED = 100_000;
    /** Bytes of an entry in a frame besides its path. */
    private static final int OVERHEAD = 40;

    private final int depth;
    private final Predicate<String> wanted;
    private final List<FileEntry> entries = new ArrayList<>();
    private int visited;
    private long bytes;
    private boolean more;

    Listing(int depth, Predicate<String> wanted) {
        this.depth = Math.clamp(depth, 1, DEEPEST);
        this.wanted = wanted;
    }

    /** What was found, by path; {@code more}: there is more. */
    record Found(List<FileEntry> entries, boolean more) {}

    Found below(SecureDirectoryStream<Path> folder) throws IOException {
        walk(folder, "", 1);
        entries.sort(Comparator.comparing(FileEntry::path));
        return new Found(List.copyOf(entries), more);
    }

    private void walk(SecureDirectoryStream<Path> folder, String prefix, int level) throws IOException {
        try {
            for (var entry : folder) {
                if (entries.size() >= MOST || bytes > Frames.MAX_CONTENT || ++visited > MOST_VISITED) {
                    more = true;
                    return;
                }
                visit(folder, entry.getFileName(), prefix, level);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void visit(SecureDirectoryStream<Path> folder, Path name, String prefix, int level) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = folder.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        } catch (IOException e) {
            return; // gone meanwhile
        }
        var path = prefix + name;
        if (wanted.test(path)) {
            var mode = PosixFilePermissions.toString(attributes.permissions());
            entries.add(new FileEntry(path, attributes.isDirectory(), attributes.size(), mode));
            bytes += OVERHEAD + 3L * path.length();
        }
        if (attributes.isDirectory() && level < depth) {
            try (var below = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                walk(below, path + "/", level + 1);
            } catch (IOException e) {
                more = true; // not to be read, or swapped for something else
            }
        } else if (attributes.isDirectory() && depth == DEEPEST) {
            more = true;
        }
    }
}
