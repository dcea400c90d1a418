package dev.wheelhouse.operator.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Finished runs that are to be deleted, by the time of their deletion.
 *
 * <p>Thread-safe.
 */
public final class Retention {
    private record Entry(RunId run, Instant at) {}

    private final TreeSet<Entry> byTime = new TreeSet<>(
            Comparator.comparing(Entry::at).thenComparing(e -> e.run().uid()));
    private final Map<String, Entry> byUid = new HashMap<>();

    /** Deletes the run at this time; replaces what was said of it before. */
    public synchronized void keepUntil(RunId run, Instant at) {
        forget(run.uid());
        Entry entry = new Entry(run, at);
        byTime.add(entry);
        byUid.put(run.uid(), entry);
    }

    /** The run is gone, or is kept. */
    public synchronized void forget(String uid) {
        Entry entry = byUid.remove(uid);
        if (entry != null) {
            byTime.remove(entry);
        }
    }

    /** Runs to delete now, at most {@code max} of them, the oldest first. They stay until forgotten or put off. */
    public synchronized List<RunId> due(Instant now, int max) {
        List<RunId> due = new ArrayList<>();
        for (Entry entry : byTime) {
            if (due.size() == max || entry.at().isAfter(now)) {
                break;
            }
            due.add(entry.run());
        }
        return due;
    }
}
