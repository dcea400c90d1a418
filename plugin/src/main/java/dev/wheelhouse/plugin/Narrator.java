package dev.wheelhouse.plugin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells a journal as a story, record by record: who said what, what was called and what came of it, what failed and was
 * tried again, who took over, and what each step cost. A pure fold: equal journals give equal text.
 */
final class Narrator {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int KEY_PART = 12;

    private final int maxChars;
    private final Map<String, Instant> calledAt = new HashMap<>();
    private final Outside outside = new Outside();
    private LocalDate day;
    private Instant first;
    private Instant last;
    private int steps;
    private int calls;
    private Spend spent = Spend.NONE;
    private Instant askedAt;
    private Spend open;

    /** @param maxChars longest text of one message that is shown in full */
    Narrator(int maxChars) {
        this.maxChars = maxChars;
    }

    /** What the record says, in lines that are safe to print. */
    List<String> tell(JournalRecord record) {
        List<String> lines = new ArrayList<>();
        LocalDate date = record.at().atZone(ZoneOffset.UTC).toLocalDate();
        if (!date.equals(day)) {
            lines.add("-- " + date + " (times in UTC) --");
            day = date;
        }
        first = first == null ? record.at() : first;
        last = record.at();
        lines.addAll(entry(record.at(), record.epoch(), record.entry()));
        return lines;
    }

    /** Totals of what was told so far. */
    String totals() {
        Spend total = open == null ? spent : spent.plus(open);
        Duration took = first == null ? Duration.ZERO : Duration.between(first, last);
        return Amounts.count(steps, "step") + ", " + Amounts.count(calls, "tool call") + ", " + Amounts.spend(total)
                + ", " + Amounts.duration(took);
    }

    private List<String> entry(Instant at, long epoch, Entry entry) {
        return switch (entry) {
            case Entry.RunStarted started -> started(at, started.run());
            case Entry.Input input -> said(at, "person", input.text(), "");
            case Entry.Epoch taken -> {
                lost();
                yield said(
                        at,
                        "takeover",
                        "Another process took over (epoch " + taken.previous() + " to " + epoch + ").",
                        "");
            }
            case Entry.ModelRequested asked -> requested(at, asked);
            case Entry.ModelResponded answer -> answered(at, answer);
            case Entry.ModelFailed failed -> failed(at, failed);
            case Entry.ToolIntent intent -> intended(at, intent);
            case Entry.ToolOutcome outcome -> came(at, outcome);
            case Entry.GuardDecided decided -> said(at, "repair", "(" + decided.guard() + ") " + decided.message(), "");
            case Entry.InDoubt doubt ->
                said(
                        at,
                        "in doubt",
                        doubt.tool() + ": " + doubt.reason(),
                        "nobody knows whether the call happened, and it must not be repeated: a person decides");
            case Entry.ApprovalRequested asked ->
                said(
                        at,
                        "question",
                        asked.request().summary(),
                        "Approval " + asked.name() + ", until "
                                + asked.request().expiresAt());
            // Of use to machines: it tells a deleted Approval from one that was never made.
            case Entry.ApprovalCreated _ -> List.of();
            case Entry.ApprovalConsumed used ->
                said(
                        at,
                        "decided",
                        used.decidedBy() + ": " + used.verdict() + (used.reason() == null ? "" : ", " + used.reason()),
                        "Approval " + used.name() + since(at, used.decidedAt()));
            case Entry.ApprovalResolved closed -> said(at, "decided", resolved(closed), "Approval " + closed.name());
            case Entry.PricesChanged changed ->
                said(at, "prices", "Model " + changed.model() + " has other prices than at the start.", "");
            case Entry.EgressRequested asked -> said(at, "reaches", outside.asked(asked), "");
            case Entry.EgressEnded end -> said(at, "reached", outside.ended(end), "");
            case Entry.Cancelled _ -> ended(at, "cancelled", "Somebody cancelled the run.");
            case Entry.Completed completed -> {
                // In full: this is where a result points to that is too long for the Run's status.
                lost();
                yield told(at, "answer", completed.result(), "");
            }
            case Entry.Failed failed -> ended(at, "failed", failed.reason().condition() + ": " + failed.message());
            case Entry.Unknown unknown ->
                said(at, "unknown", "A record of type '" + unknown.type() + "', which this version does not know.", "");
        };
    }

    private List<String> started(Instant at, PinnedRun run) {
        List<String> lines = new ArrayList<>(said(
                at,
                "start",
                "Agent " + run.agent() + (run.requester() == null ? "" : ", asked by " + run.requester())
                        + (run.depth() == 0 ? "" : ", delegated (depth " + run.depth() + ")") + ".",
                ""));
        if (!run.history().isEmpty()) {
            lines.addAll(details("carries on thread " + run.thread() + " after run "
                    + run.history().getLast().run() + ", "
                    + Amounts.count(run.history().size(), "turn")));
        } else if (run.thread() != null) {
            lines.addAll(details("begins thread " + run.thread()));
        }
        lines.addAll(details(
                "models: " + run.models().stream().map(Narrator::model).collect(Collectors.joining(", then "))));
        if (!run.tools().isEmpty()) {
            lines.addAll(
                    details("tools: " + run.tools().stream().map(Narrator::tool).collect(Collectors.joining(", "))));
        }
        return lines;
    }

