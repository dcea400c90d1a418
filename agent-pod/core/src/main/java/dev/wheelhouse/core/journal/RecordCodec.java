package dev.wheelhouse.core.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Records as lines of JSON: {@code {v, seq, epoch, at, prev, type, payload | blobs, hash}}. A large payload is kept
 * beside the journal, cut in blobs; its record then has their digests and sizes in place of the payload, so the chain covers it.
 */
public final class RecordCodec {
    /** Version of the line format. */
    public static final int VERSION = 1;

    /** Of lines whose call a reader of version 1 would look for elsewhere, and make again: it has to stop. */
    private static final int PLACED = 2;

    /** Stands in for the hash before the first record. */
    public static final String ROOT = "sha256:" + "0".repeat(64);

    /** Most bytes of UTF-8 in a blob. */
    public static final int BLOB_BYTES = 768 * 1024;

    private static final int BLOB_CHARS = BLOB_BYTES / 3;

    private static final Map<String, Class<? extends Entry>> TYPES = leaves(Entry.class)
            .filter(type -> type != Entry.Unknown.class)
            .collect(Collectors.toMap(Class::getSimpleName, type -> type.asSubclass(Entry.class)));

    private RecordCodec() {}

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isInterface()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(RecordCodec::leaves)
                : Stream.of(type);
    }

    /**
     * A record ready to be stored.
     *
     * @param record exactly as a reader will see it
     * @param blobs contents by digest, to be stored before the line; empty if the payload is in the line
     */
    record Encoded(String line, JournalRecord record, Map<String, String> blobs) {
        int bytes() {
            return line.getBytes(StandardCharsets.UTF_8).length + 1;
        }
    }

    /** @param inline most bytes a payload may have to stay in the line */
    static Encoded encode(long seq, long epoch, Instant at, String prev, Entry entry, int inline) {
        String payload = wellFormed(Json.write(entry));
        String type = entry.getClass().getSimpleName();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("v", version(entry)).put("seq", seq).put("epoch", epoch);
        node.put("at", at.toString()).put("prev", prev).put("type", type);
        JsonNode tree = reread(payload);
        Map<String, String> blobs = new LinkedHashMap<>();
        if (payload.getBytes(StandardCharsets.UTF_8).length <= inline) {
            node.set("payload", tree);
        } else {
            var references = node.putArray("blobs");
            for (String part : cut(payload)) {
                String digest = Canonical.digest(part);
                blobs.put(digest, part);
                references.addObject().put("digest", digest).put("bytes", part.getBytes(StandardCharsets.UTF_8).length);
            }
        }
        String hash = Canonical.digest(node);
        node.put("hash", hash);
        JournalRecord record = new JournalRecord(seq, epoch, at, prev, entry(type, tree), hash);
        return new Encoded(Json.write(node), record, blobs);
    }

    private static int version(Entry entry) {
        return entry instanceof Entry.ToolIntent intent && intent.place() != null ? PLACED : VERSION;
    }

    /**
     * Reads a line; the place in the chain is not checked here.
     *
     * @throws DamagedJournalException if the line is not what was written, or a blob is missing or another
     */
    static JournalRecord decode(long index, String line, BlobSource blobs)
            throws DamagedJournalException, StoreException {
        ObjectNode node = parse(index, line);
        String hash = hash(index, node);
        try {
            long seq = node.required("seq").longValue();
            long epoch = node.required("epoch").longValue();
            Instant at = Instant.parse(node.required("at").textValue());
            String prev = node.required("prev").textValue();
            String type = node.required("type").textValue();
            Entry entry = node.required("v").intValue() <= PLACED
                    ? entry(type, payload(index, node, blobs))
                    : new Entry.Unknown("v" + node.get("v").asText() + ":" + type, node);
            return new JournalRecord(seq, epoch, at, prev, entry, hash);
        } catch (IllegalArgumentException | DateTimeParseException | NullPointerException e) {
            throw new DamagedJournalException(index, "incomplete");
        }
    }

    /** Whether the line says that this is its hash; nothing is checked. */
    static boolean isOf(String hash, String line) {
        try {
            return Json.parse(line).path("hash").asText().equals(hash);
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static ObjectNode parse(long index, String line) throws DamagedJournalException {
        try {
            if (Json.parse(line) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new DamagedJournalException(index, "not JSON");
        }
        throw new DamagedJournalException(index, "not a JSON object");
    }

    private static String hash(long index, ObjectNode node) throws DamagedJournalException {
        JsonNode hash = node.remove("hash");
        if (hash == null || !Canonical.digest(node).equals(hash.textValue())) {
            throw new DamagedJournalException(index, "its hash does not match its content");
        }
        return hash.textValue();
    }

    private static JsonNode payload(long index, ObjectNode node, BlobSource blobs)
            throws DamagedJournalException, StoreException {
        if (node.has("payload")) {
            return node.get("payload");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode reference : node.required("blobs")) {
            String digest = reference.required("digest").textValue();
            Optional<String> part = blobs.get(digest);
            if (part.isEmpty() || !Canonical.digest(part.get()).equals(digest)) {
                throw new DamagedJournalException(index, "its payload " + digest + " is missing or changed");
            }
            text.append(part.get());
        }
        try {
            return Json.parse(text.toString());
        } catch (JsonProcessingException e) {
            throw new DamagedJournalException(index, "its payload is not JSON");
        }
    }

    private static Entry entry(String type, JsonNode payload) {
        Class<? extends Entry> known = TYPES.get(type);
        if (known == null) {
            return new Entry.Unknown(type, payload);
        }
        try {
            return Json.convert(payload, known);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            // A newer version may know values that this one does not.
            return new Entry.Unknown(type, payload);
        }
    }

    private static JsonNode reread(String payload) {
        try {
            return Json.parse(payload);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("our own JSON cannot be read", e);
        }
    }

    /** Half a surrogate pair cannot be stored as UTF-8: the hash would not match what is read back. */
    private static String wellFormed(String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text;
        }
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static List<String> cut(String text) {
        List<String> parts = new ArrayList<>();
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + BLOB_CHARS);
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            parts.add(text.substring(from, to));
            from = to;
        }
        return parts;
    }

    /** Where payloads are that do not fit a line. */
    @FunctionalInterface
    public interface BlobSource {
        Optional<String> get(String digest) throws StoreException;
    }
}
