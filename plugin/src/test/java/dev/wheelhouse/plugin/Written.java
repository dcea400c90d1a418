package dev.wheelhouse.plugin;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Journal;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A journal as core writes it, kept in memory; each entry comes a while after the one before. */
final class Written implements JournalStore {
    static final RunId RUN = new RunId("shop", "order", "uid-1");

    final List<String> lines = new ArrayList<>();
    final Map<String, String> blobs = new HashMap<>();
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private Journal journal;

    Written() {
        open(1);
    }

    /** Opens as a process of this epoch does. */
    Written open(long epoch) {
        try {
            journal = Journal.open(this, RUN, epoch, () -> now);
            journal.flush();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    Written after(Duration wait, Entry... entries) {
        now = now.plus(wait);
        try {
            for (Entry entry : entries) {
                journal.stage(entry);
            }
            journal.flush();
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    List<JournalRecord> records() {
        return journal.records();
    }

    /** In ConfigMaps with this many records in each. */
    List<ConfigMap> maps(int perSegment) {
        return maps(perSegment, RUN.uid());
    }

    /** As the journal of the Run that has this UID. */
    List<ConfigMap> maps(int perSegment, String uid) {
        List<ConfigMap> maps = new ArrayList<>();
        for (int from = 0; from < lines.size(); from += perSegment) {
            String text = String.join("\n", lines.subList(from, Math.min(lines.size(), from + perSegment))) + "\n";
            maps.add(map("order-j" + from / perSegment, "records", text, uid));
        }
        blobs.forEach(
                (digest, content) -> maps.add(map("order-b-" + digest.substring(7, 23), "content", content, uid)));
        return maps;
    }

    private static ConfigMap map(String name, String key, String value, String uid) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(RUN.namespace())
                .addToLabels("wheelhouse.dev/journal", uid)
                .endMetadata()
                .addToData(key, value)
                .build();
    }

    @Override
    public Session open(RunId run, long epoch) {
        return new Session() {
            @Override
            public List<String> lines() {
                return List.copyOf(lines);
            }

            @Override
            public void append(List<String> batch) {
                lines.addAll(batch);
            }

            @Override
            public void putBlob(String digest, String content) {
                blobs.put(digest, content);
            }

            @Override
            public Optional<String> getBlob(String digest) {
                return Optional.ofNullable(blobs.get(digest));
            }
        };
    }

    @Override
    public List<String> read(RunId run) {
        return List.copyOf(lines);
    }

    @Override
    public Optional<String> blob(RunId run, String digest) {
        return Optional.ofNullable(blobs.get(digest));
    }
}
