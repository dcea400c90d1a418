package dev.wheelhouse.operator.domain.approval;

import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.Verdict;
import dev.wheelhouse.operator.domain.approval.ApprovalView.Said;
import dev.wheelhouse.operator.domain.approval.Ruling.Settled;
import dev.wheelhouse.operator.domain.approval.Ruling.Why;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rules of decision. Where two outcomes hold at once, the one that does less to the world wins: a rejection over an
 * approval, "it happened" over "do it again".
 */
public final class Rulings {
    /** The more careful first. */
    private static final List<Verdict> ABOUT_DOUBT = List.of(Verdict.Abort, Verdict.Happened, Verdict.DidNotHappen);

    private static final Comparator<Map.Entry<String, Said>> FIRST_COME =
            Comparator.<Map.Entry<String, Said>, Instant>comparing(
                            entry -> entry.getValue().seen())
                    .thenComparing(Map.Entry::getKey);

    private Rulings() {}

    /**
     * Rules about a pending Approval. {@code verified}: whether it was made sure, after the last of these decisions was
     * seen, that people can decide in their own names only.
     */
    public static Ruling of(ApprovalView approval, Instant now, boolean verified) {
        if (!verified) {
            return new Ruling.Held();
        }
        if (tainted(approval)) {
            return new Settled(Phase.Withdrawn, null, List.of(), null, Why.DOUBT);
        }
        return decided(approval).<Ruling>map(settled -> settled).orElseGet(() -> byTime(approval, now));
    }

    /** Whoever decided while nothing checked it may have been anybody; and a decision that was seen cannot vanish. */
    private static boolean tainted(ApprovalView approval) {
        boolean touched =
                !approval.decisions().isEmpty() || !approval.observed().isEmpty();
        return (approval.doubted() && touched) || !approval.decisions().keySet().containsAll(approval.observed());
    }

    private static Optional<Settled> decided(ApprovalView approval) {
        return Stream.<Optional<Settled>>of(
                        agreed(approval, Verdict.Reject, approval.rejectQuorum(), Phase.Rejected),
                        agreed(approval, Verdict.Approve, approval.quorum(), Phase.Approved),
                        doubt(approval),
                        agreed(approval, Verdict.Respond, 1, Phase.Approved),
                        // An edit is a new request, which a second person has to approve.
                        agreed(approval, Verdict.Edit, 1, Phase.Withdrawn))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Settled> doubt(ApprovalView approval) {
        return approval.kind() == ApprovalRequest.Kind.InDoubt
                ? ABOUT_DOUBT.stream()
                        .map(verdict -> agreed(approval, verdict, approval.quorum(), Phase.Approved))
                        .flatMap(Optional::stream)
                        .findFirst()
                : Optional.empty();
    }

    private static Optional<Settled> agreed(ApprovalView approval, Verdict verdict, int quorum, Phase phase) {
        List<Map.Entry<String, Said>> agreeing = approval.decisions().entrySet().stream()
                .filter(entry -> entry.getValue().verdict() == verdict && counts(approval, entry))
                .sorted(FIRST_COME)
                .limit(quorum)
                .toList();
        return agreeing.size() < quorum
                ? Optional.empty()
                : Optional.of(new Settled(
                        phase,
                        verdict,
                        agreeing.stream().map(Map.Entry::getKey).toList(),
                        agreeing.getLast().getValue().seen(),
                        Why.DECIDED));
    }

    /** The policies refuse most of what is left out here; this holds should they ever have a gap. */
    private static boolean counts(ApprovalView approval, Map.Entry<String, Said> entry) {
        Said said = entry.getValue();
        return said.problem() == null
                && approval.allowed().contains(said.verdict())
                && !approval.excluded().contains(entry.getKey())
                && said.seen().isBefore(approval.expiresAt());
    }

    private static Ruling byTime(ApprovalView approval, Instant now) {
        if (!now.isBefore(approval.expiresAt())) {
            return new Settled(Phase.Expired, null, List.of(), null, Why.EXPIRED);
        }
        Instant escalates = approval.escalatesAt();
        boolean escalated = approval.escalated() || (escalates != null && !now.isBefore(escalates));
        boolean escalationNext = !escalated && escalates != null && escalates.isBefore(approval.expiresAt());
        return new Ruling.Open(escalated, escalationNext ? escalates : approval.expiresAt());
    }
}
