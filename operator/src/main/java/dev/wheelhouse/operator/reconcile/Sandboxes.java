package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxPlan;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.kube.SandboxFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
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
    /**
     * How long nobody must take a warm one before more are made, and how long a taken one is left as it is: who waits for
     * a command now comes first.
     */
    private static final Duration CALM = Duration.ofSeconds(2);
    /** What is not tried again for a while, where it is about the warm ones: no key is like it. */
    private static final String WARM = "";

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
        SandboxRoom room = rooms.get(namespace);
        if (claimant.isEmpty() && room == null) {
            return;
        }
        room = room(namespace);
        synchronized (room) {
            Claimant before = claimant.isEmpty() ? room.claimants.remove(uid) : room.claimants.put(uid, claimant.get());
            SandboxNews news = room.news;
            claimant.ifPresentOrElse(c -> news.seen(run), () -> news.unwanted(uid));
            if (claimant.map(c -> c.equals(before)).orElse(before == null)) {
                return;
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
                room.once(WARM, CALM, nanos());
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

    private void decide(String namespace, SandboxRoom room, List<Runnable> work) {
        long now = nanos();
        room.notBefore.values().removeIf(at -> now - at >= 0);
        SandboxPlan.Situation situation =
                actions.situation(namespace, List.copyOf(room.claimants.values()), room.views());
        Set<String> unwanted = new HashSet<>();
        for (SandboxAction action : SandboxPlan.decide(situation)) {
            switch (action) {
                case SandboxAction.Create(var claimant)
                when room.free(claimant.key()) ->
                    work.add(begin(
                            namespace, room, claimant.key(), actions.created(claimant), actions.create(claimant)));
                case SandboxAction.Adopt(var pod)
                when room.free(pod.uid()) ->
                    work.add(begin(namespace, room, pod.uid(), pod.adopted(), actions.adopt(pod)));
                case SandboxAction.Replenish(var warm)
                when room.free(WARM) -> {
                    SandboxView expected = actions.warmed(namespace, warm);
                    work.add(begin(namespace, room, WARM, expected, actions.warm(expected, warm)));
                }
                case SandboxAction.Delete(var pod, var cause) -> {
                    unwanted.add(pod.uid());
                    boolean may = cause != Cause.UNWANTED || room.mayGo(pod, now);
                    if (!pod.uid().isEmpty() && room.free(pod.uid()) && may) {
                        boolean ask = cause == Cause.UNWANTED && room.unsaid(pod);
                        work.add(begin(namespace, room, pod.uid(), pod.going(), actions.delete(pod, cause, ask)));
                    }
                }
                case SandboxAction.Refuse(var claimant, var reason) -> {
                    if (tell(room, claimant, "SandboxRefused", reason, reason)) {
                        work.add(() -> wake.accept(claimant.run()));
                    }
                }
                case SandboxAction.Create ignored -> {}
                case SandboxAction.Adopt ignored -> {}
                case SandboxAction.Replenish ignored -> {}
            }
        }
        room.unwanted.keySet().retainAll(unwanted);
        room.notBefore.values().forEach(at -> room.dueAt = Math.min(room.dueAt, at));
    }

    /** {@code what}: what is not tried again for a while should it fail. */
    private Runnable begin(
            String namespace, SandboxRoom room, String what, SandboxView expected, SandboxActions.Write write) {
        room.pods.begin(expected);
        return () -> {
            SandboxActions.Result result = write.run();
            List<RunId> concerned = List.of();
            synchronized (room) {
                switch (result) {
                    case SandboxActions.Result.Done done -> {
                        room.pods.done(done.pod());
                        concerned = room.news.concerned(done.pod(), room.claimants.values());
                    }
                    case SandboxActions.Result.Lost ignored -> {
                        room.pods.failed(expected, true);
                        room.later(what, SandboxActions.SOON, nanos());
                    }
                    case SandboxActions.Result.Failed failed -> {
                        room.pods.failed(expected, false);
                        room.later(what, SandboxActions.RETRY, nanos());
                        String again =
                                failed.reason() + "; tried again every " + SandboxActions.RETRY.toSeconds() + " s";
                        concerned = room.holding(what).stream()
                                .filter(c -> tell(room, c, "SandboxFailed", failed.reason(), again))
                                .map(Claimant::run)
                                .toList();
                    }
                }
            }
            concerned.forEach(wake);
            touch(namespace);
        };
    }

    /** Answers whether the run has to say something else than before. */
    private boolean tell(SandboxRoom room, Claimant claimant, String reason, String note, String message) {
        room.news.tellsFirst(claimant.run(), reason, note).ifPresent(run -> actions.tell(run, reason, note));
        return room.news.failed(claimant, new SandboxReadiness(false, reason, message), nanos());
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
