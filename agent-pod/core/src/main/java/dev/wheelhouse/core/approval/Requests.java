package dev.wheelhouse.core.approval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Words the questions that people are asked. Bounds are those of the API. */
public final class Requests {
    /** More cannot be shown, and what is not shown in full must not be approved. */
    public static final int MAX_ARGUMENTS = 131_072;

    private static final int MAX_SCHEMA = 65_536;
    private static final int MAX_SAYS = 4096;
    private static final int MAX_SUMMARY = 256;
    private static final int MAX_EXCLUDED = 32;
    private static final int MAX_RUN_NAME = 54;
    private static final int HASH_CHARS = 8;
    private static final int NONCE_CHARS = 32;

    private Requests() {}

    /** May this call be made with these arguments? */
    public static Planned.Ask toolCall(
            State state, ToolCall asked, PinnedTool tool, ObjectNode arguments, Instant now) {
        return new Asking(state, asked, tool.gate(), 0, now)
                .about(Request.Kind.ToolCall, ref(tool, tool.digest()), tool.effect(), Canonical.text(arguments))
                .summary(call(tool.name(), arguments))
                .editable(tool)
                .build();
    }

    /** What does a person answer? */
    public static Planned.Ask question(
            State state, ToolCall asked, PinnedTool tool, ObjectNode arguments, Instant now) {
        Asking asking = new Asking(state, asked, tool.gate(), 0, now)
                .about(Request.Kind.Question, ref(tool, tool.digest()), tool.effect(), Canonical.text(arguments))
                .summary(arguments.path("question").asText());
        if (arguments.path("choices").isArray()) {
            asking.choices = new ArrayList<>();
            arguments.get("choices").forEach(choice -> asking.choices.add(choice.asText()));
        }
        asking.schema = arguments.has("schema") ? Json.write(arguments.get("schema")) : null;
        asking.verdicts = List.of(Verdict.Respond, Verdict.Reject);
        return asking.build();
    }

    /** Did this call happen? */
    public static Planned.Ask inDoubt(State state, State.Call call, Instant now) {
        var intent = call.intent();
        String server = state.run().tool(intent.tool()).map(PinnedTool::server).orElse(null);
        String digest = state.run().tool(intent.tool()).map(PinnedTool::digest).orElse(null);
        Gate gate = inDoubtGate(state);
        int number = call.consent() == null ? 0 : call.consent().number() + 1;
        Asking asking = new Asking(state, call.asked(), gate, number, now)
                .about(
                        Request.Kind.InDoubt,
                        new Request.ToolRef(server, intent.tool(), digest),
                        intent.effect(),
                        Canonical.text(intent.arguments()))
                .summary("Did " + call(intent.tool(), intent.arguments()) + " happen? "
                        + call.doubt().reason());
        asking.verdicts = List.of(Verdict.Happened, Verdict.DidNotHappen, Verdict.Abort);
        return asking.build();
    }

    /**
     * The last question again, with what has changed since.
     *
     * @param arguments the edited ones, or those of the last question
     */
    public static Planned.Ask anew(State state, State.Call call, PinnedTool tool, ObjectNode arguments, Instant now) {
        var before = call.consent();
        var closed = before.closed();
        Gate gate = before.request().kind() == Request.Kind.InDoubt ? inDoubtGate(state) : tool.gate();
        String digest = closed.schemaDigest() == null ? before.request().tool().schemaDigest() : closed.schemaDigest();
        Asking asking = new Asking(state, call.asked(), gate, before.number() + 1, now)
                .about(
                        before.request().kind(),
                        new Request.ToolRef(
                                before.request().tool().server(),
                                before.request().tool().name(),
                                digest),
                        tool.effect(),
                        Canonical.text(arguments));
        if (before.request().excludedApprovers() != null) {
            asking.excluded.addAll(before.request().excludedApprovers());
        }
        asking.choices = before.request().choices();
        asking.schema = before.request().schema();
        asking.verdicts = before.request().verdicts();
        asking.supersedes = before.request().supersedes();
        asking.summary(before.request().summary());
        if (before.request().kind() == Request.Kind.ToolCall) {
            asking.summary(call(tool.name(), arguments));
        }
        if (closed.arguments() != null) {
            asking.excluded.add(closed.decidedBy());
            asking.supersedes = before.name();
        }
        return asking.build();
    }

