package dev.wheelhouse.core.approval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.guard.JsonSchema;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What follows for a call, and for its run, from how people decided about it. Pure. */
public final class Consequences {
    private static final int MOST_WORDS = 2048;

    private Consequences() {}

    /** The end of the run, if a decision calls for it. */
    public static Optional<Step> ofRun(List<State.Call> calls) {
        for (State.Call call : calls) {
            State.Consent consent = call.consent();
            if (call.settled() || consent == null) {
                continue;
            }
            if (consent.usable() && consent.granted().verdict() == Verdict.Abort) {
                var granted = consent.granted();
                return Optional.of(new Step.Fail(
                        FailureReason.ABORTED,
                        by(granted.decidedBy()) + " ended the run, as nobody knows whether '"
                                + call.asked().tool() + "' happened" + said(granted.reason())));
            }
            if (consent.closed() != null
                    && consent.closed().how() == Entry.ApprovalResolved.How.EXPIRED
                    && consent.request().onExpiry() == Request.OnExpiry.FailRun) {
                return Optional.of(new Step.Fail(
                        FailureReason.APPROVAL_EXPIRED,
                        "nobody decided about " + consent.request().summary() + " before "
                                + consent.request().expiresAt() + " (Approval " + consent.name() + ")"));
            }
        }
        return Optional.empty();
    }

    /** What to do about a call whose last question is closed, or granted and not used yet. */
    public static Planned of(State state, State.Call call, Instant now) {
        State.Consent consent = call.consent();
        if (consent.closed() != null) {
            return ofClosed(state, call, consent.closed(), now);
        }
        var granted = consent.granted();
        return switch (granted.verdict()) {
            case Approve -> execute(state, call, 1, null);
            case DidNotHappen ->
                execute(
                        state,
                        call,
                        call.intent().attempt() + 1,
                        by(granted.decidedBy()) + " found that the attempt before did not happen");
            case Respond -> new Planned.Answer(call.asked(), granted.answer());
            case Happened ->
                new Planned.Answer(
                        call.asked(),
                        "This call did happen, as " + by(granted.decidedBy()) + " found out; its own answer is lost"
                                + said(granted.reason()));
            // Approvals of these verdicts are never granted, or end the run.
            case Reject, Edit, Abort ->
                throw new IllegalStateException("nothing follows from a grant of " + granted.verdict());
        };
    }

    private static Planned execute(State state, State.Call call, int attempt, String retryOf) {
        PinnedTool tool =
                state.run().tool(call.consent().request().tool().name()).orElse(null);
        if (tool == null) {
            return new Planned.Refuse(call.asked(), false, "The tool is not among those of the run.");
        }
        return arguments(call.consent().request().arguments())
                .<Planned>map(arguments ->
                        new Planned.Execute(call.asked(), tool, arguments, attempt, retryOf, null, Duration.ZERO))
                .orElseGet(() -> new Planned.Refuse(call.asked(), false, "What was approved is no JSON object."));
    }

    private static Planned ofClosed(State state, State.Call call, Entry.ApprovalResolved closed, Instant now) {
        boolean doubt = call.consent().request().kind() == Request.Kind.InDoubt;
        String notMade = doubt ? "Nobody knows whether this call happened: " : "This call was not made: ";
        return switch (closed.how()) {
            case REJECTED -> refuse(call, notMade + by(closed.decidedBy()) + " rejected it" + said(closed.reason()));
            case EXPIRED -> refuse(call, notMade + "nobody decided about it in time.");
            case DELETED -> refuse(call, notMade + "the question was deleted, which counts as a rejection.");
            case TOOL_GONE -> refuse(call, notMade + closed.reason());
            case EDITED -> edited(state, call, closed, now);
            case ASK_ANEW ->
                arguments(call.consent().request().arguments())
                        .map(arguments -> anew(state, call, arguments, now))
                        .orElseGet(() -> refuse(call, notMade + "its arguments are no JSON object."));
        };
    }

    private static Planned edited(State state, State.Call call, Entry.ApprovalResolved closed, Instant now) {
        PinnedTool tool = state.run().tool(call.asked().tool()).orElse(null);
        ObjectNode arguments = arguments(closed.arguments()).orElse(null);
        if (tool == null || arguments == null) {
            return refuse(call, "This call was not made: the edited arguments are no JSON object.");
        }
        arguments.setAll(tool.bound());
        try {
            List<String> wrong = JsonSchema.of(tool.schema()).violations(arguments);
            return wrong.isEmpty()
                    ? anew(state, call, arguments, now)
                    : refuse(
                            call,
                            "This call was not made: the edited arguments do not match the tool's schema: "
                                    + String.join("; ", wrong) + ".");
        } catch (JsonSchema.Unusable e) {
            return refuse(call, "This call was not made: its tool's schema is unusable: " + e.getMessage() + ".");
        }
    }

    private static Planned anew(State state, State.Call call, ObjectNode arguments, Instant now) {
        return state.run()
                .tool(call.asked().tool())
                .<Planned>map(tool -> Requests.anew(state, call, tool, arguments, now))
                .orElseGet(() -> refuse(call, "The tool is not among those of the run."));
    }

    private static Planned refuse(State.Call call, String message) {
        return new Planned.Refuse(call.asked(), false, message);
    }

    private static Optional<ObjectNode> arguments(String text) {
        try {
            return Json.parse(text) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static String by(String users) {
        return users == null ? "somebody" : Words.line(users, 256);
    }

    private static String said(String reason) {
        return reason == null || reason.isBlank() ? "." : ", and said: " + Words.quote(reason, MOST_WORDS);
    }

    /** What the model is told ahead of the result of a call whose arguments a person changed; empty if none did. */
    public static String preface(State.Call call) {
        State.Consent consent = call.consent();
        if (consent == null
                || call.intent() == null
                || consent.request().kind() != Request.Kind.ToolCall
                || consent.request().supersedes() == null) {
            return "";
        }
        return "[A person changed the arguments of this call before it was made, to "
                + Words.line(consent.request().arguments(), MOST_WORDS)
                + ". Do not repeat it with the original ones.]\n";
    }
}
