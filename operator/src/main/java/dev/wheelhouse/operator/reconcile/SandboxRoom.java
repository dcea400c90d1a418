package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxReadiness;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.kube.SandboxFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of one namespace's sandboxes and of the runs that want them. All of it is rebuilt from what watches show.
 *
 * <p>Not thread-safe: its user locks.
 */
final class SandboxRoom {
    /** What is put off where it is about the warm ones: no key is like it. */
    static final String WARM = "";
    /** The same, for as long as those who took some come first. */
    static final String REFILL = " ";

    /** How long nobody must need a pod before it goes: a run that has just come may not be visible here yet. */
    private static final Duration UNWANTED = Duration.ofSeconds(2);

    /**
     * The same for a pod that was taken. Its run, unless it has ended, says so within two seconds if all is well; if its
     * process is lost before that, whoever goes on with it does.
     */
    private static final Duration UNSAID = Duration.ofMinutes(5);

    /** A pod that began to run so long before its run went to wait for it was too late for the run to notice. */
    private static final Duration JUST_BEFORE = Duration.ofSeconds(5);

    final SandboxBook pods = new SandboxBook();
    final SandboxNews news = new SandboxNews();
    final Map<String, Claimant> claimants = new LinkedHashMap<>();
    /** Who has taken which warm one, by the pod's name, until the pod is gone. */
    final Map<String, SandboxClaim> claims = new HashMap<>();
    /** UIDs of the runs for which the filling of the pool was put off. */
    final Set<String> takers = new HashSet<>();
    /** UIDs of runs that ended lately. */
    final Set<String> ended = new LinkedHashSet<>();
    /** Since when nobody needs a pod, by UID. */
    final Map<String, Long> unwanted = new HashMap<>();
    /** When a key may be tried again after a failure. */
    final Map<String, Long> notBefore = new HashMap<>();

    boolean dirty;
    boolean busy;
    long dueAt = Long.MAX_VALUE;

    /** All pods, as far as something may be done to them now, with who took them. */
    List<SandboxView> views() {
        return pods.views(claims.keySet()).stream()
                .map(pod -> pod.with(claims.get(pod.name())))
                .toList();
    }

    /** Whether something may be tried now. */
    boolean free(String what) {
        return !notBefore.containsKey(what);
    }

    /** {@code now}: on the clock of nanoTime. */
    void later(String what, Duration after, long now) {
        notBefore.put(what, now + after.toNanos());
    }

    /** A run has taken a warm one: filling the pool is put off, once, since one that is used all the time must be filled too. */
    void taken(SandboxClaim claim, Duration atMost, long now) {
        if (claim.nobody()) {
            return;
        }
        if (notBefore.putIfAbsent(REFILL, now + atMost.toNanos()) == null) {
            takers.clear();
        }
        takers.add(claim.runUid());
    }

    /** The run uses what it took, or has ended: filling the pool is put off no longer than this, if it was for this run. */
    void used(String runUid, Duration after, long now) {
        if (takers.contains(runUid)) {
            notBefore.computeIfPresent(REFILL, (_, at) -> at - now <= after.toNanos() ? at : now + after.toNanos());
        }
    }

    /** Whether nobody has needed the pod for long enough; if not, it is looked at again in time. */
    boolean mayGo(SandboxView pod, long now) {
        long due = unwanted.computeIfAbsent(pod.uid(), uid -> now) + (unsaid(pod) ? UNSAID : UNWANTED).toNanos();
        if (now - due >= 0) {
            return true;
        }
        dueAt = Math.min(dueAt, due);
        return false;
    }

    /** The run has ended: from now on nobody needs what it took, and not since it was taken. */
    void leaves(String runUid) {
        claims.values().stream()
                .filter(claim -> claim.runUid().equals(runUid))
                .map(SandboxClaim::podUid)
                .forEach(unwanted::remove);
    }

    /** Whether the pod was taken by a run that has not said so yet, as far as is seen here. */
    boolean unsaid(SandboxView pod) {
        return pod.claim() != null && !ended.contains(pod.claim().runUid());
    }

    /** Who needs the sandbox of this key now. */
    List<Claimant> holding(String key) {
        return claimants.values().stream()
                .filter(c -> c.key().equals(key) && c.holds())
                .toList();
    }

    /** What the run has to say of its sandbox that it does not say; empty if that is nothing. */
    Optional<SandboxReadiness> readiness(Run run) {
        Claimant claimant = claimants.get(run.getMetadata().getUid());
        boolean missing = SandboxFacts.saysMissing(run);
        SandboxReadiness failure = claimant == null ? null : news.failure(claimant);
        return claimant == null || (failure == null && !missing)
                ? Optional.empty()
                : SandboxReadiness.of(claimant, views(), failure, missing);
    }

    /**
     * Whether the sandbox of this key, for which the run waits, began to run since. Each pod ends waits at its beginning
     * only, so that one whose daemon never reports does not keep its run going round.
     */
    boolean came(RunId run, String key, Instant since) {
        Claimant claimant = claimants.get(run.uid());
        Instant after = since.minus(JUST_BEFORE);
        return claimant != null
                && claimant.key().equals(key)
                && views().stream()
                        .anyMatch(pod -> SandboxReadiness.serves(pod, claimant) && pods.cameAfter(pod, after));
    }
}
