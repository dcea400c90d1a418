package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/**
 * Limits of one run, its delegated children included where that is said. The effective limit is the lowest of the
 * Tenant's, the Agent's and the Run's; an unset one does not limit beyond the built-in default named here. Reaching
 * one ends the run with reason {@code LimitReached} and the name of the limit.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Limits(
        @JsonPropertyDescription("Model calls, retries not counted. Built-in default 50.") @Min(1) @Max(10000)
        Integer steps,

        @JsonPropertyDescription("Tool calls, malformed ones included. Built-in default 200.") @Min(0) @Max(100000)
        Integer toolCalls,

        @JsonPropertyDescription("Input plus output tokens over all model calls, child runs included. Default: none.")
        @Min(1)
        @Max(1000000000L)
        Long tokens,

        @JsonPropertyDescription("Cost in micro-dollars (1000000 = 1 USD), child runs included. A run with this limit"
                + " is refused if a Model it uses has no price. Default: none.")
        @Min(1)
        @Max(1000000000000L)
        Long costMicros,

        @JsonPropertyDescription("Wall time in seconds from the first start, waiting included. Default: none.")
        @Min(1)
        @Max(31536000L)
        Long seconds,

        @JsonPropertyDescription("Calls with malformed arguments, unknown tools and answers that miss outputSchema,"
                + " which the model gets back for repair. Built-in default 5.")
        @Min(0)
        @Max(1000)
        Integer repairs,

        @JsonPropertyDescription("Identical consecutive tool calls (same tool, same arguments) before the loop breaker"
                + " ends the run. Built-in default 5.")
        @Min(2)
        @Max(1000)
        Integer identicalCalls,

        @JsonPropertyDescription("How deep this run may delegate: 0 forbids child runs. Built-in default 3.")
        @Min(0)
        @Max(10)
        Integer depth) {}
