package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.api.v1alpha1.Verdict;
import dev.wheelhouse.operator.domain.approval.ApprovalView;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads Approvals into the domain's terms. Tolerates whatever is missing, on the side of caution. */
public final class ApprovalViews {
    private ApprovalViews() {}

    /** Whether nothing is left to decide. */
    public static boolean settled(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        return status != null && status.phase() != null && status.phase() != ApprovalStatus.Phase.Pending;
    }

    /** By user name; never null. */
    public static Map<String, Decision> decisions(Approval approval) {
        return Objects.requireNonNullElse(approval.getSpec().decisions(), Map.of());
    }

    /** Decisions that could not be used when the status was written, by user name; never null. */
    public static Map<String, String> invalid(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        return status == null ? Map.of() : Objects.requireNonNullElse(status.invalidDecisions(), Map.of());
    }

    /** When each decision was first seen, as the status keeps it; never null. */
    public static Map<String, String> observed(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        return status == null ? Map.of() : Objects.requireNonNullElse(status.observedDecisions(), Map.of());
    }

    /**
     * The view.
     *
     * @param problems why decisions cannot be used, by user name
     * @param seen when the decision of a user was first seen
     */
    public static ApprovalView of(Approval approval, Map<String, String> problems, Function<String, Instant> seen) {
        ApprovalRequest request = approval.getSpec().request();
        ApprovalStatus status = approval.getStatus();
        Map<String, ApprovalView.Said> decisions = new TreeMap<>();
        decisions(approval)
                .forEach((user, decision) -> decisions.put(
                        user, new ApprovalView.Said(decision.verdict(), seen.apply(user), problems.get(user))));
        Instant expires = Times.parse(request.expiresAt());
        boolean escalates = request.escalationGroups() != null
                && !request.escalationGroups().isEmpty();
        return new ApprovalView(
                request.kind(),
                Objects.requireNonNullElse(request.quorum(), 1),
                Objects.requireNonNullElse(request.rejectQuorum(), 1),
                verdicts(request.verdicts()),
                excluded(request),
                // Without a readable expiry it is over: nothing waits for ever by mistake.
                Objects.requireNonNullElse(expires, Instant.EPOCH),
                escalates ? Times.parse(request.escalatesAt()) : null,
                status != null && Boolean.TRUE.equals(status.escalated()),
                status != null && Conditions.is(status.conditions(), ConditionType.IDENTITY_VERIFIED, Conditions.FALSE),
                Set.copyOf(observed(approval).keySet()),
                decisions);
    }

    private static Set<Verdict> verdicts(List<Verdict> verdicts) {
        Set<Verdict> known = new HashSet<>(Objects.requireNonNullElse(verdicts, List.of()));
        known.remove(null);
        return known;
    }

    private static Set<String> excluded(ApprovalRequest request) {
        Set<String> excluded = new HashSet<>(Objects.requireNonNullElse(request.excludedApprovers(), List.of()));
        if (request.requester() != null) {
            excluded.add(request.requester());
        }
        return excluded;
    }
}
