package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.Workspace.Place;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame.FileDone;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** File operations for the agent's tools. An error is an answer, with a text the model can act on. */
final class FileCalls {
    private static final int LONGEST_EDIT = 2 << 20;
    private static final Set<PosixFilePermission> USUAL = permissions(0644);

    private final Workspace workspace;

    FileCalls(Workspace workspace) {
        this.workspace = workspace;
    }

    /** Whether doing it twice is more than doing it once. */
    static boolean hasEffect(FileOp op) {
        return switch (op) {
            case FileOp.Write w -> true;
            case FileOp.Edit e -> true;
            case FileOp.Upload u -> true;
            case FileOp.Read r -> false;
            case FileOp.ListDir l -> false;
            case FileOp.Glob g -> false;
        };
    }

    FileDone run(String callId, FileOp op) {
        try {
            return switch (op) {
                case FileOp.Read(var path, var offset, var max) -> read(callId, path, offset, max);
                case FileOp.Write(var path, var content, var mode) -> write(callId, path, content, mode);
                case FileOp.Edit(var path, var oldText, var newText, var all) ->
                    edit(callId, path, oldText, newText, all);
                case FileOp.ListDir(var path, var depth) -> list(callId, path, depth);
                case FileOp.Glob(var pattern) -> glob(callId, pattern);
                case FileOp.Upload(var path, var offset, var content, var last) ->
                    upload(callId, path, offset, content, last);
            };
        } catch (NoSuchFileException e) {
            return failed(callId, "there is no " + e.getFile());
        } catch (FileSystemException e) {
            return failed(callId, (e.getReason() == null ? "not possible" : e.getReason()) + ": " + e.getFile());
        } catch (IOException | RuntimeException e) {
            return failed(callId, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    static FileDone failed(String callId, String error) {
        return new FileDone(callId, error, null, false, 0, List.of());
    }

    private FileDone read(String callId, String path, long offset, int max) throws IOException {
        try (var place = workspace.place(path, false)) {
            place.ofFile();
            try (var file = open(place, StandardOpenOption.READ)) {
                var size = file.size();
                var from = Math.clamp(offset, 0, size);
                var content =
                        readFully(file, from, (int) Math.min(Math.clamp(max, 0, Frames.MAX_CONTENT), size - from));
                return new FileDone(callId, null, content, from + content.length < size, size, List.of());
            }
        }
    }

    private FileDone write(String callId, String path, byte[] content, int mode) throws IOException {
        try (var place = workspace.place(path, true)) {
            replace(place, content, mode);
            return done(callId, content.length);
        }
    }

    private FileDone edit(String callId, String path, String oldText, String newText, boolean all) throws IOException {
        if (oldText.isEmpty()) {
            throw new IOException("the old text is empty");
        }
        try (var place = workspace.place(path, false)) {
            var size = place.ofFile().size();
            if (size > LONGEST_EDIT) {
                throw new IOException(path + " is longer than " + LONGEST_EDIT + " bytes: edit it with a command");
            }
            String text;
            try (var file = open(place, StandardOpenOption.READ)) {
                text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(readFully(file, 0, (int) size)))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new IOException(path + " is no UTF-8 text");
            }
            var first = text.indexOf(oldText);
            if (first < 0) {
                throw new IOException("the old text is not in " + path);
            }
            if (!all && text.indexOf(oldText, first + 1) >= 0) {
                throw new IOException("the old text is in " + path + " more than once: give more of what is around it");
            }
            var edited = all
                    ? text.replace(oldText, newText)
                    : text.substring(0, first) + newText + text.substring(first + oldText.length());
            var content = edited.getBytes(StandardCharsets.UTF_8);
            replace(place, content, -1);
            return done(callId, content.length);
        }
    }

    private FileDone list(String callId, String path, int depth) throws IOException {
        try (var folder = workspace.folder(path)) {
            return found(callId, new Listing(depth, entry -> true).below(folder));
        }
    }

    private FileDone glob(String callId, String pattern) throws IOException {
        var glob = Glob.of(pattern);
        try (var folder = workspace.folder(".")) {
            return found(callId, new Listing(Listing.DEEPEST, glob::matches).below(folder));
        }
    }

    private FileDone upload(String callId, String path, long offset, byte[] content, boolean last) throws IOException {
        try (var place = workspace.place(path, true)) {
            var part = new Place(
                    place.folder(),
                    Path.of(".wheelhouse-" + Names.of(place.name().toString())));
            if (offset == 0) {
                deleteIfThere(part);
            }
            var kind = offset == 0 ? StandardOpenOption.CREATE_NEW : StandardOpenOption.WRITE;
            long size;
            try (var file = open(part, kind, StandardOpenOption.WRITE)) {
                if (offset > file.size()) {
                    throw new IOException("a piece before this one is missing");
                }
                file.position(offset);
                writeFully(file, content);
                size = file.size();
            }
            if (last) {
                permit(part, USUAL);
                place.folder().move(part.name(), place.folder(), place.name());
            }
            return done(callId, size);
        }
    }

    private static void replace(Place place, byte[] content, int mode) throws IOException {
        var before = place.attributes();
        if (before != null && !before.isRegularFile()) {
            throw new IOException(place.name() + " is not a file");
        }
        var permissions = mode >= 0 ? permissions(mode) : before == null ? USUAL : before.permissions();
        var fresh = new Place(place.folder(), Path.of(".wheelhouse-" + UUID.randomUUID()));
        try {
            try (var file = open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeFully(file, content);
            }
            permit(fresh, permissions);
            place.folder().move(fresh.name(), place.folder(), place.name());
        } catch (IOException e) {
            deleteIfThere(fresh);
            throw e;
        }
    }

    private static SeekableByteChannel open(Place place, StandardOpenOption... options) throws IOException {
        var all = new HashSet<OpenOption>(List.of(options));
        all.add(LinkOption.NOFOLLOW_LINKS);
        return place.folder().newByteChannel(place.name(), all);
    }

    private static byte[] readFully(SeekableByteChannel file, long from, int count) throws IOException {
        var buffer = ByteBuffer.allocate(count);
        file.position(from);
        while (buffer.hasRemaining() && file.read(buffer) >= 0) {
            // goes on until it has all, or the file became shorter
        }
        return buffer.position() == count ? buffer.array() : Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static void writeFully(SeekableByteChannel file, byte[] content) throws IOException {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
    }

    private static void deleteIfThere(Place place) throws IOException {
        try {
            place.folder().deleteFile(place.name());
        } catch (NoSuchFileException e) {
            // As wanted.
        }
    }

    private static void permit(Place place, Set<PosixFilePermission> permissions) throws IOException {
        place.folder()
                .getFileAttributeView(place.name(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(permissions);
    }

    /** The nine usual bits, from the owner's reading (0400) to others' execution (0001). */
    private static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (var permission : PosixFilePermission.values()) {
            if ((mode & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    private static FileDone done(String callId, long size) {
        return new FileDone(callId, null, null, false, size, List.of());
    }

    private static FileDone found(String callId, Listing.Found found) {
        return new FileDone(callId, null, null, found.more(), found.entries().size(), found.entries());
    }
}
