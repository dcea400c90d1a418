package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/** What a run has used so far, its child runs included. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Usage(
        @JsonPropertyDescription("Model calls.") Integer modelCalls,
        @JsonPropertyDescription("Tool calls.") Integer toolCalls,
        @JsonPropertyDescription("Input tokens.") Long inputTokens,
        @JsonPropertyDescription("Output tokens.") Long outputTokens,
        @JsonPropertyDescription("Cost in micro-dollars.") Long costMicros,

        @JsonPropertyDescription("The cost for people, in USD; 'unknown' without prices.") @Size(max = 32)
        String cost) {}
