package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.runtime.outbound.CappedText;
import dev.wheelhouse.runtime.outbound.WellFormed;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Optional;

/**
 * Gives a task to another Agent as a child Run of the same namespace. Reconcilable: the child's name follows from the
 * call, so a second attempt finds it instead of making another.
 */
final class DelegateTool implements ToolPort {
    private static final int MAX_INPUT = 65_536;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final ChildAnswers answers;

    DelegateTool(KubernetesClient client, ApiPermits permits, JournalStore journals) {
        this.client = client;
        this.permits = permits;
        this.answers = new ChildAnswers(journals);
    }

    @Override
    public ToolResult call(ToolInvocation call) throws InterruptedException {
        DelegateBinding binding = DelegateBinding.of(call.tool().binding());
        String agent = call.arguments().path("agent").asText("");
        JsonNode input = call.arguments().path("input");
        String refusal = refusal(call, binding, agent, input);
        if (refusal != null) {
            return new ToolResult.Failed(refusal);
        }
        Run child = ChildRun.of(call, agent, WellFormed.text(input.asText()), binding);
        try {
            Run created = permits.call(() ->
                    client.resource(child).inNamespace(call.run().namespace()).create());
            return ChildRun.result(created, new CappedText("", false));
        } catch (KubernetesClientException e) {
            return e.getCode() == CONFLICT
                    ? lookup(call).orElse(new ToolResult.Unknown("the child Run came and went"))
                    : notCreated(e);
        }
    }

    private static String refusal(ToolInvocation call, DelegateBinding binding, String agent, JsonNode input) {
        Limits left = call.remaining();
        if (!binding.agents().contains(agent)) {
            return "Agent '" + agent + "' may not be started; choose one of " + binding.agents();
        }
        if (!input.isTextual() || input.asText().isEmpty() || input.asText().length() > MAX_INPUT) {
            return "'input' must be a text of 1 to " + MAX_INPUT + " characters";
        }
        if (left.depth() <= 0) {
            return "This run may not delegate any deeper: its limit of depth is reached. Do the task yourself.";
        }
        if (left.tokens() != null && left.tokens() <= 0) {
            return "No tokens are left for another run.";
        }
        if (left.costMicros() != null && left.costMicros() <= 0) {
            return "No money is left for another run.";
        }
        return left.wallTime() != null && !left.wallTime().isPositive() ? "No time is left for another run." : null;
    }

    @Override
    public Optional<ToolResult> lookup(ToolInvocation call) throws InterruptedException {
        try {
            return existing(call);
        } catch (KubernetesClientException e) {
            stopIfInterrupted(e);
            return Optional.of(new ToolResult.Unknown("the API server did not answer (" + e.getCode() + ")"));
        }
    }

    private Optional<ToolResult> existing(ToolInvocation call) {
        Run run = permits.call(child(call)::get);
        if (run == null) {
            return Optional.empty();
        }
        return Optional.of(
                ChildRun.isOurs(run, call)
                        ? ChildRun.result(
                                run, CappedText.of(answers.of(run), call.tool().maxResponseBytes()))
                        : new ToolResult.Failed("A Run named "
                                + run.getMetadata().getName() + " exists already and is not a child of this run."));
    }

    private Resource<Run> child(ToolInvocation call) {
        return client.resources(Run.class).inNamespace(call.run().namespace()).withName(ChildRun.name(call));
    }

    /** A refusal (400 to 499) is definite; anything else leaves open whether the child exists. */
    private static ToolResult notCreated(KubernetesClientException e) throws InterruptedException {
        stopIfInterrupted(e);
        boolean definite = e.getCode() >= 400 && e.getCode() < 500 && e.getCode() != 408 && e.getCode() != 429;
        String words = e.getStatus() == null || e.getStatus().getMessage() == null
                ? "HTTP " + e.getCode()
                : e.getStatus().getMessage();
        return definite
                ? new ToolResult.Failed("The child Run was refused: " + words)
                : new ToolResult.Unknown("the API server did not confirm the child Run (" + e.getCode() + ")");
    }

    private static void stopIfInterrupted(KubernetesClientException e) throws InterruptedException {
        if (Thread.interrupted() || e.getCause() instanceof InterruptedException) {
            throw new InterruptedException();
        }
    }
}
