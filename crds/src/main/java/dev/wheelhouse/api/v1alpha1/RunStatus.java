package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * Observed state of a {@link Run}. Written by the operator, or by the runtime that holds the baton, never by both at
 * once; always by a locked PUT.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(oldSelf.completionTime) || (has(self.completionTime) && self.completionTime =="
                + " oldSelf.completionTime && self.phase == oldSelf.phase)",
        message = "the run has ended: its phase and completionTime do not change any more")
@ValidationRule(
        value = "!has(oldSelf.execution) || (has(self.execution) && self.execution.epoch >= oldSelf.execution.epoch)",
        message = "status.execution.epoch never goes back")
public record RunStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("For people; conditions are the contract.")
        RunPhase phase,

        @JsonPropertyDescription("Accepted, Assigned, Waiting, Complete (on every end), Succeeded (says which end).")
        @Size(max = 16)
        List<Condition> conditions,

        @JsonPropertyDescription("Who executes the run.") Execution execution,

        @JsonPropertyDescription("Place in the tenant's queue, from 1, while queued.")
        Integer queuePosition,

        @JsonPropertyDescription("Model calls made so far; updated at most every few seconds.")
        Integer step,

        @JsonPropertyDescription("What the run has used.") Usage usage,

        @JsonPropertyDescription("What the run waits for, while it waits.")
        WaitingFor waitingFor,

        @JsonPropertyDescription("The final answer, at most 4096 characters; longer ones are cut with a marker that"
                + " says where the whole is.")
        @Size(max = 8192)
        String result,

        @JsonPropertyDescription("Digest of the specs the run was pinned to at its start.") @Size(max = 71)
        String pinnedDigest,

        @JsonPropertyDescription("Where the journal is.") JournalRef journal,

        @JsonPropertyDescription("The sandbox of an agent that runs code.")
        SandboxState sandbox,

        @JsonPropertyDescription("Files that the agent saved; kubectl wheelhouse artifacts fetches them.")
        @Size(max = 32)
        List<Artifact> artifacts,

        @JsonPropertyDescription("First start, RFC 3339.") @Size(max = 64)
        String startTime,

        @JsonPropertyDescription("End, RFC 3339; empty before.") @Size(max = 64)
        String completionTime) {

    /** A file that a run left, kept in ConfigMaps that go with the Run. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Artifact(
            @JsonPropertyDescription("Its name.") @Size(max = 255)
            String name,

            @JsonPropertyDescription("Bytes.") Long size,

            @JsonPropertyDescription("Digest of the content, as sha256:hex.") @Size(max = 71)
            String digest) {}

    /** The journal's place and head. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record JournalRef(
            @JsonPropertyDescription("Kind of store.") TenantSpec.Store store,
            @JsonPropertyDescription("Number of records.") Long records,

            @JsonPropertyDescription("Hash of the last record: it anchors the whole chain.") @Size(max = 71)
            String head) {}
}
