package dev.wheelhouse.core.drive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.money.TokenUsage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes of a model's reply, which is hostile, what may enter the journal. */
final class Replies {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final long MAX_TOKENS = 1_000_000_000;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private Replies() {}

    static Entry.ModelResponded entry(State state, ModelRequest request, ModelReply reply) {
        var text = Texts.cut(reply.text() == null ? "" : reply.text(), MAX_BYTES);
        List<ToolCall> asked = reply.calls() == null ? List.of() : reply.calls();
        List<ToolCall> calls = unique(state, request.step(), asked);
        TokenUsage usage = usage(reply.usage());
        var prices = request.model().prices();
        return new Entry.ModelResponded(
                request.step(),
                request.model().name(),
                request.model().provider(),
                text.text(),
                calls,
                reply.truncated() || text.cut(),
                usage,
                prices == null ? null : (Long) prices.cost(usage),
                raw(reply.raw(), text.cut() || !calls.equals(asked)));
    }

    /** The provider's own form is of no use once it says something else than we do. */
    private static JsonNode raw(JsonNode raw, boolean changed) {
        return raw == null || raw.isNull() || changed || Json.write(raw).length() > MAX_BYTES ? null : raw;
    }

    /** An id is the seed of an idempotency key: never may two calls of a run share one. */
    private static List<ToolCall> unique(State state, int step, List<ToolCall> asked) {
        Set<String> taken = new HashSet<>();
        state.turns()
                .forEach(turn ->
                        turn.calls().forEach(call -> taken.add(call.asked().id())));
        List<ToolCall> calls = new ArrayList<>();
        for (ToolCall call : asked) {
            String id = call.id();
            if (id == null || !ID.matcher(id).matches() || !taken.add(id)) {
                id = fresh(taken, "call_" + step + "_" + (calls.size() + 1));
            }
            String arguments = call.arguments() == null ? "" : call.arguments();
            calls.add(new ToolCall(
                    id,
                    Texts.cut(String.valueOf(call.tool()), 256).text(),
                    Texts.cut(arguments, MAX_BYTES).text()));
        }
        return List.copyOf(calls);
    }

    private static String fresh(Set<String> taken, String wanted) {
        String id = wanted;
        for (int i = 2; !taken.add(id); i++) {
            id = wanted + "_" + i;
        }
        return id;
    }

    private static TokenUsage usage(TokenUsage reported) {
        return reported == null
                ? TokenUsage.NONE
                : new TokenUsage(
                        bounded(reported.input()), bounded(reported.cachedInput()), bounded(reported.output()));
    }

    private static long bounded(long tokens) {
        return Math.clamp(tokens, 0, MAX_TOKENS);
    }
}
