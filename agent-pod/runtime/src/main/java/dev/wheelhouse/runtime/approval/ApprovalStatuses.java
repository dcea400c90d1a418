package dev.wheelhouse.runtime.approval;

import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Consumption;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a runtime makes of an Approval's status: pure functions of the present one. The rest is the operator's. */
final class ApprovalStatuses {
    private ApprovalStatuses() {}

    /** Whether it may still be decided or used. */
    static boolean open(ApprovalStatus status) {
        return status == null
                || status.phase() == null
                || status.phase() == Phase.Pending
                || status.phase() == Phase.Approved;
    }

    static boolean pending(ApprovalStatus status) {
        return status == null || status.phase() == null || status.phase() == Phase.Pending;
    }

    static ApprovalStatus consumed(ApprovalStatus status, long epoch, Instant at) {
        return status.with(Phase.Consumed, new Consumption(epoch, at.toString()), status.conditions());
    }

    static ApprovalStatus withdrawn(ApprovalStatus status) {
        return present(status).withdrawn();
    }

    static boolean told(ApprovalStatus status) {
        return conditions(status).stream()
                .anyMatch(c -> c.getType().equals(ConditionType.NOTIFIED)
                        && c.getStatus().equals("True"));
    }

    static ApprovalStatus notified(ApprovalStatus status, Condition told) {
        ApprovalStatus present = present(status);
        List<Condition> conditions = new ArrayList<>(conditions(status));
        conditions.removeIf(c -> c.getType().equals(ConditionType.NOTIFIED));
        conditions.add(told);
        return present.with(present.phase(), present.consumedBy(), conditions);
    }

    private static List<Condition> conditions(ApprovalStatus status) {
        return status == null || status.conditions() == null ? List.of() : status.conditions();
    }

    private static ApprovalStatus present(ApprovalStatus status) {
        return status == null ? ApprovalStatus.NONE : status;
    }
}
