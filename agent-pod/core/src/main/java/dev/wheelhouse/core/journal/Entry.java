package dev.wheelhouse.core.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Instant;
import java.util.List;

/** What a journal record says. The simple class name is the record's {@code type}, so it must never change. */
public sealed interface Entry {
    /** First record: everything the run is held to. */
    record RunStarted(PinnedRun run) implements Entry {}

    /** What the person asks. */
    record Input(String text) implements Entry {}

    /** Another process took over; the record's own epoch says which. From here on no lower epoch may write. */
    record Epoch(long previous) implements Entry {}

    /**
     * A model is about to be called.
     *
     * @param step number of the answer that is asked for, from 1
     * @param attempt number of this attempt at the step, from 1
     * @param reserved upper bound of what the call can use; charged if no record tells how the call ended
     */
    record ModelRequested(int step, int attempt, String model, long maxOutputTokens, Spend reserved) implements Entry {}

    /**
     * A model answered.
     *
     * @param calls with ids unique in the run
     * @param truncated whether the answer was cut at the bound of output tokens
     * @param costMicros micro-dollars; null if the price is unknown
     * @param raw the provider's own form, or null
     */
    record ModelResponded(
            int step,
            String model,
            String provider,
            String text,
            List<ToolCall> calls,
            boolean truncated,
            TokenUsage usage,
            Long costMicros,
            JsonNode raw)
            implements Entry {}

    /**
     * A model call ended without an answer.
     *
     * @param charged what it may have used
     * @param retryAfterMillis what the provider asked for, or null
     */
    record ModelFailed(
            int step,
            int attempt,
            String model,
            ModelException.Kind kind,
            String message,
            Spend charged,
            Long retryAfterMillis)
            implements Entry {}

    /**
     * A tool is about to be called.
     *
     * @param arguments what is sent, bound arguments included
     * @param argumentsHash {@code sha256:hex} of the canonical arguments
     * @param attempt from 1; every attempt has an intent of its own
     * @param retryOf why the attempt before has no outcome, or null for the first
     * @param allowance what the call may spend of the budget; null unless it delegates
     * @param place where it is made, see {@link dev.wheelhouse.core.effect.ToolPort#place}, and nowhere else; or null
     */
    record ToolIntent(
            String callId,
            String tool,
            EffectClass effect,
            ObjectNode arguments,
            String argumentsHash,
            String idempotencyKey,
            int attempt,
            String retryOf,
            Limits allowance,
            String place)
            implements Entry {}

    /**
     * What came of a call, or why it was not made.
     *
     * @param error whether the model sees it as an error
     * @param rejected whether the call was malformed and never made; counts against {@code limits.repairs}
     * @param truncated whether {@code content} was cut; it then ends with a marker that says so
     * @param spent what the call used of the budget; null unless it delegates
     */
    record ToolOutcome(
            String callId, String tool, boolean error, boolean rejected, String content, boolean truncated, Spend spent)
            implements Entry {}

    /** A guard sent the model's answer back to it with this message; counts against {@code limits.repairs}. */
    record GuardDecided(String guard, String message) implements Entry {}

    /** Nobody knows whether the call happened, and it must not be repeated: a person decides. */
    record InDoubt(String callId, String tool, String reason) implements Entry {}

    /**
     * A person must decide about this call. Written before the Approval is made; whether the call needs a person is
     * never asked again after that.
     *
     * @param number how often people were asked about this call before
     * @param name of the Approval
     */
    record ApprovalRequested(String callId, String tool, int number, String name, Request request) implements Entry {}

    /** The Approval was made; if it is missing from now on, somebody deleted it. */
    record ApprovalCreated(String callId, String name, String uid) implements Entry {}

    /**
     * The decision was used up, and what it allows follows.
     *
     * @param decidedBy user names
     * @param decidedAt when the decision was first seen
     * @param reason words of who decided, or null
     * @param answer in place of the tool's, or null
     */
    record ApprovalConsumed(
            String callId,
            String name,
            Verdict verdict,
            String decidedBy,
            Instant decidedAt,
            String reason,
            String answer)
            implements Entry {}

    /**
     * The question is closed, and the call may not be made on it.
     *
     * @param decidedBy user names, or null
     * @param decidedAt or null
     * @param reason words of who decided, or why it is asked anew; or null
     * @param arguments as somebody edited them, or null
     * @param schemaDigest of the tool's schema as it is now, if that is why; or null
     */
    record ApprovalResolved(
            String callId,
            String name,
            How how,
            String decidedBy,
            Instant decidedAt,
            String reason,
            String arguments,
            String schemaDigest)
            implements Entry {
        /** How it was closed. */
        public enum How {
            REJECTED,
            EXPIRED,
            /** Somebody deleted the Approval, which counts as a rejection. */
            DELETED,
            /** Somebody changed the arguments: somebody else is asked about those. */
            EDITED,
            ASK_ANEW,
            /** The tool does not exist any more, or does not take these arguments. */
            TOOL_GONE
        }

        /** The question is not there any more. */
        public static ApprovalResolved deleted(State.Consent consent) {
            return of(consent, How.DELETED, null, null);
        }

        /** Closed by nobody. */
        public static ApprovalResolved of(State.Consent consent, How how, String reason, String schemaDigest) {
            return new ApprovalResolved(
                    consent.request().callId(), consent.name(), how, null, null, reason, null, schemaDigest);
        }
    }

    /**
     * A model costs something else than when the run started; looked at after a wait, by runs with a limit of cost.
     *
     * @param prices null if they are not known any more
     */
    record PricesChanged(String model, Prices prices) implements Entry {}

    /** What a call does on its way, handed in by its adapter. It changes nothing in what the model sees. */
    sealed interface Note extends Entry {
        String callId();
    }

    /**
     * A command of the call asks to reach something outside of its sandbox. Without query, headers and body, which may
     * hold secrets.
     *
     * @param id unique in the run
     * @param path {@code ?…} at its end stands for a query
     * @param allowed whether it is about to be sent
     * @param reason why it is not, or null
     */
    record EgressRequested(
            String callId,
            String id,
            String method,
            String scheme,
            String host,
            int port,
            String path,
            boolean allowed,
            String reason)
            implements Note {}

    /**
     * How an allowed request ended. Missing if the process was lost, or the call was over before it.
     *
     * @param status of the answer that the command got, or 0 if there was none
     * @param requestBytes of the body that was sent
     * @param responseBytes of the body that was passed on
     * @param error what went wrong, or null
     */
    record EgressEnded(String callId, String id, int status, long requestBytes, long responseBytes, String error)
            implements Note {}

    /** The run ended because somebody cancelled it. */
    record Cancelled() implements Entry {}

    /** The run ended with an answer. */
    record Completed(String result) implements Entry {}

    /** The run ended without an answer. */
    record Failed(FailureReason reason, String message) implements Entry {}

    /** A record that this version does not understand. */
    record Unknown(String type, JsonNode raw) implements Entry {}
}