    private static String model(PinnedModel model) {
        return model.name() + " (" + model.provider() + ")";
    }

    private static String tool(PinnedTool tool) {
        return tool.name() + " (" + effect(tool.effect()) + ")";
    }

    private static String effect(EffectClass effect) {
        return switch (effect) {
            case READ_ONLY -> "readOnly";
            case IDEMPOTENT -> "idempotent";
            case RECONCILABLE -> "reconcilable";
            case AT_MOST_ONCE -> "atMostOnce";
        };
    }

    private List<String> requested(Instant at, Entry.ModelRequested asked) {
        lost();
        open = asked.reserved();
        askedAt = at;
        return asked.attempt() == 1
                ? List.of()
                : said(at, "asks", "Model " + asked.model() + " again, attempt " + asked.attempt() + ".", "");
    }

    private List<String> answered(Instant at, Entry.ModelResponded answer) {
        Spend cost = new Spend(answer.usage(), answer.costMicros());
        open = null;
        spent = spent.plus(cost);
        steps = Math.max(steps, answer.step());
        String note = "step " + answer.step() + ", model " + answer.model() + ", " + Amounts.spend(cost)
                + since(at, askedAt) + (answer.truncated() ? ", cut at its limit of output tokens" : "");
        return said(at, "model", answer.text().isBlank() ? "(no text)" : answer.text(), note);
    }

    private List<String> failed(Instant at, Entry.ModelFailed failed) {
        open = null;
        spent = spent.plus(failed.charged());
        return said(
                at,
                "no answer",
                "Model " + failed.model() + ", attempt " + failed.attempt() + ": " + failed.kind() + ": "
                        + failed.message(),
                failed.retryAfterMillis() == null
                        ? ""
                        : "the provider asks to wait "
                                + Amounts.duration(Duration.ofMillis(failed.retryAfterMillis())));
    }

    private List<String> intended(Instant at, Entry.ToolIntent intent) {
        calledAt.put(intent.callId(), at);
        calls += intent.attempt() == 1 ? 1 : 0;
        String again = intent.attempt() == 1 ? "" : ", attempt " + intent.attempt() + " because " + intent.retryOf();
        return said(
                at,
                "calls",
                intent.tool() + " " + arguments(intent.arguments()),
                effect(intent.effect()) + ", key " + part(intent.idempotencyKey()) + again);
    }

    private List<String> came(Instant at, Entry.ToolOutcome outcome) {
        if (outcome.spent() != null) {
            spent = spent.plus(outcome.spent());
        }
        calls += outcome.rejected() ? 1 : 0;
        String label = outcome.rejected() ? "rejected" : outcome.error() ? "error" : "result";
        String note = (outcome.spent() == null ? "" : "the child run used " + Amounts.spend(outcome.spent()))
                + (outcome.truncated() ? " (cut: larger than the journal keeps)" : "");
        return said(
                at,
                label,
                outcome.tool() + since(at, calledAt.remove(outcome.callId())) + ": " + outcome.content(),
                note);
    }

    private static String resolved(Entry.ApprovalResolved closed) {
        String who = closed.decidedBy() == null ? "somebody" : closed.decidedBy();
        String why = closed.reason() == null ? "" : ": " + closed.reason();
        return switch (closed.how()) {
            case REJECTED -> who + ": Reject" + why;
            case EXPIRED -> "nobody decided in time";
            case DELETED -> "the Approval was deleted, which counts as a rejection";
            case EDITED -> who + " changed the arguments to " + closed.arguments() + "; somebody else is asked";
            case ASK_ANEW -> "people are asked anew" + why;
            case TOOL_GONE -> "the call cannot be made any more" + why;
        };
    }

    private List<String> ended(Instant at, String label, String text) {
        lost();
        return said(at, label, text, "");
    }

    /** A model call whose process was lost counts at its upper bound, as the runtime counts it. */
    private void lost() {
        if (open != null) {
            spent = spent.plus(open);
            open = null;
        }
    }

    private static String arguments(ObjectNode arguments) {
        return arguments == null ? "{}" : Canonical.text(arguments);
    }

    private static String since(Instant at, Instant start) {
        return start == null ? "" : " after " + Amounts.duration(Duration.between(start, at));
    }

    private static String part(String key) {
        return key.substring(0, Math.min(KEY_PART, key.length()));
    }

    /** One message: its text, cut if long, and a note of ours below it. */
    private List<String> said(Instant at, String label, String text, String note) {
        return told(at, label, cut(text), note);
    }

    private static List<String> told(Instant at, String label, String text, String note) {
        List<String> body = new ArrayList<>(SafeText.lines(text));
        if (body.isEmpty()) {
            body.add("");
        }
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "%s  %-9s  %s", CLOCK.format(at), label, body.removeFirst())
                .stripTrailing());
        body.forEach(line -> lines.add(Layout.CONTINUED + line));
        if (!note.isEmpty()) {
            lines.addAll(details(note));
        }
        return lines;
    }

    private static List<String> details(String note) {
        return SafeText.lines(note).stream().map(line -> Layout.NOTE + line).toList();
    }

    private String cut(String text) {
        int more = text.length() - maxChars;
        return more <= 0
                ? text
                : text.substring(0, maxChars) + "\n... " + Amounts.count(more, "more character") + "; --full shows all";
    }
}
