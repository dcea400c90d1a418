package dev.wheelhouse.operator.domain.approval;

import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.Verdict;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A pending Approval at one moment.
 *
 * @param quorum approvals, or equal verdicts about an effect in doubt, that are needed
 * @param rejectQuorum rejections that reject
 * @param allowed verdicts that count
 * @param excluded user names that may not decide, the requester among them
 * @param escalatesAt when the escalation groups may decide as well, or null
 * @param escalated whether they may already
 * @param doubted whether the identity of deciders could not be trusted for a while since this was asked
 * @param observed user names whose decisions were seen before
 * @param decisions by user name
 */
public record ApprovalView(
        ApprovalRequest.Kind kind,
        int quorum,
        int rejectQuorum,
        Set<Verdict> allowed,
        Set<String> excluded,
        Instant expiresAt,
        Instant escalatesAt,
        boolean escalated,
        boolean doubted,
        Set<String> observed,
        Map<String, Said> decisions) {

    /**
     * A decision.
     *
     * @param seen when the operator first saw it
     * @param problem why it cannot be used, or null
     */
    public record Said(Verdict verdict, Instant seen, String problem) {}
}
