package dev.wheelhouse.operator.domain;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refused runs by the objects whose appearance or change could help them, so that each proceeds by itself.
 *
 * <p>Thread-safe.
 */
public final class Refusals {
    private record Key(String namespace, String object) {}

    private final Map<Key, Set<RunId>> byObject = new HashMap<>();
    private final Map<String, Set<Key>> byRun = new HashMap<>();

    /** The run was refused: remember what could help it. */
    public synchronized void add(RunView run, Problem problem) {
        remove(run.id().uid());
        // The agent may be edited to do without what is missing, and the tenant's limits are part of the check.
        Set<Key> keys = new HashSet<>();
        for (String object : List.of(problem.object(), "Agent/" + run.agent(), "Tenant/default")) {
            Key key = new Key(run.id().namespace(), object);
            keys.add(key);
            byObject.computeIfAbsent(key, k -> new HashSet<>()).add(run.id());
        }
        byRun.put(run.id().uid(), keys);
    }

    /** The run is not refused any more, or gone. */
    public synchronized void remove(String uid) {
        Set<Key> keys = byRun.remove(uid);
        if (keys != null) {
            for (Key key : keys) {
                byObject.computeIfPresent(key, (k, runs) -> {
                    runs.removeIf(run -> run.uid().equals(uid));
                    return runs.isEmpty() ? null : runs;
                });
            }
        }
    }

    /** Runs that the change of {@code Kind/name} could help. */
    public synchronized Set<RunId> helpedBy(String namespace, String object) {
        return Set.copyOf(byObject.getOrDefault(new Key(namespace, object), Set.of()));
    }
}
