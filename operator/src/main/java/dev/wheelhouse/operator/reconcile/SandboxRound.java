package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxPlan;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One look at a namespace's sandboxes: what is decided of them becomes writes that are still to be done, and what comes of
 * each is put down in the room.
 */
final class SandboxRound {
    /** When to try again after a lost race; the watch usually tells more before. */
    private static final Duration SOON = Duration.ofMillis(200);
    /** When to try again after a refusal of the API server. */
    static final Duration RETRY = Duration.ofSeconds(5);

    private final String namespace;
    private final SandboxRoom room;
    private final SandboxActions actions;
    private final Clockwork clock;
    private final List<Supplier<List<RunId>>> writes = new ArrayList<>();
    private final List<RunId> refused = new ArrayList<>();

    SandboxRound(String namespace, SandboxRoom room, SandboxActions actions, Clockwork clock) {
        this.namespace = namespace;
        this.room = room;
        this.actions = actions;
        this.clock = clock;
    }

    /** What is to be written, without the room's lock. Each answers whom it concerns. */
    List<Supplier<List<RunId>>> writes() {
        return writes;
    }

    /** Runs that get no sandbox and have to say so. */
    List<RunId> refused() {
        return refused;
    }

    /** Decides; with the room's lock. What is begun before an exception is to be written all the same. */
    void decide() {
        long now = nanos();
        room.notBefore.values().removeIf(at -> now - at >= 0);
        SandboxPlan.Situation situation =
                actions.situation(namespace, List.copyOf(room.claimants.values()), room.views());
        Set<String> unwanted = new HashSet<>();
        for (SandboxAction action : SandboxPlan.decide(situation)) {
            switch (action) {
                case SandboxAction.Create(var claimant)
                when room.free(claimant.key()) ->
                    begin(claimant.key(), actions.created(claimant), actions.create(claimant));
                case SandboxAction.Adopt(var pod)
                when room.free(pod.uid()) -> begin(pod.uid(), pod.adopted(), actions.adopt(pod));
                case SandboxAction.Replenish(var warm)
                when room.free(SandboxRoom.WARM) && room.free(SandboxRoom.REFILL) -> {
                    SandboxView expected = actions.warmed(namespace, warm);
                    begin(SandboxRoom.WARM, expected, actions.warm(expected, warm));
                }
                case SandboxAction.Delete(var pod, var cause) -> {
                    unwanted.add(pod.uid());
                    boolean may = cause != Cause.UNWANTED || room.mayGo(pod, now);
                    if (!pod.uid().isEmpty() && room.free(pod.uid()) && may) {
                        boolean ask = cause == Cause.UNWANTED && room.unsaid(pod);
                        begin(pod.uid(), pod.going(), actions.delete(pod, cause, ask));
                    }
                }
                case SandboxAction.Refuse(var claimant, var reason) -> {
                    if (tell(claimant, "SandboxRefused", reason, reason)) {
                        refused.add(claimant.run());
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
    private void begin(String what, SandboxView expected, SandboxActions.Write write) {
        room.pods.begin(expected);
        writes.add(() -> {
            SandboxActions.Result result = write.run();
            synchronized (room) {
                return settle(what, expected, result);
            }
        });
    }

    private List<RunId> settle(String what, SandboxView expected, SandboxActions.Result result) {
        return switch (result) {
            case SandboxActions.Result.Done(var pod) -> {
                room.pods.done(pod);
                yield room.news.concerned(pod, room.claimants.values());
            }
            case SandboxActions.Result.Lost ignored -> {
                room.pods.failed(expected, true);
                room.later(what, SOON, nanos());
                yield List.of();
            }
            case SandboxActions.Result.Failed(var reason) -> {
                room.pods.failed(expected, false);
                room.later(what, RETRY, nanos());
                room.unwanted.remove(what); // Its run uses it: that is asked again in a while, not every few seconds.
                String again = reason + "; tried again every " + RETRY.toSeconds() + " s";
                yield room.holding(what).stream()
                        .filter(claimant -> tell(claimant, "SandboxFailed", reason, again))
                        .map(Claimant::run)
                        .toList();
            }
        };
    }

    /** Answers whether the run has to say something else than before. */
    private boolean tell(Claimant claimant, String reason, String note, String message) {
        room.news.tellsFirst(claimant.run(), reason, note).ifPresent(run -> actions.tell(run, reason, note));
        return room.news.failed(claimant, new SandboxReadiness(false, reason, message), nanos());
    }

    private long nanos() {
        return clock.nanoTime().getAsLong();
    }
}