    private static Gate inDoubtGate(State state) {
        return state.run().inDoubt() == null ? Gate.IN_DOUBT : state.run().inDoubt();
    }

    private static Request.ToolRef ref(PinnedTool tool, String digest) {
        return new Request.ToolRef(tool.server(), tool.name(), digest);
    }

    private static String call(String tool, ObjectNode arguments) {
        List<String> shown = new ArrayList<>();
        arguments.properties().forEach(e -> shown.add(e.getKey() + "=" + Json.write(e.getValue())));
        return tool + "(" + String.join(", ", shown) + ")";
    }

    /** A question in the making. */
    private static final class Asking {
        private final State state;
        private final ToolCall asked;
        private final Gate gate;
        private final int number;
        private final Instant now;
        private final Set<String> excluded = new LinkedHashSet<>();
        private Request.Kind kind;
        private Request.ToolRef tool;
        private EffectClass effect;
        private String arguments;
        private String summary;
        private String schema;
        private String supersedes;
        private List<String> choices;
        private List<Verdict> verdicts = List.of(Verdict.Approve, Verdict.Reject);

        Asking(State state, ToolCall asked, Gate gate, int number, Instant now) {
            this.state = state;
            this.asked = asked;
            this.gate = gate;
            this.number = number;
            this.now = now;
            if (state.run().requester() != null) {
                excluded.add(state.run().requester());
            }
        }

        Asking about(Request.Kind newKind, Request.ToolRef newTool, EffectClass newEffect, String newArguments) {
            kind = newKind;
            tool = newTool;
            effect = newEffect;
            arguments = newArguments;
            return this;
        }

        Asking summary(String line) {
            summary = Words.line(line, MAX_SUMMARY);
            return this;
        }

        Asking editable(PinnedTool of) {
            String text = Json.write(of.schema());
            if (gate.allowEdit() && text.length() <= MAX_SCHEMA) {
                schema = text;
                verdicts = List.of(Verdict.Approve, Verdict.Reject, Verdict.Edit, Verdict.Respond);
            }
            return this;
        }

        Planned.Ask build() {
            PinnedRun run = state.run();
            String seed = run.id().uid() + "/" + asked.id() + "/" + number;
            String hash = Canonical.sha256(seed.getBytes(StandardCharsets.UTF_8));
            String nonce = Canonical.sha256((seed + "/" + now).getBytes(StandardCharsets.UTF_8));
            String says = state.turns().getLast().answer().text();
            boolean full = excluded.size() >= MAX_EXCLUDED - 1;
            Request request = new Request(
                    kind,
                    new Request.RunRef(run.id().name(), run.id().uid()),
                    run.agent(),
                    asked.id(),
                    tool,
                    summary,
                    arguments,
                    risk(),
                    says.isBlank() ? null : Words.text(says, MAX_SAYS),
                    run.requester(),
                    excluded.isEmpty() ? null : List.copyOf(excluded),
                    gate.approverGroups().isEmpty() ? null : gate.approverGroups(),
                    gate.escalationGroups().isEmpty() ? null : gate.escalationGroups(),
                    gate.escalateAfter() == null ? null : time(gate.escalateAfter()),
                    gate.allowServiceAccounts() ? true : null,
                    gate.quorum(),
                    gate.rejectQuorum(),
                    full
                            ? verdicts.stream()
                                    .filter(verdict -> verdict != Verdict.Edit)
                                    .toList()
                            : verdicts,
                    schema,
                    choices,
                    time(gate.expiresAfter()),
                    gate.onExpiry(),
                    nonce.substring(0, NONCE_CHARS),
                    null,
                    supersedes,
                    run.root());
            String prefix = run.id().name();
            prefix = prefix.length() <= MAX_RUN_NAME
                    ? prefix
                    : prefix.substring(0, MAX_RUN_NAME).replaceAll("[-.]+$", "");
            return new Planned.Ask(asked, number, prefix + "-" + hash.substring(0, HASH_CHARS), request.hashed());
        }

        private Request.Risk risk() {
            return switch (effect) {
                case READ_ONLY -> Request.Risk.Low;
                case IDEMPOTENT, RECONCILABLE -> Request.Risk.Medium;
                case AT_MOST_ONCE -> Request.Risk.High;
            };
        }

        private String time(Duration after) {
            return now.plus(after).truncatedTo(ChronoUnit.SECONDS).toString();
        }
    }
}
