package dev.wheelhouse.core.guard;

import dev.wheelhouse.core.harness.Allowances;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Reserves the most that a model call can use before it is made: input by its bytes (a token has at least one), output by
 * its bound, which is lowered to what is left. What does not fit is not called. Child runs get shares of what is left.
 */
public final class Budget implements Guard {
    /** A call that could answer with fewer tokens than this is not worth its price. */
    static final long LEAST_OUTPUT = 64;

    /** What a provider's own format adds to a message or tool, at most. */
    private static final long OVERHEAD = 64;

    private static final long MILLION = 1_000_000;

    @Override
    public Step check(State state, Step step, Instant now) {
        return switch (step) {
            case Step.CallModel call -> reserve(state, call);
            case Step.CallTools(var planned) -> new Step.CallTools(share(state, planned, now));
            default -> step;
        };
    }

    private static Step reserve(State state, Step.CallModel call) {
        ModelRequest request = call.request();
        PinnedModel model = request.model();
        Limits limits = state.run().limits();
        Spend committed = state.committed();
        long input = inputBound(state, request);
        long output = model.maxOutputTokens();
        if (limits.tokens() != null) {
            long left = limits.tokens() - committed.tokens().total();
            output = Math.min(output, left - input);
            if (output < Math.min(LEAST_OUTPUT, model.maxOutputTokens())) {
                return reached("tokens", limits.tokens(), committed.tokens().total(), input);
            }
        }
        if (limits.costMicros() != null) {
            if (model.prices() == null || committed.costMicros() == null) {
                return new Step.Fail(
                        FailureReason.LIMIT_REACHED,
                        "costMicros: the cost cannot be bounded, as "
                                + (model.prices() == null ? "Model '" + model.name() + "'" : "a child run's model")
                                + " has no prices; set its prices or remove the limit");
            }
            output = Math.min(output, affordable(model.prices(), input, limits.costMicros() - committed.costMicros()));
            if (output < Math.min(LEAST_OUTPUT, model.maxOutputTokens())) {
                return reached("costMicros", limits.costMicros(), committed.costMicros(), input);
            }
        }
        TokenUsage most = new TokenUsage(input, 0, output);
        Long cost =
                model.prices() == null ? null : (Long) dearest(model.prices()).cost(most);
        return new Step.CallModel(withOutput(request, output), new Spend(most, cost), call.delay());
    }

    private static long affordable(Prices prices, long input, long leftMicros) {
        Prices dearest = dearest(prices);
        long left = leftMicros * MILLION - input * dearest.input();
        if (left < 0) {
            return -1;
        }
        return dearest.output() == 0 ? Long.MAX_VALUE : left / dearest.output();
    }

    /** Nobody knows beforehand what comes from a provider's cache. */
    private static Prices dearest(Prices prices) {
        long input = Math.max(prices.input(), prices.cachedInput());
        return new Prices(input, input, prices.output());
    }

    private static ModelRequest withOutput(ModelRequest request, long output) {
        return new ModelRequest(
                request.run(),
                request.model(),
                request.instructions(),
                request.messages(),
                request.earlier(),
                request.tools(),
                request.step(),
                request.attempt(),
                output);
    }

    private static Step reached(String limit, long most, long committed, long input) {
        return new Step.Fail(
                FailureReason.LIMIT_REACHED,
                limit + ": " + committed + " of " + most + " used, and the next model call may need " + input
                        + " input tokens");
    }

    /** All bytes; or, if the same model just told how much most of them were, that and the bytes that came since. */
    private static long inputBound(State state, ModelRequest request) {
        long all = bytes(request.instructions()) + bytes(request.messages()) + toolBytes(request);
        State.Turn last = state.lastTurn().orElse(null);
        if (last == null
                || !last.answer().model().equals(request.model().name())
                || last.answer().usage().input() <= 0) {
            return all;
        }
        int assistant = request.messages().size() - 1;
        while (assistant > 0 && !(request.messages().get(assistant) instanceof Message.Assistant)) {
            assistant--;
        }
        long since =
                bytes(request.messages().subList(assistant, request.messages().size()));
        return Math.min(all, last.answer().usage().input() + since);
    }

    private static long toolBytes(ModelRequest request) {
        return request.tools().stream()
                .mapToLong(tool -> OVERHEAD
                        + bytes(tool.name())
                        + bytes(tool.description() == null ? "" : tool.description())
                        + bytes(Json.write(tool.schema())))
                .sum();
    }

    private static long bytes(List<Message> messages) {
        return messages.stream()
                .mapToLong(message -> OVERHEAD + bytes(Json.write(content(message))))
                .sum();
    }

    private static Object content(Message message) {
        return switch (message) {
            case Message.User(var text) -> text;
            case Message.Assistant said ->
                said.raw() == null ? Map.of("text", said.text(), "calls", said.calls()) : said.raw();
            case Message.ToolOutput output -> output;
        };
    }

    private static long bytes(String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<Planned> share(State state, List<Planned> planned, Instant now) {
        int sharers = (int) planned.stream().filter(Budget::delegates).count();
        if (sharers == 0) {
            return planned;
        }
        Limits allowance = Allowances.remaining(state, now, sharers);
        return planned.stream()
                .map(plan -> delegates(plan) ? allow((Planned.Execute) plan, allowance) : plan)
                .toList();
    }

    private static boolean delegates(Planned plan) {
        return plan instanceof Planned.Execute execute && execute.tool().delegates() && execute.allowance() == null;
    }

    private static Planned allow(Planned.Execute plan, Limits allowance) {
        return new Planned.Execute(
                plan.asked(), plan.tool(), plan.arguments(), plan.attempt(), plan.retryOf(), allowance, plan.delay());
    }
}
