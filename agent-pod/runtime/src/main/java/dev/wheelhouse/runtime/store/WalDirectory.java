package dev.wheelhouse.runtime.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** The directory of one run: {@code wal-<epoch>} files and blobs. Every method is durable when it returns. */
final class WalDirectory {
    private static final String PREFIX = "wal-";

    private final Path path;

    WalDirectory(Path path) {
        this.path = path;
    }

    void create() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            sync(path.getParent());
        }
    }

    /** Whether this is a journal at all. */
    boolean claimed() {
        try {
            return highestEpoch() > 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** Highest epoch that claimed the journal, 0 if none did. */
    long highestEpoch() throws IOException {
        NavigableMap<Long, Path> files = files();
        return files.isEmpty() ? 0 : files.lastKey();
    }

    /**
     * Claims the journal for an epoch, or continues it, and returns the lines that count. Bytes of a torn append of
     * this epoch are cut off: nobody else may write its file.
     */
    List<String> claim(long epoch) throws IOException {
        Path file = file(epoch);
        try {
            FileChannel.open(file, CREATE_NEW, WRITE).close();
            sync(path);
        } catch (FileAlreadyExistsException e) {
            // This epoch's own file, left by an earlier session or by an opening that did not finish.
        }
        Wal own = Wal.parse(Files.readAllBytes(file));
        if (own.accepted() == null) {
            own = Wal.started(accept(epoch));
            write(file, 0, own.header());
        } else if (own.length() < Files.size(file)) {
            write(file, own.length(), new byte[0]);
        }
        return lines(epoch);
    }

    /** Lines as the newest epoch sees them. */
    List<String> read() throws IOException {
        return Files.isDirectory(path) ? lines(Long.MAX_VALUE) : List.of();
    }

    long length(long epoch) throws IOException {
        return Files.size(file(epoch));
    }

    /** Writes one batch behind {@code length}. Returns the new length. */
    long append(long epoch, long length, List<String> batch) throws IOException {
        byte[] frame = Wal.frame(batch);
        write(file(epoch), length, frame);
        return length + frame.length;
    }

    void putBlob(String digest, String content) throws IOException {
        Path target = blobFile(digest);
        if (Files.exists(target)) {
            return;
        }
        Path temporary = path.resolve("tmp-" + UUID.randomUUID());
        Files.createFile(temporary);
        write(temporary, 0, content.getBytes(StandardCharsets.UTF_8));
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        sync(path);
    }

    Optional<String> blob(String digest) throws IOException {
        try {
            return Optional.of(Files.readString(blobFile(digest)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Path blobFile(String digest) {
        return path.resolve("blob-" + digest.substring(digest.indexOf(':') + 1));
    }

    private Path file(long epoch) {
        return path.resolve(PREFIX + epoch);
    }

    private NavigableMap<Long, Path> files() throws IOException {
        NavigableMap<Long, Path> found = new TreeMap<>();
        try (Stream<Path> entries = Files.list(path)) {
            entries.filter(p -> p.getFileName().toString().startsWith(PREFIX))
                    .forEach(p ->
                            found.put(Long.parseLong(p.getFileName().toString().substring(PREFIX.length())), p));
        }
        return found;
    }

    /**
     * How much of each file before an epoch counts: what the newest complete header says of the files before it, and
     * all whole batches of the files since.
     */
    private NavigableMap<Long, Wal.Accepted> accept(long before) throws IOException {
        NavigableMap<Long, Wal.Accepted> accepted = new TreeMap<>();
        for (var entry : files().headMap(before, false).entrySet()) {
            Wal wal = Wal.parse(Files.readAllBytes(entry.getValue()));
            if (wal.accepted() != null) {
                accepted.putAll(wal.accepted());
                accepted.put(entry.getKey(), wal.whole());
            }
        }
        return accepted;
    }

    private List<String> lines(long epoch) throws IOException {
        NavigableMap<Long, Path> files = files();
        NavigableMap<Long, Wal.Accepted> accepted = accept(epoch == Long.MAX_VALUE ? epoch : epoch + 1);
        List<String> lines = new ArrayList<>();
        for (var entry : accepted.entrySet()) {
            lines.addAll(Wal.lines(Files.readAllBytes(files.get(entry.getKey())), entry.getValue()));
        }
        return lines;
    }

    /** Replaces what lies behind an offset. */
    private static void write(Path file, long offset, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            channel.truncate(offset);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer, offset + buffer.position());
            }
            channel.force(true);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
