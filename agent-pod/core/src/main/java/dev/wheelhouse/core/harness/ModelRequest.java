package dev.wheelhouse.core.harness;

import java.util.List;

/**
 * One model call.
 *
 * @param earlier how many of the messages are of earlier runs of the thread; they come first
 * @param tools as the model may see them: bound arguments are already taken out of the schema
 * @param step number of this model call in the run, from 1
 * @param attempt number of this attempt, from 1
 * @param maxOutputTokens bound for this call, already lowered to what the budget allows
 */
public record ModelRequest(
        RunId run,
        PinnedModel model,
        String instructions,
        List<Message> messages,
        int earlier,
        List<PinnedTool> tools,
        int step,
        int attempt,
        long maxOutputTokens) {}
