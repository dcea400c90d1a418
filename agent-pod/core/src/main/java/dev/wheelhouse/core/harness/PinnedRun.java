package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.money.Prices;
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
 * @param inDoubt who is asked about effects of unknown outcome; null in journals of old: {@link Gate#IN_DOUBT}
 * @param root name of the run at the top of the delegation; null if this is it
 * @param thread name of the conversation that the run belongs to, or null
 * @param history what earlier runs of the thread were asked and answered, oldest first; bounded by {@link History}.
 *     Never null; not in the journal if empty
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
        Instant startedAt,
        Gate inDoubt,
        String root,
        String thread,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<PastTurn> history) {
    public PinnedRun {
        history = history == null ? List.of() : List.copyOf(history);
    }

    /** A run at the top, with what holds where the Tenant says nothing of effects in doubt. */
    public PinnedRun(
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
        this(
                id,
                agent,
                instructions,
                input,
                models,
                tools,
                outputSchema,
                limits,
                requester,
                depth,
                startedAt,
                Gate.IN_DOUBT,
                null,
                null,
                List.of());
    }

    /** The same with other prices of one model. */
    PinnedRun priced(String model, Prices prices) {
        return new PinnedRun(
                id,
                agent,
                instructions,
                input,
                models.stream()
                        .map(m -> m.name().equals(model) ? m.priced(prices) : m)
                        .toList(),
                tools,
                outputSchema,
                limits,
                requester,
                depth,
                startedAt,
                inDoubt,
                root,
                thread,
                history);
    }

    /** The tool of that name, if the run has it. */
    public Optional<PinnedTool> tool(String name) {
        return tools.stream().filter(tool -> tool.name().equals(name)).findFirst();
    }
}
