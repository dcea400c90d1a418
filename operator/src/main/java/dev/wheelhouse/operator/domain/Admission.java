package dev.wheelhouse.operator.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who of one namespace executes and who queues: first come, first served, by creation time, then name. A ledger in
 * memory, because the cache lags the operator's own writes: it changes with each decision and is corrected by what is
 * seen later. What is seen under a lower epoch than the ledger's is older than a decision already made.
 *
 * <p>Thread-safe.
 */
public final class Admission {
    private static final Comparator<Entry> FIRST_COME = Comparator.<Entry, java.time.Instant>comparing(e -> e.created)
            .thenComparing(e -> e.id.name())
            .thenComparing(e -> e.id.uid());

    private enum State {
        /** Should execute, and has no place. */
        READY,
        /** Has a place: assigned, or waiting for its own pod (then without holder). */
        ACTIVE,
        /** Waits for something else, or is refused. */
        IDLE
    }

    private static final class Entry {
        final RunId id;
        final java.time.Instant created;
        State state = State.IDLE;
        long epoch;
        String holder = "";
        boolean shared = true;
        /** Was told to queue and will not ask again by itself. */
        boolean parked;

        Entry(RunView run) {
            id = run.id();
            created = run.created();
        }
    }

    /** Runs that execute, and runs that wait for a place. */
    public record Counts(int active, int queued) {}

    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final TreeSet<Entry> ready = new TreeSet<>(FIRST_COME);
    private final Map<String, Integer> load = new HashMap<>();
    private int active;

    /**
     * Takes note of what a watch or a list shows; ignored if older than what is known.
     *
     * @return whether a place became free
     */
    public synchronized boolean observe(RunView run) {
        Entry entry = entries.get(run.id().uid());
        return (entry == null || run.epoch() >= entry.epoch) && accept(run);
    }

    /**
     * Takes note of what the run's own reconciliation sees. No write of that run is in flight then, so what is seen
     * is right even if the ledger expected a write that did not come about.
     *
     * @return whether a place became free
     */
    public synchronized boolean correct(RunView run) {
        return accept(run);
    }

    private boolean accept(RunView run) {
        int before = active;
        update(run);
        return active < before;
    }

    private void update(RunView run) {
        if (run.finished() || run.deleting()) {
            forget(run.id().uid());
            return;
        }
        Entry entry = entry(run);
        entry.epoch = run.epoch();
        if (run.held()) {
            move(entry, State.ACTIVE, run.holder());
        } else if (run.waiting() != null || run.refused()) {
            move(entry, State.IDLE, "");
        } else if (entry.state != State.ACTIVE || !entry.holder.isEmpty()) {
            // An isolated run that has a place and waits for its pod keeps it.
            move(entry, State.READY, "");
        }
    }

    /**
     * Gives the run a place and a runtime if it is its turn. The run keeps the place it has.
     *
     * @param limit how many may execute at once
     * @param isolated whether it needs a pod of its own
     * @param runtimes what can take it: shared ones, or for an isolated run its own pod's process
     */
    public synchronized Placement place(RunView run, int limit, boolean isolated, List<RuntimeRef> runtimes) {
        Entry entry = entry(run);
        entry.shared = !isolated;
        if (entry.state != State.ACTIVE) {
            move(entry, State.READY, "");
            int ahead = ready.headSet(entry).size();
            if (ahead >= limit - active) {
                entry.parked = true;
                return new Placement.Queued(ahead + 1, limit);
            }
            if (runtimes.isEmpty() && !isolated) {
                entry.parked = true;
                return new Placement.NoRuntime(ahead + 1);
            }
        }
        Optional<RuntimeRef> chosen = leastLoaded(runtimes);
        if (chosen.isEmpty() && !isolated) {
            // Was lost, and nobody can take it: back into the queue, where its age puts it first.
            move(entry, State.READY, "");
            entry.parked = true;
            return new Placement.NoRuntime(ready.headSet(entry).size() + 1);
        }
        move(entry, State.ACTIVE, chosen.map(RuntimeRef::holder).orElse(""));
        if (chosen.isPresent()) {
            entry.epoch = run.epoch() + 1;
            return new Placement.Assigned(chosen.get());
        }
        return new Placement.OwnRuntime();
    }

    private Optional<RuntimeRef> leastLoaded(List<RuntimeRef> runtimes) {
        return runtimes.stream()
                .min(Comparator.<RuntimeRef>comparingInt(r -> load.getOrDefault(r.holder(), 0))
                        .thenComparing(RuntimeRef::holder));
    }

    /** The run needs no place now: it waits, or is refused. */
    public synchronized void idle(RunView run) {
        move(entry(run), State.IDLE, "");
    }

    /** The run has ended or is gone. */
    public synchronized void forget(String uid) {
        Entry entry = entries.get(uid);
        if (entry != null) {
            move(entry, State.IDLE, "");
            entries.remove(uid);
            names.computeIfPresent(entry.id.name(), (name, n) -> n == 1 ? null : n - 1);
        }
    }

    /** Queued runs whose turn has come, each told once. */
    public synchronized List<RunId> turns(int limit) {
        List<RunId> turns = new ArrayList<>();
        int free = limit - active;
        for (Entry entry : ready) {
            if (free-- <= 0) {
                break;
            }
            if (entry.parked) {
                entry.parked = false;
                turns.add(entry.id);
            }
        }
        return turns;
    }

    /** Runs that this process holds. */
    public synchronized List<RunId> heldBy(String holder) {
        return entries.values().stream()
                .filter(e -> e.state == State.ACTIVE && e.holder.equals(holder))
                .map(e -> e.id)
                .toList();
    }

    /** Runs held by processes other than these. */
    public synchronized List<RunId> heldByOthers(Set<String> holders) {
        return entries.values().stream()
                .filter(e -> e.state == State.ACTIVE && !e.holder.isEmpty() && !holders.contains(e.holder))
                .map(e -> e.id)
                .toList();
    }

    /** The run of this UID, if it has not ended. */
    public synchronized Optional<RunId> find(String uid) {
        return Optional.ofNullable(entries.get(uid)).map(e -> e.id);
    }

    /** Whether a run of this name has not ended. */
    public synchronized boolean unfinished(String name) {
        return names.containsKey(name);
    }

    /** Counts for people. */
    public synchronized Counts counts() {
        return new Counts(active, ready.size());
    }

    /** Whether some run executes in a shared runtime, or would like to. */
    public synchronized boolean needsSharedRuntime() {
        return Stream.concat(ready.stream(), entries.values().stream().filter(e -> e.state == State.ACTIVE))
                .anyMatch(e -> e.shared);
    }

    /** Whether any run has not ended. */
    public synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    private Entry entry(RunView run) {
        return entries.computeIfAbsent(run.id().uid(), uid -> {
            names.merge(run.id().name(), 1, Integer::sum);
            return new Entry(run);
        });
    }

    private void move(Entry entry, State state, String holder) {
        if (entry.state == State.ACTIVE) {
            active--;
            load.computeIfPresent(entry.holder, (h, n) -> n == 1 ? null : n - 1);
        } else if (entry.state == State.READY) {
            ready.remove(entry);
        }
        if (state != State.READY) {
            entry.parked = false;
        }
        entry.state = state;
        entry.holder = holder;
        if (state == State.ACTIVE) {
            active++;
            load.merge(holder, 1, Integer::sum);
        } else if (state == State.READY) {
            ready.add(entry);
        }
    }
}
