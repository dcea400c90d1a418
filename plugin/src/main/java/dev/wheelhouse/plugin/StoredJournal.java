package dev.wheelhouse.plugin;

import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Chain;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A journal as it lies in ConfigMaps: its lines in order, and the payloads beside it by their digest.
 *
 * @param missing number of the first segment that is not there although a later one is, or -1
 */
record StoredJournal(List<String> lines, Map<String, String> blobs, int missing) {
    private static final Pattern SEGMENT = Pattern.compile("-j(\\d{1,9})$");
    private static final String RECORDS = "records";
    private static final String CONTENT = "content";

    /**
     * What a reader can trust of a journal.
     *
     * @param records those up to the first that is not what was written
     * @param damage what is wrong with the first bad one, or null
     */
    record Reading(List<JournalRecord> records, String damage) {}

    static StoredJournal of(Collection<ConfigMap> maps) {
        TreeMap<Integer, String> segments = new TreeMap<>();
        Map<String, String> blobs = new HashMap<>();
        for (ConfigMap map : maps) {
            Map<String, String> data = Optional.ofNullable(map.getData()).orElse(Map.of());
            var number = SEGMENT.matcher(map.getMetadata().getName());
            if (data.containsKey(RECORDS) && number.find()) {
                segments.put(Integer.valueOf(number.group(1)), data.get(RECORDS));
            } else if (data.containsKey(CONTENT)) {
                blobs.put(Canonical.digest(data.get(CONTENT)), data.get(CONTENT));
            }
        }
        List<String> lines = segments.values().stream().flatMap(String::lines).toList();
        int missing = 0;
        while (segments.containsKey(missing)) {
            missing++;
        }
        return new StoredJournal(lines, blobs, missing < segments.size() ? missing : -1);
    }

    /** Checks the chain from its beginning. */
    Reading read() {
        String damage = missing < 0 ? null : "segment " + missing + " of the journal is missing";
        List<String> good = lines;
        while (true) {
            try {
                return new Reading(Chain.read(good, digest -> Optional.ofNullable(blobs.get(digest))), damage);
            } catch (DamagedJournalException e) {
                damage = damage == null ? e.getMessage() : damage;
                good = good.subList(0, Math.toIntExact(e.seq() - 1));
            } catch (StoreException e) {
                throw new IllegalStateException("a map in memory cannot fail", e);
            }
        }
    }
}
