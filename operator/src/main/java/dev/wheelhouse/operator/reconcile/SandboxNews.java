package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.kube.SandboxFacts;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the runs of one namespace are to be told of their sandboxes, and whom news of a pod concerns.
 *
 * <p>Not thread-safe: its user locks.
 */
final class SandboxNews {
    /** How long a message stays if only its words change: that of a quota has numbers that differ at each attempt. */
    private static final Duration WORDS = Duration.ofSeconds(30);

    private static final int MANY = 1000;

    /**
     * Why a run's sandbox could not be made.
     *
     * @param at on the clock of nanoTime
     * @param over whether it could be made since; kept until the run says so
     */
    private record Failure(String key, SandboxReadiness why, long at, boolean over) {}

    /** Run objects to speak about, by UID. */
    private final Map<String, Run> runs = new HashMap<>();
    /** By the run's UID. */
    private final Map<String, Failure> failures = new HashMap<>();
    /** What runs were told by Events, so that they are told once. */
    private final Set<String> told = new HashSet<>();

    /** The run wants a sandbox. */
    void seen(Run run) {
        String uid = run.getMetadata().getUid();
        runs.put(uid, run);
        Failure failure = failures.get(uid);
        if (failure != null && failure.over() && SandboxFacts.saysReady(run)) {
            failures.remove(uid);
        }
    }

    /** It wants none. */
    void unwanted(String uid) {
        runs.remove(uid);
        failures.remove(uid);
    }

    /** It has ended. */
    void ended(String uid) {
        unwanted(uid);
        told.removeIf(what -> what.startsWith(uid));
    }

    /** Its sandbox could not be made. Answers whether the run has to say something else than before. */
    boolean failed(Claimant claimant, SandboxReadiness why, long now) {
        Failure before = failures.get(claimant.run().uid());
        boolean same = before != null
                && !before.over()
                && before.key().equals(claimant.key())
                && before.why().reason().equals(why.reason())
                && (before.why().equals(why) || now - before.at() < WORDS.toNanos());
        if (!same) {
            failures.put(claimant.run().uid(), new Failure(claimant.key(), why, now, false));
        }
        return !same;
    }

    /** The run to tell this, unless it was told. */
    Optional<Run> tellsFirst(RunId run, String reason, String message) {
        if (told.size() >= MANY) {
            told.clear();
        }
        Run about = runs.get(run.uid());
        return about != null && told.add(run.uid() + reason + message) ? Optional.of(about) : Optional.empty();
    }

    /** A pod was made, or runs: those of the claimants that have something to say or to do about it. */
    List<RunId> concerned(SandboxView pod, Collection<Claimant> claimants) {
        return claimants.stream()
                .filter(claimant -> SandboxReadiness.serves(pod, claimant))
                .filter(this::attends)
                .map(Claimant::run)
                .toList();
    }

    private boolean attends(Claimant claimant) {
        String uid = claimant.run().uid();
        Failure failure = failures.computeIfPresent(uid, (u, f) -> new Failure(f.key(), f.why(), f.at(), true));
        Run run = runs.get(uid);
        return failure != null
                || (run != null && (SandboxFacts.saysMissing(run) || SandboxFacts.waitsFor(run, claimant.key())));
    }

    /** Why the claimant's sandbox could not be made, or null. */
    SandboxReadiness failure(Claimant claimant) {
        Failure failure = failures.get(claimant.run().uid());
        return failure == null || failure.over() || !failure.key().equals(claimant.key()) ? null : failure.why();
    }
}
