package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.operator.domain.approval.ApprovalView;
import dev.wheelhouse.operator.domain.approval.Ruling;
import dev.wheelhouse.operator.domain.approval.Ruling.Settled;
import dev.wheelhouse.operator.domain.approval.Ruling.Why;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The statuses that the operator gives to an Approval: a function of what was seen and of the ruling. */
public final class ApprovalStatuses {
    private static final String UNVERIFIED = "IdentityUnverified";

    private ApprovalStatuses() {}

    /** The status after this ruling. */
    public static ApprovalStatus of(Approval approval, ApprovalView view, Ruling ruling, Instant now) {
        ApprovalStatus old = approval.getStatus();
        List<Condition> conditions = old == null ? null : old.conditions();
        conditions = identity(conditions, approval, ruling, now);
        Map<String, String> invalid = invalid(view);
        conditions = validity(conditions, approval, invalid, now);
        Settled settled = ruling instanceof Settled s ? s : null;
        return new ApprovalStatus(
                approval.getMetadata().getGeneration(),
                settled == null ? Phase.Pending : settled.phase(),
                settled == null ? null : settled.verdict(),
                settled == null || settled.by().isEmpty() ? null : String.join(",", settled.by()),
                settled == null || settled.at() == null ? null : settled.at().toString(),
                escalated(old, ruling),
                nullIfEmpty(observed(approval, view)),
                nullIfEmpty(invalid),
                old == null ? null : old.consumedBy(),
                conditions);
    }

    private static Boolean escalated(ApprovalStatus old, Ruling ruling) {
        boolean now = ruling instanceof Ruling.Open open && open.escalated();
        return now || (old != null && Boolean.TRUE.equals(old.escalated())) ? Boolean.TRUE : null;
    }

    /** Also those that have vanished since: their absence tells that something was wrong. */
    private static Map<String, String> observed(Approval approval, ApprovalView view) {
        Map<String, String> observed = new TreeMap<>(ApprovalViews.observed(approval));
        view.decisions().forEach((user, said) -> observed.put(user, said.seen().toString()));
        return observed;
    }

    private static Map<String, String> invalid(ApprovalView view) {
        return view.decisions().entrySet().stream()
                .filter(entry -> entry.getValue().problem() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().problem(), (a, b) -> a, TreeMap::new));
    }

    private static List<Condition> identity(List<Condition> conditions, Approval approval, Ruling ruling, Instant now) {
        String type = ConditionType.IDENTITY_VERIFIED;
        Long generation = approval.getMetadata().getGeneration();
        return switch (ruling) {
            case Ruling.Held ignored ->
                Conditions.with(
                        conditions,
                        type,
                        Conditions.FALSE,
                        UNVERIFIED,
                        "the admission policies wheelhouse-approval-* let a forgery through, so nobody can tell who"
                                + " decides: nothing counts until they are back (helm upgrade the chart with"
                                + " policies.enabled=true)",
                        generation,
                        now);
            case Settled settled
            when settled.why() == Why.DOUBT ->
                Conditions.with(
                        conditions,
                        type,
                        Conditions.FALSE,
                        UNVERIFIED,
                        "decisions were made or have vanished while the admission policies did not hold people to"
                                + " their own names: they do not count, and the run asks anew",
                        generation,
                        now);
            case Settled ignored -> verified(conditions, generation, now);
            case Ruling.Open ignored -> verified(conditions, generation, now);
        };
    }

    private static List<Condition> verified(List<Condition> conditions, Long generation, Instant now) {
        return Conditions.with(
                conditions,
                ConditionType.IDENTITY_VERIFIED,
                Conditions.TRUE,
                "PolicyActive",
                "people decide in their own names only: a forgery was refused",
                generation,
                now);
    }

    private static List<Condition> validity(
            List<Condition> conditions, Approval approval, Map<String, String> invalid, Instant now) {
        Long generation = approval.getMetadata().getGeneration();
        if (!invalid.isEmpty()) {
            String message = invalid.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining("; "));
            return Conditions.with(
                    conditions,
                    ConditionType.DECISION_VALID,
                    Conditions.FALSE,
                    "DoesNotFit",
                    message + " (whoever is named may replace that decision)",
                    generation,
                    now);
        }
        return Conditions.is(conditions, ConditionType.DECISION_VALID, Conditions.FALSE)
                ? Conditions.with(
                        conditions,
                        ConditionType.DECISION_VALID,
                        Conditions.TRUE,
                        "Fits",
                        "every decision can be used",
                        generation,
                        now)
                : conditions;
    }

    private static Map<String, String> nullIfEmpty(Map<String, String> map) {
        return map.isEmpty() ? null : map;
    }
}
