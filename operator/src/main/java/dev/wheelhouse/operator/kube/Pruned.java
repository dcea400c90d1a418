package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalSpec;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the caches keep of each object. Inputs of runs and instructions of agents are never needed here and can be large;
 * nothing that is kept is ever written back whole.
 */
public final class Pruned {
    private Pruned() {}

    /** Drops the input. */
    public static Run run(Run run) {
        strip(run);
        RunSpec s = run.getSpec();
        if (s != null) {
            run.setSpec(new RunSpec(
                    s.agent(),
                    "",
                    s.requester(),
                    s.limits(),
                    s.isolation(),
                    s.cancel(),
                    s.activeDeadlineSeconds(),
                    s.ttlSecondsAfterFinished(),
                    s.parent(),
                    s.thread(),
                    null));
        }
        return run;
    }

    /** Keeps identity only: of a finished run nothing else matters but when to delete it. */
    public static Run finished(Run run) {
        Run kept = new Run();
        kept.setMetadata(new ObjectMetaBuilder()
                .withNamespace(run.getMetadata().getNamespace())
                .withName(run.getMetadata().getName())
                .withUid(run.getMetadata().getUid())
                .withResourceVersion(run.getMetadata().getResourceVersion())
                .build());
        return kept;
    }

    /** Keeps what a Schedule needs of its run: whose it is, for when, whether it ended and how, what it cost and may cost, whether it is to stay. */
    public static Run scheduled(Run run) {
        ObjectMeta meta = run.getMetadata();
        Run kept = new Run();
        kept.setMetadata(new ObjectMetaBuilder()
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(meta.getUid())
                .withResourceVersion(meta.getResourceVersion())
                .withOwnerReferences(meta.getOwnerReferences())
                .build());
        Map<String, String> annotations = new HashMap<>();
        for (String name :
                List.of(Api.ANNOTATION_SCHEDULED_TIME, Api.ANNOTATION_INSTANTIATE, Api.ANNOTATION_BACKFILL_NUMBER)) {
            if (meta.getAnnotations() != null && meta.getAnnotations().containsKey(name)) {
                annotations.put(name, meta.getAnnotations().get(name));
            }
        }
        kept.getMetadata().setAnnotations(annotations);
        if (RunViews.kept(run)) {
            kept.getMetadata().setLabels(Map.of(Api.LABEL_KEEP, "true"));
        }
        if (run.getSpec() != null) {
            RunSpec s = run.getSpec();
            kept.setSpec(new RunSpec(null, "", null, cost(s.limits()), null, s.cancel(), null, null, null, null, null));
        }
        RunStatus status = run.getStatus();
        if (status != null) {
            kept.setStatus(new RunStatus(
                    null,
                    status.phase(),
                    null,
                    null,
                    null,
                    null,
                    status.usage(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    status.completionTime()));
        }
        return kept;
    }

    private static Limits cost(Limits limits) {
        return limits == null || limits.costMicros() == null
                ? null
                : new Limits(null, null, null, limits.costMicros(), null, null, null, null);
    }

    /** Drops what people read: the arguments can be large, and decisions are about all of it or nothing. */
    public static Approval approval(Approval approval) {
        strip(approval);
        ApprovalRequest r = approval.getSpec().request();
        approval.setSpec(new ApprovalSpec(
                new ApprovalRequest(
                        r.kind(),
                        r.run(),
                        null,
                        null,
                        null,
                        r.callId(),
                        r.tool(),
                        null,
                        "",
                        r.risk(),
                        null,
                        r.requester(),
                        r.excludedApprovers(),
                        r.approverGroups(),
                        r.escalationGroups(),
                        r.escalatesAt(),
                        r.allowServiceAccounts(),
                        r.quorum(),
                        r.rejectQuorum(),
                        r.verdicts(),
                        null,
                        null,
                        r.expiresAt(),
                        r.onExpiry(),
                        r.nonce(),
                        r.payloadHash()),
                approval.getSpec().decisions()));
        return approval;
    }

    /** Drops bookkeeping only: a Schedule's spec is what its runs are made of. */
    public static Schedule schedule(Schedule schedule) {
        strip(schedule);
        return schedule;
    }

    /** Drops the instructions. */
    public static Agent agent(Agent agent) {
        strip(agent);
        AgentSpec s = agent.getSpec();
        if (s != null) {
            agent.setSpec(new AgentSpec(
                    null,
                    s.model(),
                    s.fallbackModels(),
                    null,
                    null,
                    s.tools(),
                    s.delegates(),
                    s.outputSchema(),
                    null,
                    s.limits(),
                    s.ask(),
                    s.sandbox()));
        }
        return agent;
    }

    /** Keeps what tells whether the process runs. */
    public static Pod pod(Pod pod) {
        PodStatus status = pod.getStatus();
        return new PodBuilder()
                .withMetadata(strip(pod))
                .withNewStatus()
                .withPhase(status == null ? null : status.getPhase())
                .withContainerStatuses(status == null ? List.of() : status.getContainerStatuses())
                .endStatus()
                .build();
    }

    /** Keeps whose it is and where it is in its life. */
    public static Pod sandbox(Pod pod) {
        return new PodBuilder()
                .withMetadata(strip(pod))
                .withNewStatus()
                .withPhase(pod.getStatus() == null ? null : pod.getStatus().getPhase())
                .endStatus()
                .build();
    }

    /** Drops bookkeeping only: a claim is small. */
    public static Lease claim(Lease lease) {
        strip(lease);
        return lease;
    }

    /** Drops what is only bookkeeping, a fifth of an object and more. */
    static ObjectMeta strip(HasMetadata object) {
        object.getMetadata().setManagedFields(null);
        return object.getMetadata();
    }
}
