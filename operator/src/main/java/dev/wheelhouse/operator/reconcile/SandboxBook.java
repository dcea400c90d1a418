package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The sandbox pods of one namespace: what the watch shows, overlaid with what this operator is doing to them until the
 * watch shows that too. So a pod that is being adopted is not adopted again, whatever the watch says meanwhile.
 *
 * <p>Not thread-safe: its user locks.
 */
final class SandboxBook {
    private static final class Entry {
        SandboxView seen;
        /** When the watch first showed that it runs, or null. */
        Instant running;

        SandboxView ours;
        boolean done;
        /** Version that lost a race, or null; the watch will bring a newer one. */
        String stale;
    }

    private final Map<String, Entry> entries = new HashMap<>();

    /** The watch shows the pod. Answers whether it shows for the first time that it runs. */
    boolean seen(SandboxView pod, Instant now) {
        Entry entry = entries.computeIfAbsent(pod.name(), n -> new Entry());
        if (entry.seen == null || !entry.seen.uid().equals(pod.uid())) {
            entry.running = null;
        }
        entry.seen = pod;
        settle(entry);
        if (pod.life() != Life.RUNNING || entry.running != null) {
            return false;
        }
        entry.running = now;
        return true;
    }

    /** Whether the pod runs, and did not run at this time. */
    boolean cameAfter(SandboxView pod, Instant time) {
        Entry entry = entries.get(pod.name());
        return pod.life() == Life.RUNNING && entry != null && entry.running != null && entry.running.isAfter(time);
    }

    /** The watch shows that the pod is gone. */
    void gone(SandboxView pod) {
        Entry entry = entries.get(pod.name());
        if (entry != null && (entry.seen == null || entry.seen.uid().equals(pod.uid()))) {
            entry.seen = null;
            if (entry.ours == null || entry.done || !entry.ours.uid().isEmpty()) {
                entries.remove(pod.name());
            }
        }
    }

    /** Something is being done to the pod; if it succeeds, it will be like this. */
    void begin(SandboxView expected) {
        Entry entry = entries.computeIfAbsent(expected.name(), n -> new Entry());
        entry.ours = expected;
        entry.done = false;
    }

    /** It was done, and the pod is now like this. */
    void done(SandboxView result) {
        Entry entry = entries.get(result.name());
        if (entry != null && entry.ours != null) {
            entry.ours = result;
            entry.done = true;
            settle(entry);
        }
    }

    /** It was not done. {@code lost}: because the pod is not as it was seen. */
    void failed(SandboxView expected, boolean lost) {
        Entry entry = entries.get(expected.name());
        if (entry == null) {
            return;
        }
        entry.ours = null;
        if (lost && entry.seen != null) {
            entry.stale = expected.version();
        }
        if (entry.seen == null) {
            entries.remove(expected.name());
        }
    }

    private static void settle(Entry entry) {
        // A deletion has no version of its own: only the watch's word ends it.
        boolean told = entry.seen != null
                && (entry.ours == null
                        || (entry.ours.life() == Life.GOING
                                ? entry.seen.life() == Life.GOING
                                : version(entry.seen) >= version(entry.ours)));
        if (entry.done && told) {
            entry.ours = null;
            entry.done = false;
        }
    }

    /**
     * All pods, as far as something may be done to them now. {@code claimed}: names of those that were taken, which does
     * not change the pod itself.
     */
    List<SandboxView> views(Set<String> claimed) {
        List<SandboxView> views = new ArrayList<>();
        for (Entry entry : entries.values()) {
            SandboxView view = entry.ours != null ? entry.ours : entry.seen;
            if (!view.version().equals(entry.stale) || !view.key().isEmpty() || claimed.contains(view.name())) {
                views.add(view);
            }
        }
        return views;
    }

    /** Drops what is not there any more, against events that were missed. */
    void keepOnly(Set<String> names) {
        entries.entrySet()
                .removeIf(e -> !names.contains(e.getKey()) && (e.getValue().ours == null || e.getValue().done));
    }

    private static long version(SandboxView view) {
        try {
            return Long.parseLong(view.version());
        } catch (NumberFormatException e) {
            return 0; // Not comparable: then the watch is believed at once.
        }
    }
}
