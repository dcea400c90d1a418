package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** Observed state of a {@link Tenant}, written by the operator at most every few seconds. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("Runs that hold a runtime now.")
        Integer activeRuns,

        @JsonPropertyDescription("Runs that wait for a free place.")
        Integer queuedRuns,

        @JsonPropertyDescription("Runtime pods that are ready.")
        Integer readyRuntimes,

        @JsonPropertyDescription("Ready: the contract is in force; False says why not.") @Size(max = 16)
        List<Condition> conditions) {}
