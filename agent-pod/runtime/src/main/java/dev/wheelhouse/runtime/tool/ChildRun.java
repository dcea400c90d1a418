package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.Usage;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.outbound.CappedText;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A delegated run: its shape before, its meaning after. */
final class ChildRun {
    /** A Run's name has at most 52 characters; this leaves room for the suffix. */
    private static final int MAX_PARENT_NAME = 43;

    private static final int HASH_CHARS = 8;
    private static final int MAX_CALL_ID = 128;

    private ChildRun() {}

    /** The same for every attempt of the call, so that it exists at most once. */
    static String name(ToolInvocation call) {
        String parent = call.run().name();
        String cut = parent.length() <= MAX_PARENT_NAME
                ? parent
                : parent.substring(0, MAX_PARENT_NAME).replaceAll("[-.]+$", "");
        // sha256(run UID, call id): the idempotency key is just that.
        return cut + "-" + call.idempotencyKey().replaceFirst("^sha256:", "").substring(0, HASH_CHARS);
    }

    static Run of(ToolInvocation call, String agent, String input, DelegateBinding binding) {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withName(name(call))
                .withNamespace(call.run().namespace())
                .withLabels(Map.of(
                        Api.LABEL_PARENT,
                        call.run().uid(),
                        Api.LABEL_ROOT,
                        call.root() == null ? call.run().name() : call.root()))
                .addNewOwnerReference()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("Run")
                .withName(call.run().name())
                .withUid(call.run().uid())
                .withController(true)
                .withBlockOwnerDeletion(false)
                .endOwnerReference()
                .build());
        run.setSpec(new RunSpec(
                agent,
                input,
                call.requester(),
                limits(call),
                binding.isolation(),
                false,
                null,
                null,
                new RunSpec.Parent(call.run().name(), call.run().uid(), callId(call), call.depth() + 1),
                null,
                null));
        return run;
    }

    private static Limits limits(ToolInvocation call) {
        Duration wallTime = call.remaining().wallTime();
        return new Limits(
                null,
                null,
                call.remaining().tokens(),
                call.remaining().costMicros(),
                wallTime == null ? null : Math.max(1, wallTime.toSeconds()),
                null,
                null,
                call.remaining().depth() - 1);
    }

    private static String callId(ToolInvocation call) {
        return call.callId().length() <= MAX_CALL_ID
                ? call.callId()
                : call.callId().substring(0, MAX_CALL_ID);
    }

    static boolean isOurs(Run run, ToolInvocation call) {
        RunSpec.Parent parent = run.getSpec() == null ? null : run.getSpec().parent();
        return parent != null
                && parent.uid().equals(call.run().uid())
                && parent.callId().equals(callId(call))
                && run.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(call.run().uid()));
    }

    /**
     * What the child tells its parent now.
     *
     * @param answer its whole answer, if it has one
     */
    static ToolResult result(Run run, CappedText answer) {
        RunStatus status = run.getStatus();
        String name = run.getMetadata().getName();
        if (status == null || status.completionTime() == null || status.phase() == null) {
            return new ToolResult.Pending(new WaitReason.ForRuns(List.of(name)));
        }
        return switch (status.phase()) {
            case Succeeded -> new ToolResult.Succeeded(answer.text(), answer.cut(), spend(status.usage()));
            case Cancelled -> new ToolResult.Failed("Run " + name + " was cancelled.", spend(status.usage()));
            case Failed, Pending, Queued, Running, Waiting ->
                new ToolResult.Failed("Run " + name + " failed: " + why(status), spend(status.usage()));
        };
    }

    private static String why(RunStatus status) {
        return (status.conditions() == null ? List.<Condition>of() : status.conditions())
                .stream()
                        .filter(condition -> condition.getType().equals("Succeeded"))
                        .map(condition -> condition.getReason() + ", " + condition.getMessage())
                        .findFirst()
                        .orElse("no reason given");
    }

    private static Spend spend(Usage usage) {
        if (usage == null) {
            return Spend.NONE;
        }
        long input = usage.inputTokens() == null ? 0 : usage.inputTokens();
        long output = usage.outputTokens() == null ? 0 : usage.outputTokens();
        return new Spend(new TokenUsage(input, 0, output), usage.costMicros());
    }
}
