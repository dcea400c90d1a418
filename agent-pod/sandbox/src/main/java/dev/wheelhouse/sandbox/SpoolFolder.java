package dev.wheelhouse.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The files with outputs that are too long to be sent, for the next commands to look at: in the
 * workspace or, if there is no room, in the temporary folder. Bounded in size each and together;
 * the oldest go first. A full disk only makes the file shorter.
 */
final class SpoolFolder {
    private static final long LONGEST = 64L << 20;
    private static final long ALL_TOGETHER = 256L << 20;

    private final List<Path> folders;
    private final ArrayDeque<File> files = new ArrayDeque<>();

    SpoolFolder(Path workspace, Path temporary) {
        folders = List.of(
                workspace.resolve(".wheelhouse").resolve("output"),
                temporary.resolve(".wheelhouse").resolve("output"));
    }

    /** The place for one stream; there is no file until it is opened. */
    OutputLog.Spool of(String callId, String stream) {
        return new File(callId, stream);
    }

    private synchronized void opened(File file) {
        files.add(file);
    }

    private synchronized void forget(File file) {
        files.remove(file);
    }

    private synchronized void makeRoom() {
        var total = files.stream().mapToLong(file -> file.written).sum();
        while (total > ALL_TOGETHER && files.size() > 1) {
            var oldest = files.removeFirst();
            total -= oldest.written;
            oldest.delete();
        }
    }

    private final class File implements OutputLog.Spool {
        private final String callId;
        private final String stream;
        private volatile Path path;
        private volatile long written;
        private OutputStream out;

        File(String callId, String stream) {
            this.callId = callId;
            this.stream = stream;
        }

        @Override
        public void open(byte[] head) {
            // Only now: most commands say little.
            var name = Names.of(callId) + "." + stream;
            for (var folder : folders) {
                var file = folder.resolve(name);
                try {
                    Files.createDirectories(folder);
                    // Whatever a command put there is not written to.
                    Files.deleteIfExists(file);
                    out = Files.newOutputStream(
                            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                    path = file;
                    opened(this);
                    add(head, 0, head.length);
                    return;
                } catch (IOException | RuntimeException e) {
                    // No room here; perhaps there.
                }
            }
        }

        @Override
        public void add(byte[] buffer, int from, int count) {
            if (out == null) {
                return;
            }
            var room = (int) Math.min(count, LONGEST - written);
            try {
                out.write(buffer, from, room);
                written += room;
                makeRoom();
                if (room < count) {
                    close();
                }
            } catch (IOException e) {
                close();
            }
        }

        @Override
        public void close() {
            if (out == null) {
                return;
            }
            try (var closed = out) {
                closed.flush();
            } catch (IOException e) {
                // What is there is there.
            } finally {
                out = null;
            }
        }

        @Override
        public String file() {
            return path == null ? null : path.toString();
        }

        @Override
        public String told() {
            return path == null ? "" : "; the first " + written + " bytes are in " + path;
        }

        @Override
        public void discard() {
            if (path != null) {
                forget(this);
                delete();
                path = null;
            }
        }

        private void delete() {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // A command may have made a folder of it.
            }
        }
    }
}
