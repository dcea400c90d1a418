package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxPlan;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.kube.SandboxFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandbox pods as runs want them. Latency counts here: what a run wants is seen on the thread of the watch, decided at
 * once from memory, and each write goes on a thread of its own, so that nothing waits for anything slow.
 */
public final class Sandboxes {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);
    /** How long nobody must need a pod before it goes: a run that has just come may not be visible here yet. */
    private static final Duration UNWANTED = Duration.ofSeconds(2);

    /** The same for a pod that was taken: its run, unless it has ended, only has not said so yet. */
    private static final Duration UNSAID = Duration.ofSeconds(30);

    /**
     * How long nobody must take a warm one before more are made, and how long a taken one is left as it is: who waits for
     * a command now comes first.
     */
    private static final Duration CALM = Duration.ofSeconds(2);
    /** What is not tried again for a while, where it is about the warm ones: no key is like it. */
    private static final String WARM = "";

    private static final int MANY = 1000;

    private static final class Room {
        final SandboxBook pods = new SandboxBook();
        final Map<String, Claimant> claimants = new LinkedHashMap<>();
        /** Run objects to speak about, by UID. */
        final Map<String, Run> runs = new HashMap<>();
        /** Who has taken which warm one, by the pod's name, until the pod is gone. */
        final Map<String, SandboxClaim> claims = new HashMap<>();
        /** UIDs of runs that ended lately. */
        final Set<String> ended = new LinkedHashSet<>();
        /** Since when nobody needs a pod, by UID. */
        final Map<String, Long> unwanted = new HashMap<>();
        /** When a key may be tried again after a failure. */
        final Map<String, Long> notBefore = new HashMap<>();
        /** What runs were told, so that they are told once. */
        final Set<String> told = new HashSet<>();

        boolean dirty;
        boolean busy;
        long dueAt = Long.MAX_VALUE;
    }

    private final SandboxActions actions;
    private final Gate gate;
    private final Executor executor;
    private final Clockwork clock;
    private final Map<String, Room> rooms = new ConcurrentHashMap<>();

    public Sandboxes(SandboxActions actions, Gate gate, Executor executor, Clockwork clock) {
        this.actions = actions;
        this.gate = gate;
        this.executor = executor;
        this.clock = clock;
    }

    /** A watch shows an unfinished run. */
    public void seen(Run run) {
        String namespace = run.getMetadata().getNamespace();
        String uid = run.getMetadata().getUid();
        var claimant = SandboxFacts.claimant(run);
        Room room = rooms.get(namespace);
        if (claimant.isEmpty() && room == null) {
            return;
        }
        room = room(namespace);
        synchronized (room) {
            Claimant before = claimant.isEmpty() ? room.claimants.remove(uid) : room.claimants.put(uid, claimant.get());
            claimant.ifPresentOrElse(
                    c -> room(namespace).runs.put(uid, run),
                    () -> room(namespace).runs.remove(uid));
            if (claimant.map(c -> c.equals(before)).orElse(before == null)) {
                return;
            }
        }
        touch(namespace);
    }

    /** A run has ended or is gone. */
    public void gone(Run run) {
        Room room = rooms.get(run.getMetadata().getNamespace());
        if (room == null) {
            return;
        }
        String uid = run.getMetadata().getUid();
        synchronized (room) {
            room.runs.remove(uid);
            room.told.removeIf(what -> what.startsWith(uid));
            room.ended.add(uid);
            if (room.ended.size() > MANY) {
                room.ended.remove(room.ended.iterator().next());
            }
            if (room.claimants.remove(uid) == null && room.claims.isEmpty()) {
                return;
            }
        }
        touch(run.getMetadata().getNamespace());
    }

    /** A watch shows a sandbox pod. */
    public void seen(Pod pod) {
        Room room = room(pod.getMetadata().getNamespace());
        synchronized (room) {
            room.pods.seen(SandboxFacts.of(pod));
        }
        touch(pod.getMetadata().getNamespace());
    }

    /** A watch shows that a sandbox pod is gone. */
    public void gone(Pod pod) {
        Room room = room(pod.getMetadata().getNamespace());
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
        Room room = room(lease.getMetadata().getNamespace());
        synchronized (room) {
            if (!claim.get().equals(room.claims.put(claim.get().pod(), claim.get()))) {
                later(room, WARM, CALM);
                later(room, claim.get().podUid(), CALM);
            }
        }
        touch(lease.getMetadata().getNamespace());
    }

    /** A watch shows that a claim is gone, and so is its pod. */
    public void gone(Lease lease) {
        Room room = room(lease.getMetadata().getNamespace());
        synchronized (room) {
            room.claims.remove(lease.getMetadata().getName());
        }
    }

    /** Something that sandboxes of the namespace depend on changed: its Tenant, or whether its runtime is up. */
    public void touch(String namespace) {
        Room room = room(namespace);
        synchronized (room) {
            room.dirty = true;
        }
        start(namespace, room);
    }

    /** Starts what is due. Call it every half second or so. */
    public void tick() {
        long now = clock.nanoTime().getAsLong();
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

    private void start(String namespace, Room room) {
        synchronized (room) {
            if (!room.dirty || room.busy || !gate.leading()) {
                return;
            }
            room.busy = true;
        }
        executor.execute(() -> pass(namespace, room));
    }

    private void pass(String namespace, Room room) {
        boolean more = true;
        while (more) {
            List<Runnable> work = new ArrayList<>();
            synchronized (room) {
                room.dirty = false;
                room.dueAt = Long.MAX_VALUE;
                try {
                    decide(namespace, room, work);
                } catch (RuntimeException e) {
                    LOG.warn("Sandboxes of namespace {} could not be decided on", namespace, e);
                }
            }
            work.forEach(executor::execute);
            synchronized (room) {
                more = room.dirty;
                room.busy = more;
            }
        }
    }

    private void decide(String namespace, Room room, List<Runnable> work) {
        long now = clock.nanoTime().getAsLong();
        room.notBefore.values().removeIf(at -> now - at >= 0);
        List<SandboxView> pods = room.pods.views().stream()
                .map(pod -> pod.with(room.claims.get(pod.name())))
                .toList();
        SandboxPlan.Situation situation = actions.situation(namespace, List.copyOf(room.claimants.values()), pods);
        Set<String> unwanted = new HashSet<>();
        for (SandboxAction action : SandboxPlan.decide(situation)) {
            switch (action) {
                case SandboxAction.Create(var claimant)
                when free(room, claimant.key()) ->
                    work.add(begin(
                            namespace, room, claimant.key(), actions.created(claimant), actions.create(claimant)));
                case SandboxAction.Adopt(var pod)
                when free(room, pod.uid()) ->
                    work.add(begin(namespace, room, pod.uid(), pod.adopted(), actions.adopt(pod)));
                case SandboxAction.Replenish(var warm)
                when free(room, WARM) -> {
                    SandboxView expected = actions.warmed(namespace, warm);
                    work.add(begin(namespace, room, WARM, expected, actions.warm(expected, warm)));
                }
                case SandboxAction.Delete(var pod, var cause) -> {
                    unwanted.add(pod.uid());
                    if (!pod.uid().isEmpty() && free(room, pod.uid()) && mayGo(room, pod, cause, now)) {
                        work.add(begin(namespace, room, pod.uid(), pod.going(), actions.delete(pod, cause)));
                    }
                }
                case SandboxAction.Refuse(var claimant, var reason) ->
                    tell(room, claimant.run(), "SandboxRefused", reason);
                case SandboxAction.Create ignored -> {}
                case SandboxAction.Adopt ignored -> {}
                case SandboxAction.Replenish ignored -> {}
            }
        }
        room.unwanted.keySet().retainAll(unwanted);
        room.notBefore.values().forEach(at -> room.dueAt = Math.min(room.dueAt, at));
    }

    private static boolean free(Room room, String what) {
        return !room.notBefore.containsKey(what);
    }

    private boolean mayGo(Room room, SandboxView pod, Cause cause, long now) {
        if (cause != Cause.UNWANTED) {
            return true;
        }
        boolean unsaid = pod.claim() != null && !room.ended.contains(pod.claim().runUid());
        long due = room.unwanted.computeIfAbsent(pod.uid(), uid -> now) + (unsaid ? UNSAID : UNWANTED).toNanos();
        if (now - due >= 0) {
            return true;
        }
        room.dueAt = Math.min(room.dueAt, due);
        return false;
    }

    /** {@code what}: what is not tried again for a while should it fail. */
    private Runnable begin(String namespace, Room room, String what, SandboxView expected, SandboxActions.Write write) {
        room.pods.begin(expected);
        return () -> {
            SandboxActions.Result result = write.run();
            synchronized (room) {
                switch (result) {
                    case SandboxActions.Result.Done done -> room.pods.done(done.pod());
                    case SandboxActions.Result.Lost ignored -> {
                        room.pods.failed(expected, true);
                        later(room, what, SandboxActions.SOON);
                    }
                    case SandboxActions.Result.Failed failed -> {
                        room.pods.failed(expected, false);
                        later(room, what, SandboxActions.RETRY);
                        claimants(room, what).forEach(run -> tell(room, run, "SandboxFailed", failed.reason()));
                    }
                }
            }
            touch(namespace);
        };
    }

    private void later(Room room, String what, Duration after) {
        room.notBefore.put(what, clock.nanoTime().getAsLong() + after.toNanos());
    }

    private static List<RunId> claimants(Room room, String key) {
        return room.claimants.values().stream()
                .filter(c -> c.key().equals(key))
                .map(Claimant::run)
                .toList();
    }

    private void tell(Room room, RunId run, String reason, String message) {
        if (room.told.size() >= MANY) {
            room.told.clear();
        }
        Run about = room.runs.get(run.uid());
        if (about != null && room.told.add(run.uid() + reason + message)) {
            actions.tell(about, reason, message);
        }
    }

    private Room room(String namespace) {
        return rooms.computeIfAbsent(namespace, n -> new Room());
    }
}
