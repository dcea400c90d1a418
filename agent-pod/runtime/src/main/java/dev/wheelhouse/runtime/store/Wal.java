package dev.wheelhouse.runtime.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Form of a write-ahead file: frames of {@code <bytes> <sha256>\n<content>}. The first frame says how much of the
 * older files counts, each further one is a batch of lines. A frame that is short or does not match its hash was torn
 * by a crash: it and all behind it do not count.
 *
 * @param accepted what counts of older files, by epoch; null if the first frame is not whole
 * @param length bytes in whole frames
 * @param digest SHA-256 of those bytes
 */
record Wal(NavigableMap<Long, Accepted> accepted, long length, String digest) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<Long, Accepted>> HEADER = new TypeReference<>() {};

    /** The part of a file that counts. */
    record Accepted(long length, String sha256) {}

    private record Frame(byte[] content, int end) {}

    static Wal started(NavigableMap<Long, Accepted> accepted) throws IOException {
        byte[] header = frame(JSON.writeValueAsBytes(accepted));
        return new Wal(accepted, header.length, sha256(header));
    }

    byte[] header() throws IOException {
        return frame(JSON.writeValueAsBytes(accepted));
    }

    Accepted whole() {
        return new Accepted(length, digest);
    }

    static Wal parse(byte[] bytes) throws IOException {
        Frame header = next(bytes, 0);
        if (header == null) {
            return new Wal(null, 0, sha256(new byte[0]));
        }
        int end = header.end();
        for (Frame frame = next(bytes, end); frame != null; frame = next(bytes, end)) {
            end = frame.end();
        }
        return new Wal(JSON.readValue(header.content(), HEADER), end, sha256(Arrays.copyOf(bytes, end)));
    }

    /**
     * The lines of the part of a file that counts.
     *
     * @throws IOException if that part is not what was accepted: the file was damaged
     */
    static List<String> lines(byte[] bytes, Accepted part) throws IOException {
        if (bytes.length < part.length()
                || !sha256(Arrays.copyOf(bytes, (int) part.length())).equals(part.sha256())) {
            throw new IOException("a journal file is damaged: its accepted part does not match its hash");
        }
        List<String> lines = new ArrayList<>();
        int at = next(bytes, 0).end();
        while (at < part.length()) {
            Frame frame = next(bytes, at);
            new String(frame.content(), StandardCharsets.UTF_8).lines().forEach(lines::add);
            at = frame.end();
        }
        return lines;
    }

    static byte[] frame(List<String> batch) {
        return frame(Segment.text(batch).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] frame(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((content.length + " " + sha256(content) + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(content);
        return out.toByteArray();
    }

    /** The whole frame that begins at an offset, or null. */
    private static Frame next(byte[] bytes, int from) {
        int newline = from;
        while (newline < bytes.length && bytes[newline] != '\n') {
            newline++;
        }
        String[] head = new String(bytes, from, newline - from, StandardCharsets.US_ASCII).split(" ");
        if (newline >= bytes.length || head.length != 2 || !head[0].matches("[0-9]{1,9}")) {
            return null;
        }
        int end = newline + 1 + Integer.parseInt(head[0]);
        if (end > bytes.length) {
            return null;
        }
        byte[] content = Arrays.copyOfRange(bytes, newline + 1, end);
        return sha256(content).equals(head[1]) ? new Frame(content, end) : null;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
