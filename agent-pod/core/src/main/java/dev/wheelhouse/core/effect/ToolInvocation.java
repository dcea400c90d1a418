package dev.wheelhouse.core.effect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import java.time.Duration;

/**
 * One attempt of one tool call, after its intent became durable.
 *
 * @param arguments what is sent: the model's arguments, checked against the schema, with the author's bound ones put in
 * @param idempotencyKey {@code sha256(runUID, callId)}, the same for every attempt of this call
 * @param requester who asked for the run, or null
 * @param depth how many parents the run has
 * @param root name of the run at the top of the delegation, or null if that is the run itself
 * @param remaining what is left of the run's limits when the call starts; a child run gets no more than this
 * @param timeout longest time the attempt may take
 * @param place that its intent says, or null; see {@link ToolPort#place}
 * @param lastPlace that the intents of the run said last, or null
 * @param notes what the call does on its way goes here first
 */
public record ToolInvocation(
        RunId run,
        PinnedTool tool,
        String callId,
        ObjectNode arguments,
        String idempotencyKey,
        long epoch,
        String requester,
        int depth,
        String root,
        Limits remaining,
        Duration timeout,
        String place,
        String lastPlace,
        Notes notes) {
    /** The same with its way to the journal. */
    public ToolInvocation with(Notes open) {
        return new ToolInvocation(
                run,
                tool,
                callId,
                arguments,
                idempotencyKey,
                epoch,
                requester,
                depth,
                root,
                remaining,
                timeout,
                place,
                lastPlace,
                open);
    }
}
