package dev.wheelhouse.runtime.sandbox;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sandboxes that have a session with this process, and what the cluster says of their pods. Thread-safe. */
final class Sandboxes implements AutoCloseable {
    /** In place of a key: the pod is some other run's. */
    private static final String FOREIGN = "";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Session> sessions = new HashMap<>();
    /** Keys of pods that were taken from the warm ones, by UID, as far as this process knows; {@link #FOREIGN}. */
    private final Map<String, String> taken = new HashMap<>();

    private final PodWatch watch;
    private final PodReader pods;
    private final Predicate<String> ours;
    private long version;

    /** Reads one pod of this namespace. */
    @FunctionalInterface
    interface PodReader {
        /** The pod of that name as it is now, or empty. */
        Optional<SandboxPod> read(String name);
    }

    /** Makes the watch, which tells of each change. */
    @FunctionalInterface
    interface Watching {
        PodWatch telling(Runnable changed);
    }

    /** @param ours of the warm ones that all runtimes see, which this one takes first, by UID */
    Sandboxes(Watching watching, PodReader pods, Predicate<String> ours) {
        this.ours = ours;
        this.watch = watching.telling(this::change);
        this.pods = pods;
    }

    /** The first need or the first sandbox: from now on pods are watched. */
    void start() {
        watch.start();
    }

    /** A sandbox has shown who it is. An older session of the same pod is over: its process may be gone. */
    void joined(Session session) {
        Session older;
        lock.lock();
        try {
            older = sessions.put(session.pod().uid(), session);
        } finally {
            lock.unlock();
        }
        if (older != null) {
            older.close();
        }
        change();
    }

    void left(Session session) {
        lock.lock();
        try {
            sessions.remove(session.pod().uid(), session);
        } finally {
            lock.unlock();
        }
        change();
    }

    /** The session whose egress this is. */
    Optional<Session> ofSecret(String secret) {
        byte[] said = secret.getBytes(StandardCharsets.UTF_8);
        return open().stream()
                .filter(s -> MessageDigest.isEqual(s.secret().getBytes(StandardCharsets.UTF_8), said))
                .findFirst();
    }

    /** A session with a pod that serves this key and is not being ended. */
    Optional<Session> ofKey(String key) {
        return open().stream()
                .filter(session -> {
                    SandboxPod pod = now(session.pod());
                    return key.equals(keyOf(pod)) && !pod.over();
                })
                .findFirst();
    }

    /**
     * Sessions with warm sandboxes of this shape that nobody is known to have, in an order by which runtimes that take
     * some at once keep out of each other's way: one's own share from its front, then that of others from its back.
     */
    List<Session> warm(String shape) {
        Map<Boolean, List<Session>> free = open().stream()
                .filter(session -> {
                    SandboxPod pod = now(session.pod());
                    return keyOf(pod) == null && shape.equals(pod.shape()) && !pod.over();
                })
                .sorted(Comparator.comparing(session -> session.pod().uid()))
                .collect(Collectors.partitioningBy(
                        session -> ours.test(session.pod().uid())));
        return Stream.concat(free.get(true).stream(), free.get(false).reversed().stream())
                .toList();
    }

    /** Keeps a warm sandbox for this key, unless another key of this process has it. */
    boolean reserve(String podUid, String key) {
        lock.lock();
        try {
            taken.keySet()
                    .removeIf(uid -> !sessions.containsKey(uid)
                            && watch.pod(uid).filter(pod -> !pod.over()).isEmpty());
            return taken.putIfAbsent(podUid, key) == null;
        } finally {
            lock.unlock();
        }
    }

    /** It is not known whether the sandbox that was kept for this key is its own: without that it is not used. */
    void release(String podUid, String key) {
        lock.lock();
        try {
            taken.remove(podUid, key);
        } finally {
            lock.unlock();
        }
    }

    /** A sandbox that was kept for a key is somebody else's. */
    void foreign(String podUid) {
        lock.lock();
        try {
            taken.put(podUid, FOREIGN);
        } finally {
            lock.unlock();
        }
    }

    /** What the pod's labels say, and before they do, what this process knows; null if it is nobody's. */
    private String keyOf(SandboxPod pod) {
        if (pod.key() != null) {
            return pod.key();
        }
        lock.lock();
        try {
            return taken.get(pod.uid());
        } finally {
            lock.unlock();
        }
    }

    /** The pod as it is now; a warm one is claimed some time after it connected. */
    SandboxPod now(SandboxPod pod) {
        return watch.pod(pod.uid()).orElse(pod);
    }

    Optional<Session> ofPod(String uid) {
        lock.lock();
        try {
            return Optional.ofNullable(sessions.get(uid)).filter(Session::open);
        } finally {
            lock.unlock();
        }
    }

    private List<Session> open() {
        lock.lock();
        try {
            return sessions.values().stream().filter(Session::open).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Why a pod is certainly over; empty while it may live. */
    Optional<String> lost(String name, String uid) {
        Optional<SandboxPod> known = watch.pod(uid);
        if (known.isPresent()) {
            return known.filter(SandboxPod::over).map(SandboxPod::trouble);
        }
        if (!watch.complete() || ofPod(uid).isPresent()) {
            return Optional.empty();
        }
        // The watch may be a moment behind a pod that was just made.
        Optional<SandboxPod> now;
        try {
            now = pods.read(name);
        } catch (KubernetesClientException e) {
            return Optional.empty(); // Nobody can say; who asks again learns it.
        }
        return now.filter(pod -> pod.uid().equals(uid) && !pod.over()).isPresent()
                ? Optional.empty()
                : Optional.of("the pod does not exist any more");
    }

    /** The latest pod of this key, if it is over and still there, to be replaced: its UID. */
    Optional<String> over(String key) {
        return watch.present().stream()
                .filter(pod -> key.equals(pod.key()))
                .max(Comparator.comparing(SandboxPod::created).thenComparing(SandboxPod::uid))
                .filter(SandboxPod::over)
                .map(SandboxPod::uid);
    }

    /** What is known of a pod of this key that does not come up. */
    Optional<String> trouble(String key) {
        return watch.present().stream()
                .filter(pod -> key.equals(pod.key()) && !pod.over() && pod.trouble() != null)
                .map(SandboxPod::trouble)
                .findFirst();
    }

    /** Number of changes so far: to be read before looking, so that no change is missed. */
    long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until something changed after this version.
     *
     * @param deadline on the clock of {@link System#nanoTime}
     * @return whether something did
     */
    boolean await(long seen, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (version == seen) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                changed.await(left, TimeUnit.NANOSECONDS);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Makes everybody who waits look again. */
    void change() {
        lock.lock();
        try {
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        watch.close();
        open().forEach(Session::close);
    }
}
