package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** An agent that may be started as a child run. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Delegate(
        @JsonPropertyDescription("Name of the Agent in this namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String agent,

        @JsonPropertyDescription("For the model: what to give this agent.") @Size(max = 1024)
        String description) {}
