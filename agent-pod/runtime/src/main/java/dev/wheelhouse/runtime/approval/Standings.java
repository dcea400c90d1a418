package dev.wheelhouse.runtime.approval;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.approval.Verdict;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/** What an Approval, as read, says to the core. */
final class Standings {
    private Standings() {}

    static Standing of(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        Optional<Decision> decision = decisive(approval);
        return new Standing(
                approval.getMetadata().getName(),
                approval.getMetadata().getUid(),
                approval.getMetadata().getResourceVersion(),
                approval.getSpec().request().run().uid(),
                Approvals.hash(approval),
                phase(status),
                verdict(status) == null ? null : Verdict.valueOf(verdict(status).name()),
                status == null ? null : status.decidedBy(),
                status == null ? null : time(status.decidedAt()),
                decision.map(Decision::reason).orElse(null),
                decision.map(d -> d.answer() != null ? d.answer() : d.arguments())
                        .orElse(null),
                verified(status),
                status == null || status.consumedBy() == null
                        ? null
                        : status.consumedBy().epoch());
    }

    private static dev.wheelhouse.api.v1alpha1.Verdict verdict(ApprovalStatus status) {
        if (status == null) {
            return null;
        }
        return status.verdict() == null && status.phase() == ApprovalStatus.Phase.Rejected
                ? dev.wheelhouse.api.v1alpha1.Verdict.Reject
                : status.verdict();
    }

    private static Standing.Phase phase(ApprovalStatus status) {
        return status == null || status.phase() == null
                ? Standing.Phase.Pending
                : Standing.Phase.valueOf(status.phase().name());
    }

    private static boolean verified(ApprovalStatus status) {
        return status != null
                && status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(condition -> condition.getType().equals(ConditionType.IDENTITY_VERIFIED)
                                && condition.getStatus().equals("True"));
    }

    /** The decision that counts; the first of those of the same verdict, if several people had to agree. */
    private static Optional<Decision> decisive(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        Map<String, Decision> decisions = approval.getSpec().decisions();
        if (status == null || status.decidedBy() == null || decisions == null) {
            return Optional.empty();
        }
        Decision only = decisions.get(status.decidedBy());
        return only != null
                ? Optional.of(only)
                : decisions.entrySet().stream()
                        .filter(entry -> entry.getValue().verdict() == verdict(status)
                                && status.decidedBy().contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst();
    }

    private static Instant time(String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
