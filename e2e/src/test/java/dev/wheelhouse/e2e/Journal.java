package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.journal.Chain;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** A run's journal as the cluster has it, in ConfigMaps, and what must hold of every journal. */
record Journal(Space space, String run, String uid) {
    Journal(Space space, String run) {
        this(space, run, space.get(run).getMetadata().getUid());
    }

    List<ConfigMap> maps() {
        return Cluster.client()
                .configMaps()
                .inNamespace(space.name())
                .withLabel("wheelhouse.dev/journal", uid)
                .list()
                .getItems();
    }

    List<JournalRecord> records() {
        String prefix = run + "-j";
        var maps = maps();
        var lines = maps.stream()
                .filter(map -> map.getData() != null && map.getData().containsKey("records"))
                .sorted(Comparator.comparingInt(
                        map -> Integer.parseInt(map.getMetadata().getName().substring(prefix.length()))))
                .flatMap(map -> map.getData().get("records").lines())
                .toList();
        try {
            return Chain.read(lines, digest -> blob(maps, digest));
        } catch (DamagedJournalException | StoreException e) {
            throw new AssertionError("journal of " + run, e);
        }
    }

    private Optional<String> blob(List<ConfigMap> maps, String digest) {
        String name = run + "-b-" + digest.substring("sha256:".length()).substring(0, 16);
        return maps.stream()
                .filter(map -> map.getMetadata().getName().equals(name))
                .flatMap(map -> map.getData().values().stream())
                .findFirst();
    }

    <T extends Entry> List<T> entries(Class<T> type) {
        return records().stream()
                .map(JournalRecord::entry)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /**
     * Asserts that the chain is whole and epochs never go back (both checked by reading it), that every outcome has an
     * earlier intent unless the call was rejected, and that an at-most-once call was intended once.
     */
    void assertSound() {
        var intents = new HashMap<String, List<Entry.ToolIntent>>();
        int ends = 0;
        for (JournalRecord record : records()) {
            assertEquals(0, ends, () -> "records after the end of " + run + ": " + record);
            switch (record.entry()) {
                case Entry.ToolIntent intent ->
                    intents.computeIfAbsent(intent.callId(), id -> new ArrayList<>())
                            .add(intent);
                case Entry.ToolOutcome outcome ->
                    assertTrue(
                            outcome.rejected() || outcome.error() || intents.containsKey(outcome.callId()),
                            () -> "outcome without intent: " + outcome);
                case Entry.Completed end -> ends++;
                case Entry.Failed end -> ends++;
                case Entry.Cancelled end -> ends++;
                default -> {}
            }
        }
        intents.values().stream()
                .filter(attempts -> attempts.getFirst().effect() == EffectClass.AT_MOST_ONCE)
                .forEach(attempts -> assertEquals(1, attempts.size(), () -> "repeated: " + attempts));
        intents.values()
                .forEach(attempts -> assertEquals(
                        1,
                        attempts.stream()
                                .map(Entry.ToolIntent::idempotencyKey)
                                .distinct()
                                .count(),
                        () -> "keys differ: " + attempts));
    }
}
