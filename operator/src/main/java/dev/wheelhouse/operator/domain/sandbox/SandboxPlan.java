package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * From what is seen of a namespace's runs and sandbox pods to what is to be done: one total function, and idempotent, so
 * that lost and repeated events do no harm. Two operators at once are kept apart by deterministic names. Warm pods are
 * taken by runtimes, see {@link dev.wheelhouse.api.v1alpha1.SandboxClaim}. Should a key have two pods all the same, every
 * operator sees it and keeps the same one.
 */
public final class SandboxPlan {
    private SandboxPlan() {}

    /**
     * What is seen of a namespace.
     *
     * @param claimants its unfinished runs that want a sandbox
     * @param runtimeUp whether the namespace's shared runtime has pods; warm sandboxes without one are of no use
     */
    public record Situation(
            List<Claimant> claimants,
            List<SandboxView> pods,
            SandboxRules rules,
            Warm warm,
            boolean runtimeUp,
            Instant now) {}

    /** Decides. */
    public static List<SandboxAction> decide(Situation s) {
        List<SandboxAction> actions = new ArrayList<>();
        Map<String, List<Claimant>> wanted =
                s.claimants().stream().filter(Claimant::holds).collect(grouped(Claimant::key));
        Map<String, List<SandboxView>> taken =
                s.pods().stream().filter(pod -> pod.live() && pod.taken()).collect(grouped(SandboxView::key));
        s.pods().stream()
                .filter(pod -> pod.life() == Life.ENDED)
                .filter(pod -> taken.containsKey(pod.key()) || !answers(pod, wanted.get(pod.key())))
                .forEach(pod -> actions.add(new SandboxAction.Delete(pod, Cause.ENDED)));
        Set<String> served = new LinkedHashSet<>();
        taken.forEach((key, pods) -> {
            if (keep(pods, wanted.getOrDefault(key, List.of()), actions)) {
                served.add(key);
            }
        });
        wanted.forEach((key, claimants) -> {
            if (!served.contains(key)) {
                serve(claimants, s).forEach(actions::add);
            }
        });
        warm(s, actions);
        return List.copyOf(actions);
    }

    /**
     * Whether a pod that has ended is still the answer to what runs asked for: it was idle for too long, or failed, and
     * nobody has asked for another one. So a sandbox starts again only for the next command, and never in a loop.
     */
    private static boolean answers(SandboxView ended, List<Claimant> claimants) {
        return claimants != null
                && claimants.stream().noneMatch(c -> c.after().equals(ended.uid()))
                && claimants.stream().anyMatch(c -> c.after().equals(ended.after()) && knows(c, ended));
    }

    /** A warm one that was taken, and ended before anybody said or wrote so, is nothing that its run could tell of. */
    private static boolean knows(Claimant claimant, SandboxView pod) {
        return pod.claim() == null || pod.uid().equals(claimant.inUse());
    }

    /** Whether the run waits for a pod, and does not only go on wanting the one that it had. */
    private static boolean asks(Claimant claimant, List<SandboxView> pods) {
        List<SandboxView> ofKey =
                pods.stream().filter(pod -> pod.key().equals(claimant.key())).toList();
        if (ofKey.stream()
                .anyMatch(pod -> pod.life() == Life.ENDED
                        && pod.after().equals(claimant.after())
                        && !pod.uid().equals(claimant.after())
                        && knows(claimant, pod))) {
            return false;
        }
        boolean has = pods.stream()
                .anyMatch(pod -> pod.live()
                        && !pod.uid().isEmpty()
                        && pod.uid().equals(claimant.inUse())
                        && !pod.uid().equals(claimant.after()));
        if (has) {
            return false; // A warm one whose claim is not seen yet.
        }
        return claimant.inUse().isEmpty()
                || claimant.inUse().equals(claimant.after())
                || ofKey.stream().anyMatch(pod -> pod.uid().equals(claimant.after()));
    }

