package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.operator.kube.ApprovalViews;
import dev.wheelhouse.operator.kube.Times;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pending Approvals, and when this process first saw each of their decisions. The status keeps these moments for the next
 * process; memory keeps them until it is written.
 */
public final class ApprovalBook {
    /** {@code nanos}: the same moment on the monotonic clock. */
    private record Seen(Decision decision, Instant at, long nanos) {}

    private record Entry(String uid, String runUid, Map<String, Seen> decisions) {}

    private final Clockwork clock;
    private final Map<String, Entry> pending = new ConcurrentHashMap<>();

    public ApprovalBook(Clockwork clock) {
        this.clock = clock;
    }

    /** A watch shows the Approval. */
    void seen(Approval approval) {
        String uid = approval.getMetadata().getUid();
        Entry entry = pending.compute(
                key(approval),
                (key, old) -> old != null && old.uid().equals(uid)
                        ? old
                        : new Entry(uid, approval.getSpec().request().run().uid(), new ConcurrentHashMap<>()));
        ApprovalViews.decisions(approval).forEach((user, decision) -> note(entry, user, decision));
    }

    private Seen note(Entry entry, String user, Decision decision) {
        return entry.decisions()
                .compute(user, (u, old) -> old != null && old.decision().equals(decision) ? old : seenNow(decision));
    }

    private Seen seenNow(Decision decision) {
        // Whole milliseconds, so that what is read back from a status is what was decided on.
        Instant at = clock.now().get().truncatedTo(ChronoUnit.MILLIS);
        return new Seen(decision, at, clock.nanoTime().getAsLong());
    }

    /** It is settled or gone. */
    void gone(Approval approval) {
        pending.computeIfPresent(
                key(approval),
                (key, entry) -> entry.uid().equals(approval.getMetadata().getUid()) ? null : entry);
    }

    /** Whether an Approval of this name is known to be pending. */
    boolean pending(String namespace, String name) {
        return pending.containsKey(namespace + "/" + name);
    }

    /** Whether one of this run is known to be pending. */
    boolean asks(String runUid) {
        return pending.values().stream().anyMatch(entry -> entry.runUid().equals(runUid));
    }

    /** How many are pending. */
    public int size() {
        return pending.size();
    }

    /**
     * When a decision was first seen. A decision that replaced an unusable one counts from its own time.
     *
     * @param replaced whether the status speaks of an unusable decision of that user, and this one is usable
     */
    Instant firstSeen(Approval approval, String user, boolean replaced) {
        Instant kept = Times.parse(ApprovalViews.observed(approval).get(user));
        return kept != null && !replaced ? kept : entry(approval, user).at();
    }

    /** When the latest of its decisions was seen by this process, on the monotonic clock. */
    long latest(Approval approval) {
        return ApprovalViews.decisions(approval).keySet().stream()
                .mapToLong(user -> entry(approval, user).nanos())
                .reduce((a, b) -> a - b > 0 ? a : b)
                .orElseGet(clock.nanoTime());
    }

    private Seen entry(Approval approval, String user) {
        Decision decision = ApprovalViews.decisions(approval).get(user);
        Entry entry = pending.get(key(approval));
        // What was settled or deleted while its copy is looked at must not come back: nobody would take it away again.
        return entry != null && entry.uid().equals(approval.getMetadata().getUid())
                ? note(entry, user, decision)
                : seenNow(decision);
    }

    private static String key(Approval approval) {
        return approval.getMetadata().getNamespace() + "/"
                + approval.getMetadata().getName();
    }
}
