package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/** Prices in micro-dollars per million tokens: 3 USD per million is 3000000. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Prices(
        @JsonPropertyDescription("Micro-dollars per million input tokens (3 USD per million: 3000000).")
        @Required
        @Min(0)
        @Max(1000000000000L)
        Long input,

        @JsonPropertyDescription("Micro-dollars per million output tokens.") @Required @Min(0) @Max(1000000000000L)
        Long output,

        @JsonPropertyDescription(
                "Micro-dollars per million input tokens read from the provider's cache; default: as" + " input.")
        @Min(0)
        @Max(1000000000000L)
        Long cachedInput) {}
