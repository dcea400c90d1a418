package dev.wheelhouse.operator.domain;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which runtime processes live, from their Pods and Leases. Time is the observer's own monotonic clock: a Lease counts
 * from the moment its change was seen here, so that no two clocks are ever compared.
 *
 * <p>Thread-safe.
 */
public final class RuntimeDirectory {
    /** Silence beyond the lease duration before a process counts as lost; it fences itself well before. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private static final int REMEMBERED = 4096;

    /**
     * A runtime pod.
     *
     * @param running whether its container {@code runtime} runs
     * @param terminating whether its deletion has begun
     * @param runUid UID of the run it was made for, or empty for a shared one
     */
    public record PodFacts(
            String namespace, String name, String uid, boolean running, boolean terminating, String runUid) {}

    /**
     * A runtime's Lease.
     *
     * @param version changes with each renewal
     */
    public record LeaseFacts(
            String namespace, String name, String holder, Duration duration, boolean draining, String version) {}

    /**
     * What a change means to others.
     *
     * @param lost a process that may be lost now, or empty
     * @param appeared a process that can take runs now and could not before
     * @param runUid the run it is reserved for, or empty
     */
    public record Change(String namespace, String lost, Optional<RuntimeRef> appeared, String runUid) {
        static final Change NONE = new Change("", "", Optional.empty(), "");

        /** Whether nobody needs to be told. */
        public boolean nothing() {
            return lost.isEmpty() && appeared.isEmpty();
        }
    }

    private record Key(String namespace, String name) {}

    private static final class Process {
        PodFacts pod;
        LeaseFacts lease;
        long renewed;
        boolean assignable;
        String alive = "";
    }

    private final Map<Key, Process> processes = new HashMap<>();
    private final Set<String> gone = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    /** A pod was seen. */
    public synchronized Change pod(PodFacts pod, long now) {
        Key key = new Key(pod.namespace(), pod.name());
        Process process = processes.computeIfAbsent(key, k -> new Process());
        process.pod = pod;
        return assess(key, process, now);
    }

    /** A pod is gone from the API. */
    public synchronized Change podGone(String namespace, String name, String uid, long now) {
        gone.add(uid);
        Key key = new Key(namespace, name);
        Process process = processes.get(key);
        if (process == null || process.pod == null || !process.pod.uid().equals(uid)) {
            return Change.NONE;
        }
        process.pod = null;
        return assess(key, process, now);
    }

    /** A Lease was seen; it counts as renewed now if it differs from what was seen before. */
    public synchronized Change lease(LeaseFacts lease, long now) {
        Key key = new Key(lease.namespace(), lease.name());
        Process process = processes.computeIfAbsent(key, k -> new Process());
        if (process.lease == null || !process.lease.version().equals(lease.version())) {
            process.renewed = now;
        }
        process.lease = lease;
        return assess(key, process, now);
    }

    /** A Lease is gone from the API. */
    public synchronized Change leaseGone(String namespace, String name, long now) {
        Key key = new Key(namespace, name);
        Process process = processes.get(key);
        if (process == null) {
            return Change.NONE;
        }
        process.lease = null;
        return assess(key, process, now);
    }

    /** The API server confirmed that this process does not renew its Lease any more. */
    public synchronized void confirmLost(String holder) {
        gone.add(holder);
    }

    /** Processes whose silence became too long since the last call. Call it every half second or so. */
    public synchronized List<Change> expire(long now) {
        return List.copyOf(processes.entrySet()).stream()
                .map(e -> assess(e.getKey(), e.getValue(), now))
                .filter(change -> !change.nothing())
                .toList();
    }

    /** Shared runtimes of the namespace that can take runs. */
    public synchronized List<RuntimeRef> shared(String namespace, long now) {
        return assignable(namespace, "", now).toList();
    }

    /** The process of the pod made for this run, if it can take it. */
    public synchronized List<RuntimeRef> ownOf(String namespace, String runUid, long now) {
        return assignable(namespace, runUid, now).toList();
    }

    private Stream<RuntimeRef> assignable(String namespace, String runUid, long now) {
        return processes.entrySet().stream()
                .filter(e -> e.getKey().namespace().equals(namespace))
                .map(Map.Entry::getValue)
                .filter(p -> assignable(p, now) && p.pod.runUid().equals(runUid))
                .map(RuntimeDirectory::ref);
    }

    /** Processes of the namespace that may hold runs now. */
    public synchronized Set<String> alive(String namespace, long now) {
        return processes.entrySet().stream()
                .filter(e -> e.getKey().namespace().equals(namespace))
                .map(e -> alive(e.getValue(), now))
                .filter(holder -> !holder.isEmpty() && !gone.contains(holder))
                .collect(Collectors.toSet());
    }

    /** State of the process that holds a run. */
    public synchronized HolderState state(String namespace, String pod, String podUid, String holder, long now) {
        if (gone.contains(podUid) || gone.contains(holder)) {
            return HolderState.LOST;
        }
        Process process = processes.get(new Key(namespace, pod));
        if (process == null || process.lease == null) {
            return HolderState.SUSPECT;
        }
        if (process.pod != null && process.pod.uid().equals(podUid) && !process.pod.running()) {
            return HolderState.LOST;
        }
        if (!process.lease.holder().equals(holder)) {
            return HolderState.SUSPECT;
        }
        return silent(process, now, GRACE) ? HolderState.SUSPECT : HolderState.ALIVE;
    }

    /** The Lease's version as last seen, to compare with the API server's. */
    public synchronized Optional<String> leaseVersion(String namespace, String name) {
        return Optional.ofNullable(processes.get(new Key(namespace, name)))
                .map(p -> p.lease)
                .map(LeaseFacts::version);
    }

    /** Number of runtime processes of the namespace that can take runs, those of single runs included. */
    public synchronized int ready(String namespace, long now) {
        return (int) processes.entrySet().stream()
                .filter(e -> e.getKey().namespace().equals(namespace) && assignable(e.getValue(), now))
                .count();
    }

    private Change assess(Key key, Process process, long now) {
        boolean before = process.assignable;
        String aliveBefore = process.alive;
        process.assignable = assignable(process, now);
        process.alive = alive(process, now);
        if (process.pod == null && process.lease == null) {
            processes.remove(key);
        }
        boolean appeared = process.assignable && (!before || !Objects.equals(aliveBefore, process.lease.holder()));
        String lost = aliveBefore.equals(process.alive) ? "" : aliveBefore;
        return new Change(
                key.namespace(),
                lost,
                appeared ? Optional.of(ref(process)) : Optional.empty(),
                process.pod == null ? "" : process.pod.runUid());
    }

    private static RuntimeRef ref(Process p) {
        return new RuntimeRef(p.pod.namespace(), p.pod.name(), p.pod.uid(), p.lease.holder());
    }

    /** The holder that may hold runs now, or empty. */
    private static String alive(Process p, long now) {
        boolean lives = p.lease != null && p.pod != null && p.pod.running() && !silent(p, now, GRACE);
        return lives ? p.lease.holder() : "";
    }

    private boolean assignable(Process p, long now) {
        return p.pod != null
                && p.lease != null
                && p.pod.running()
                && !p.pod.terminating()
                && !p.lease.draining()
                && !p.lease.holder().isEmpty()
                // The Lease of an earlier pod of this name does not speak for this one.
                && p.lease.holder().startsWith(p.pod.uid() + ".")
                && !gone.contains(p.lease.holder())
                && !silent(p, now, Duration.ZERO);
    }

    private static boolean silent(Process p, long now, Duration grace) {
        return now - p.renewed > p.lease.duration().plus(grace).toNanos();
    }
}
