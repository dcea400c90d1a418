package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.kube.SandboxFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandbox pods as runs want them. Latency counts here: what a run wants is seen on the thread of the watch, decided at
 * once from memory, and each write goes on a thread of its own, so that nothing waits for anything slow.
 */
public final class Sandboxes {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);
    /** How long a taken one is left as it is: who waits for a command now comes first. */
    private static final Duration CALM = Duration.ofSeconds(2);
    /**
     * How long no more are made for those that were taken, for the same reason: {@link #USED} after a run said that it uses
     * one, or has ended, and no longer than this. Runs may take theirs while their model still thinks.
     */
    private static final Duration UNUSED = Duration.ofSeconds(10);

    private static final Duration USED = Duration.ofSeconds(1);

    private static final int MANY = 1000;

    private final SandboxActions actions;
    private final Gate gate;
    private final Executor executor;
    private final Clockwork clock;
    private final Map<String, SandboxRoom> rooms = new ConcurrentHashMap<>();
    private volatile Consumer<RunId> wake = run -> {};

    public Sandboxes(SandboxActions actions, Gate gate, Executor executor, Clockwork clock) {
        this.actions = actions;
        this.gate = gate;
        this.executor = executor;
        this.clock = clock;
    }

    /** Who reconciles a run that is woken. */
    void onWake(Consumer<RunId> wake) {
        this.wake = wake;
    }

    /** A watch shows an unfinished run. */
    public void seen(Run run) {
        String namespace = run.getMetadata().getNamespace();
        String uid = run.getMetadata().getUid();
        var claimant = SandboxFacts.claimant(run);
        if (claimant.isEmpty() && !rooms.containsKey(namespace)) {
            return;
        }
        SandboxRoom room = room(namespace);
        synchronized (room) {
            Claimant before = claimant.isEmpty() ? room.claimants.remove(uid) : room.claimants.put(uid, claimant.get());
            claimant.ifPresentOrElse(c -> room.news.seen(run), () -> room.news.unwanted(uid));
            if (claimant.map(c -> c.equals(before)).orElse(before == null)) {
                return;
            }
            if (claimant.filter(c -> !c.inUse().isEmpty()).isPresent()) {
                room.used(uid, USED, nanos());
            }
        }
        touch(namespace);
    }

    /** A run has ended or is gone. */
    public void gone(Run run) {
        SandboxRoom room = rooms.get(run.getMetadata().getNamespace());
        if (room == null) {
            return;
        }
        String uid = run.getMetadata().getUid();
        synchronized (room) {
            room.news.ended(uid);
            room.ended.add(uid);
            if (room.ended.size() > MANY) {
                room.ended.remove(room.ended.iterator().next());
            }
            if (room.claimants.remove(uid) == null && room.claims.isEmpty()) {
                return;
            }
            room.leaves(uid);
            room.used(uid, USED, nanos());
        }
        touch(run.getMetadata().getNamespace());
    }

    /** A watch shows a sandbox pod. */
    public void seen(Pod pod) {
        SandboxRoom room = room(pod.getMetadata().getNamespace());
        List<RunId> concerned = List.of();
        synchronized (room) {
            SandboxView seen = SandboxFacts.of(pod);
            if (room.pods.seen(seen, clock.now().get())) {
                concerned = room.news.concerned(seen.with(room.claims.get(seen.name())), room.claimants.values());
            }
        }
        concerned.forEach(wake);
        touch(pod.getMetadata().getNamespace());
    }

    /** A watch shows that a sandbox pod is gone. */
    public void gone(Pod pod) {
        SandboxRoom room = room(pod.getMetadata().getNamespace());
        synchronized (room) {
            room.pods.gone(SandboxFacts.of(pod));
            room.unwanted.remove(pod.getMetadata().getUid());
        }
        touch(pod.getMetadata().getNamespace());
    }

    /** A watch shows that somebody has taken a warm pod. */
    public void seen(Lease lease) {
        Optional<SandboxClaim> claim = SandboxClaim.of(lease);
        if (claim.isEmpty()) {
            return;
        }
        SandboxRoom room = room(lease.getMetadata().getNamespace());
        synchronized (room) {
            if (!claim.get().equals(room.claims.put(claim.get().pod(), claim.get()))) {
                // Put off once: a pool that is used all the time must be filled all the same.
                room.taken(claim.get(), UNUSED, nanos());
                room.later(claim.get().podUid(), CALM, nanos());
            }
        }
        touch(lease.getMetadata().getNamespace());
    }

    /** A watch shows that a claim is gone, and so is its pod. */
    public void gone(Lease lease) {
        SandboxRoom room = room(lease.getMetadata().getNamespace());
        synchronized (room) {
            room.claims.remove(lease.getMetadata().getName());
        }
    }

    /** Something that sandboxes of the namespace depend on changed: its Tenant, or whether its runtime is up. */
    public void touch(String namespace) {
        SandboxRoom room = room(namespace);
        synchronized (room) {
            room.dirty = true;
        }
        start(namespace, room);
    }

    /** Starts what is due. Call it every half second or so. */
    public void tick() {
        long now = nanos();
        rooms.forEach((namespace, room) -> {
            boolean due;
            synchronized (room) {
                due = room.dueAt != Long.MAX_VALUE && now - room.dueAt >= 0;
                room.dirty |= due;
                due = room.dirty;
            }
            if (due) {
                start(namespace, room);
            }
        });
    }

    /** Looks at every namespace anew, against whatever was missed. {@code pods}: names of all pods, by namespace. */
    public void resync(Map<String, Set<String>> pods) {
        rooms.forEach((namespace, room) -> {
            synchronized (room) {
                room.pods.keepOnly(pods.getOrDefault(namespace, Set.of()));
            }
            touch(namespace);
        });
    }

    private void start(String namespace, SandboxRoom room) {
        synchronized (room) {
            if (!room.dirty || room.busy || !gate.leading()) {
                return;
            }
            room.busy = true;
        }
        executor.execute(() -> pass(namespace, room));
    }

    private void pass(String namespace, SandboxRoom room) {
        boolean more = true;
        while (more) {
            SandboxRound round = new SandboxRound(namespace, room, actions, clock);
            synchronized (room) {
                room.dirty = false;
                room.dueAt = Long.MAX_VALUE;
                try {
                    round.decide();
                } catch (RuntimeException e) {
                    LOG.warn("Sandboxes of namespace {} could not be decided on", namespace, e);
                    room.dueAt = nanos() + SandboxRound.RETRY.toNanos();
                }
            }
            round.refused().forEach(run -> executor.execute(() -> wake.accept(run)));
            round.writes()
                    .forEach(write -> executor.execute(() -> {
                        write.get().forEach(wake);
                        touch(namespace);
                    }));
            synchronized (room) {
                more = room.dirty;
                room.busy = more;
            }
        }
    }

    /** What the run has to say of its sandbox that it does not say; empty if that is nothing. */
    Optional<SandboxReadiness> readiness(Run run) {
        SandboxRoom room = rooms.get(run.getMetadata().getNamespace());
        if (room == null) {
            return Optional.empty();
        }
        synchronized (room) {
            return room.readiness(run);
        }
    }

    /** Whether the sandbox of this key, for which the run waits, began to run since. */
    boolean came(RunId run, String key, Instant since) {
        SandboxRoom room = rooms.get(run.namespace());
        if (room == null) {
            return false;
        }
        synchronized (room) {
            return room.came(run, key, since);
        }
    }

    private long nanos() {
        return clock.nanoTime().getAsLong();
    }

    private SandboxRoom room(String namespace) {
        return rooms.computeIfAbsent(namespace, n -> new SandboxRoom());
    }
}
