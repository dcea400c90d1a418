package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.guard.Limits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything a run is held to, copied when it started. Later edits of Agent, Model or ToolServer do not touch it.
 *
 * @param models the model and its fallbacks, in order
 * @param outputSchema null if the answer is free text
 * @param requester who asked, or null
 * @param depth how many parents the run has; 0 for a run of a person
 * @param startedAt first start
 */
public record PinnedRun(
        RunId id,
        String agent,
        String instructions,
        String input,
        List<PinnedModel> models,
        List<PinnedTool> tools,
        JsonNode outputSchema,
        Limits limits,
        String requester,
        int depth,
        Instant startedAt) {
    /** The tool of that name, if the run has it. */
    public Optional<PinnedTool> tool(String name) {
        return tools.stream().filter(tool -> tool.name().equals(name)).findFirst();
    }
}
