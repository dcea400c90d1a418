package dev.wheelhouse.core.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.approval.Requests;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Canonical;
import java.time.Instant;
import java.util.List;

/**
 * Lets no call through that needs a person and has not been asked about. Once asked, never again: the record of the
 * question decides, whatever an expression would say later.
 */
public final class ApprovalGate implements Guard {
    private static final int MAX_CHOICES = 32;
    private static final int MAX_CHOICE = 256;
    private static final int MAX_SCHEMA = 65_536;

    private final Conditions conditions;

    public ApprovalGate(Conditions conditions) {
        this.conditions = conditions;
    }

    @Override
    public Step check(State state, Step step, Instant now) {
        if (!(step instanceof Step.CallTools(var planned)) || planned.stream().noneMatch(plan -> gated(state, plan))) {
            return step;
        }
        List<Planned> gated = planned.stream()
                .map(plan -> gated(state, plan) ? ask(state, (Planned.Execute) plan, now) : plan)
                .toList();
        List<Planned> possible =
                gated.stream().filter(plan -> !(plan instanceof Planned.Hold)).toList();
        return possible.isEmpty()
                ? new Step.Wait(new WaitReason.ForRequester(((Planned.Hold) gated.getFirst()).why()))
                : new Step.CallTools(possible);
    }

    /** A first attempt about which nobody was asked. */
    private static boolean gated(State state, Planned plan) {
        return plan instanceof Planned.Execute execute
                && execute.attempt() == 1
                && execute.tool().gate() != null
                && state.turns().getLast().calls().stream()
                        .noneMatch(call -> call.asked().equals(execute.asked()) && call.consent() != null);
    }

    private Planned ask(State state, Planned.Execute plan, Instant now) {
        PinnedTool tool = plan.tool();
        if (!tool.asks() && !needed(state, plan)) {
            return plan;
        }
        if (Canonical.text(plan.arguments()).length() > Requests.MAX_ARGUMENTS) {
            return refuse(
                    plan,
                    "A person must decide about this call, and the arguments are longer than the "
                            + Requests.MAX_ARGUMENTS + " characters that can be shown. Make a smaller call.");
        }
        if (tool.asks()) {
            String wrong = wrongQuestion(plan.arguments());
            return wrong == null
                    ? Requests.question(state, plan.asked(), tool, plan.arguments(), now)
                    : refuse(plan, wrong);
        }
        if (state.run().requester() == null) {
            return new Planned.Hold(
                    plan.asked(),
                    "'" + tool.name() + "' needs the approval of somebody else than who asked for this run, and"
                            + " spec.requester is not set: delete the Run and create it with spec.requester, your own"
                            + " user name (kubectl auth whoami)");
        }
        return Requests.toolCall(state, plan.asked(), tool, plan.arguments(), now);
    }

    private boolean needed(State state, Planned.Execute plan) {
        List<String> when = plan.tool().gate().when();
        if (when.isEmpty()) {
            return true;
        }
        var about = new Conditions.Case(
                plan.arguments(),
                state.run().id().name(),
                state.run().agent(),
                state.run().requester(),
                state.turns().size(),
                state.committed().costMicros());
        return when.stream().anyMatch(expression -> conditions.holds(expression, about));
    }

    private static String wrongQuestion(ObjectNode arguments) {
        JsonNode choices = arguments.path("choices");
        if (choices.size() > MAX_CHOICES) {
            return "More than " + MAX_CHOICES + " choices are too many.";
        }
        for (JsonNode choice : choices) {
            if (choice.asText().length() > MAX_CHOICE) {
                return "A choice has at most " + MAX_CHOICE + " characters.";
            }
        }
        if (!arguments.has("schema")) {
            return null;
        }
        if (arguments.get("schema").toString().length() > MAX_SCHEMA) {
            return "The schema of the answer is longer than " + MAX_SCHEMA + " characters.";
        }
        try {
            JsonSchema.of(arguments.get("schema"));
            return null;
        } catch (JsonSchema.Unusable e) {
            return "The schema of the answer is unusable: " + e.getMessage() + ".";
        }
    }

    private static Planned refuse(Planned.Execute plan, String message) {
        return new Planned.Refuse(plan.asked(), true, message);
    }
}