    /** Whether one of a key's live pods stays. */
    private static boolean keep(List<SandboxView> pods, List<Claimant> claimants, List<SandboxAction> actions) {
        if (claimants.isEmpty()) {
            pods.stream()
                    .filter(pod -> !pod.shared())
                    .forEach(pod -> actions.add(new SandboxAction.Delete(pod, Cause.UNWANTED)));
            return true;
        }
        Set<String> lost = claimants.stream().map(Claimant::after).collect(Collectors.toSet());
        Set<String> inUse = claimants.stream().map(Claimant::inUse).collect(Collectors.toSet());
        List<SandboxView> sound = new ArrayList<>();
        for (SandboxView pod : pods) {
            if (!pod.uid().isEmpty() && lost.contains(pod.uid())) {
                actions.add(new SandboxAction.Delete(pod, Cause.SUPERSEDED));
            } else {
                sound.add(pod);
            }
        }
        // Names never change, so that all operators agree; what is in use stays whatever the name.
        sound.sort(Comparator.comparing((SandboxView pod) -> !used(pod, inUse))
                .thenComparing(SandboxView::created)
                .thenComparing(SandboxView::name));
        // A run that has just taken one may not say so yet: until one of them is in use, the others stay for a while.
        boolean decided = sound.stream().anyMatch(pod -> used(pod, inUse));
        sound.stream()
                .skip(1)
                .filter(pod -> !used(pod, inUse))
                .forEach(pod -> actions.add(new SandboxAction.Delete(
                        pod, decided || pod.claim() == null ? Cause.DUPLICATE : Cause.UNWANTED)));
        sound.stream()
                .filter(pod -> pod.claim() != null && (used(pod, inUse) || sound.size() == 1))
                .forEach(pod -> actions.add(new SandboxAction.Adopt(pod)));
        return !sound.isEmpty();
    }

    private static boolean used(SandboxView pod, Set<String> inUse) {
        return !pod.uid().isEmpty() && inUse.contains(pod.uid());
    }

    private static Stream<SandboxAction> serve(List<Claimant> claimants, Situation s) {
        List<SandboxAction> refused = new ArrayList<>();
        List<Claimant> accepted = new ArrayList<>();
        for (Claimant claimant : claimants) {
            if (!asks(claimant, s.pods())) {
                continue;
            }
            s.rules()
                    .refuse(claimant.wanted())
                    .ifPresentOrElse(
                            why -> refused.add(new SandboxAction.Refuse(claimant, why)), () -> accepted.add(claimant));
        }
        // The one who knows of a loss speaks for those who never had a pod; the same one in every operator.
        Optional<Claimant> speaker = accepted.stream()
                .max(Comparator.comparing(Claimant::after)
                        .thenComparing(c -> c.run().name(), Comparator.reverseOrder()));
        return Stream.concat(refused.stream(), speaker.flatMap(c -> place(c, s)).stream());
    }

    private static Optional<SandboxAction> place(Claimant claimant, Situation s) {
        // Also one that a run calls lost, and that is only about to be deleted.
        boolean there = s.pods().stream().anyMatch(pod -> pod.key().equals(claimant.key()) && pod.life() != Life.ENDED);
        if (there && claimant.keepsWorkspace()) {
            return Optional.empty(); // Two pods must never write to one workspace.
        }
        return Optional.of(new SandboxAction.Create(claimant));
    }

    private static boolean old(SandboxView pod, Situation s) {
        return !s.now().isBefore(pod.created().plus(Warm.MAX_AGE));
    }

    private static void warm(Situation s, List<SandboxAction> actions) {
        int replicas = s.runtimeUp() ? s.warm().replicas() : 0;
        List<SandboxView> good = new ArrayList<>();
        for (SandboxView pod : s.pods()) {
            if (!pod.live() || pod.taken()) {
                continue;
            }
            if (pod.claim() == null
                    && replicas > 0
                    && pod.shape().equals(s.warm().shape())
                    && !old(pod, s)) {
                good.add(pod);
            } else if (!pod.uid().isEmpty()) {
                actions.add(new SandboxAction.Delete(pod, Cause.SURPLUS));
            }
        }
        good.sort(Comparator.comparing((SandboxView pod) -> pod.life() != Life.RUNNING)
                .thenComparing(SandboxView::created)
                .thenComparing(SandboxView::name));
        good.stream()
                .skip(replicas)
                .filter(pod -> !pod.uid().isEmpty())
                .forEach(pod -> actions.add(new SandboxAction.Delete(pod, Cause.SURPLUS)));
        long starting = good.stream().filter(pod -> pod.life() == Life.STARTING).count();
        for (long n = Math.min(replicas - good.size(), Warm.STARTING - starting); n > 0; n--) {
            actions.add(new SandboxAction.Replenish(s.warm()));
        }
    }

    private static <T> Collector<T, ?, Map<String, List<T>>> grouped(Function<T, String> by) {
        return Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList());
    }
}
