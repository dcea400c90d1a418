package dev.wheelhouse.plugin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Journals of runs to which everything happened. */
final class Stories {
    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Stories() {}

    static Entry.RunStarted started() {
        var model = new PinnedModel(
                "scripted", "scripted", new Prices(3_000_000, 3_000_000, 15_000_000), 4096, MINUTE, 4, NOTHING);
        return new Entry.RunStarted(new PinnedRun(
                Written.RUN,
                "buyer",
                "Buy.",
                "Order a wheel.",
                List.of(model),
                List.of(tool("place_order", EffectClass.IDEMPOTENT), tool("pay", EffectClass.AT_MOST_ONCE)),
                null,
                Limits.DEFAULT,
                "alice@example.org",
                0,
                Instant.parse("2026-03-01T10:00:00Z")));
    }

    static Entry.RunStarted inThread(List<PastTurn> history) {
        PinnedRun run = started().run();
        return new Entry.RunStarted(new PinnedRun(
                run.id(),
                run.agent(),
                run.instructions(),
                run.input(),
                run.models(),
                run.tools(),
                null,
                run.limits(),
                run.requester(),
                0,
                run.startedAt(),
                run.inDoubt(),
                null,
                "talk",
                history));
    }

    private static PinnedTool tool(String name, EffectClass effect) {
        return new PinnedTool(name, "d", "shop", "http", effect, NOTHING, NOTHING, MINUTE, 1024, NOTHING, "sha256:0");
    }

    static Entry.ModelRequested asked(int step, int attempt) {
        return new Entry.ModelRequested(
                step, attempt, "scripted", 4096, new Spend(new TokenUsage(100, 0, 4096), 61_740L));
    }

    static Entry.ModelResponded answered(int step, String text, ToolCall... calls) {
        return new Entry.ModelResponded(
                step, "scripted", "scripted", text, List.of(calls), false, new TokenUsage(120, 0, 30), 810L, null);
    }

    static Entry.ToolIntent calls(String callId, String tool, EffectClass effect, int attempt, String retryOf) {
        ObjectNode arguments = NOTHING.deepCopy();
        arguments.put("quantity", 1).put("item", "ship's wheel");
        return new Entry.ToolIntent(
                callId, tool, effect, arguments, "sha256:0", "0123456789abcdef0123", attempt, retryOf, null, null);
    }

    static Entry.ToolOutcome came(String callId, String tool, String content) {
        return new Entry.ToolOutcome(callId, tool, false, false, content, false, null);
    }

    /** Taken over in the middle of a call, with a failing model and a malformed call. */
    static Written survivor() {
        ToolCall order = new ToolCall("c1", "place_order", "{}");
        return new Written()
                .after(Duration.ZERO, started(), new Entry.Input("Order a wheel.\nPlease."), asked(1, 1))
                .after(
                        Duration.ofMillis(1500),
                        answered(1, "I will order it.", order),
                        calls("c1", "place_order", EffectClass.IDEMPOTENT, 1, null))
                .open(2)
                .after(
                        Duration.ofSeconds(5),
                        calls("c1", "place_order", EffectClass.IDEMPOTENT, 2, "the process that called was lost"))
                .after(Duration.ofMillis(8200), came("c1", "place_order", "{\"order\":\"A-1001\"}"), asked(2, 1))
                .after(
                        Duration.ofMillis(300),
                        new Entry.ModelFailed(
                                2,
                                1,
                                "scripted",
                                ModelException.Kind.RATE_LIMITED,
                                "429 Too Many Requests",
                                Spend.NONE,
                                2000L))
                .after(Duration.ofSeconds(2), asked(2, 2))
                .after(Duration.ofMillis(400), answered(2, "", new ToolCall("c2", "pay", "{")))
                .after(
                        Duration.ofMillis(1),
                        new Entry.ToolOutcome("c2", "pay", true, true, "arguments are not JSON", false, null),
                        asked(3, 1))
                .after(Duration.ofHours(15), answered(3, "Ordered: A-1001."), new Entry.Completed("Ordered: A-1001."));
    }

    /** Edited by one person, approved by another, and done. */
    static Written decided() {
        Instant seen = Instant.parse("2026-03-01T12:00:00Z");
        return new Written()
                .after(Duration.ZERO, started(), new Entry.Input("Pay."), asked(1, 1))
                .after(
                        Duration.ofSeconds(1),
                        answered(1, "Paying.", new ToolCall("c1", "pay", "{}")),
                        new Entry.ApprovalRequested("c1", "pay", 0, "order-0a1b2c3d", request("pay(quantity=1)")),
                        new Entry.ApprovalCreated("c1", "order-0a1b2c3d", "uid-a"))
                .after(
                        Duration.ofMinutes(5),
                        new Entry.ApprovalResolved(
                                "c1",
                                "order-0a1b2c3d",
                                Entry.ApprovalResolved.How.EDITED,
                                "bob",
                                seen,
                                null,
                                "{\"quantity\":2}",
                                null),
                        new Entry.ApprovalRequested("c1", "pay", 1, "order-4e5f6a7b", request("pay(quantity=2)")))
                .after(
                        Duration.between(Instant.parse("2026-03-01T10:05:01Z"), seen)
                                .plusMillis(400),
                        new Entry.ApprovalConsumed(
                                "c1", "order-4e5f6a7b", Verdict.Approve, "carol", seen, "INC-42", null),
                        calls("c1", "pay", EffectClass.AT_MOST_ONCE, 1, null),
                        came("c1", "pay", "paid"));
    }

    private static Request request(String summary) {
        return new Request(
                Request.Kind.ToolCall,
                new Request.RunRef("order", "uid-1"),
                "buyer",
                "c1",
                new Request.ToolRef("shop", "pay", "sha256:0"),
                summary,
                "{}",
                Request.Risk.High,
                null,
                "alice@example.org",
                List.of("alice@example.org"),
                null,
                null,
                null,
                null,
                1,
                1,
                List.of(Verdict.Approve, Verdict.Reject),
                null,
                null,
                "2026-03-02T10:00:01Z",
                Request.OnExpiry.Reject,
                "0123456789abcdef",
                null,
                null,
                null);
    }

    /** Ends in doubt, after a child run and a guard. */
    static Written doubtful() {
        return new Written()
                .after(Duration.ZERO, started(), new Entry.Input("Pay."), asked(1, 1))
                .after(
                        Duration.ofSeconds(1),
                        answered(1, "Paying.", new ToolCall("c1", "pay", "{}"), new ToolCall("c2", "delegate", "{}")),
                        calls("c1", "pay", EffectClass.AT_MOST_ONCE, 1, null),
                        calls("c2", "delegate", EffectClass.RECONCILABLE, 1, null))
                .after(
                        Duration.ofSeconds(70),
                        new Entry.ToolOutcome(
                                "c2",
                                "delegate",
                                false,
                                false,
                                "done",
                                false,
                                new Spend(new TokenUsage(1000, 0, 200), 6000L)),
                        new Entry.InDoubt("c1", "pay", "no answer within 30 s"),
                        new Entry.GuardDecided("outputSchema", "the answer is not an integer"),
                        new Entry.Failed(FailureReason.LIMIT_REACHED, "limits.steps (3) reached"));
    }
}
