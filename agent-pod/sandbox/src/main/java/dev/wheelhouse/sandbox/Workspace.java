package dev.wheelhouse.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;

/**
 * The folders that file operations may use. A path is resolved once, links and all, and must then
 * be inside; after that each folder on the way is opened without following links, from the one
 * before it. So a command that swaps a folder for a link meanwhile makes the operation fail, not
 * leave: what must not be read this way is the daemon's own memory and its token.
 */
final class Workspace {
    private static final int LONGEST_PATH = 4096;
    private static final int DEEPEST_PATH = 128;

    private final Path workspace;
    private final List<Path> roots;

    Workspace(Path workspace, Path temporary) {
        this.workspace = workspace;
        this.roots = List.of(workspace, temporary);
    }

    /** An open folder and the name in it that the operation is about. */
    record Place(SecureDirectoryStream<Path> folder, Path name) implements Closeable {
        /** What is there, links not followed; null if nothing is. */
        PosixFileAttributes attributes() throws IOException {
            try {
                return folder.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .readAttributes();
            } catch (NoSuchFileException e) {
                return null;
            }
        }

        /** The same, which must be a plain file: what else there is may never end. */
        PosixFileAttributes ofFile() throws IOException {
            var attributes = attributes();
            if (attributes == null) {
                throw new NoSuchFileException(name.toString());
            }
            if (!attributes.isRegularFile()) {
                throw new IOException(name + " is not a file");
            }
            return attributes;
        }

        @Override
        public void close() throws IOException {
            folder.close();
        }
    }

    /** The place of a path; {@code makeFolders}: those on the way to it are made when they are missing. */
    Place place(String path, boolean makeFolders) throws IOException {
        var real = real(absolute(path), makeFolders);
        var name = real.getFileName();
        for (var root : roots) {
            if (real.equals(root.toRealPath())) {
                throw new IOException(path + " is a folder of the sandbox itself");
            }
        }
        return new Place(open(real.getParent()), name);
    }

    /** The folder of this path, open. */
    SecureDirectoryStream<Path> folder(String path) throws IOException {
        return open(real(absolute(path), false));
    }

    private Path absolute(String path) throws IOException {
        if (path.isEmpty() || path.length() > LONGEST_PATH) {
            throw new IOException("a path has 1 to " + LONGEST_PATH + " characters");
        }
        try {
            var absolute = workspace.resolve(path).normalize();
            if (absolute.getNameCount() > DEEPEST_PATH) {
                throw new IOException("a path has at most " + DEEPEST_PATH + " parts");
            }
            return absolute;
        } catch (InvalidPathException e) {
            throw new IOException("no path: " + e.getReason());
        }
    }

    /** The path without links, as it is now; the last part may be missing. */
    private Path real(Path path, boolean makeFolders) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return confined(path.toRealPath(), path);
        }
        if (roots.stream().noneMatch(path::startsWith)) {
            throw outside(path);
        }
        var parent = path.getParent();
        if (makeFolders && !Files.exists(parent, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(real(parent, true));
        }
        return confined(parent.toRealPath(), path).resolve(path.getFileName());
    }

    private Path confined(Path real, Path asked) throws IOException {
        for (var root : roots) {
            if (real.startsWith(root.toRealPath())) {
                return real;
            }
        }
        throw outside(asked);
    }

    private IOException outside(Path path) {
        return new IOException(path + " is outside of " + roots.getFirst() + " and " + roots.getLast());
    }

    private SecureDirectoryStream<Path> open(Path real) throws IOException {
        for (var root : roots) {
            var realRoot = root.toRealPath();
            if (real.startsWith(realRoot)) {
                return descend(realRoot, realRoot.relativize(real));
            }
        }
        throw outside(real);
    }

    private static SecureDirectoryStream<Path> descend(Path root, Path way) throws IOException {
        if (!(Files.newDirectoryStream(root) instanceof SecureDirectoryStream<Path> folder)) {
            throw new IOException("this system has no safe way to open folders");
        }
        for (var part : way) {
            if (part.toString().isEmpty()) {
                continue; // the root itself
            }
            try (var above = folder) {
                var view = above.getFileAttributeView(part, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
                if (!view.readAttributes().isDirectory()) {
                    throw new NotDirectoryException(part.toString());
                }
                folder = above.newDirectoryStream(part, LinkOption.NOFOLLOW_LINKS);
            }
        }
        return folder;
    }
}
