package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Where a {@link Model} is and what it costs. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(self.provider == 'scripted') == has(self.script)",
        message = "spec.script belongs to provider 'scripted', which needs it; remove it or change spec.provider")
@ValidationRule(
        value = "self.provider == 'scripted' || has(self.model)",
        message = "spec.model is missing: the id under which the provider knows the model, such as 'gpt-5-mini'")
@ValidationRule(
        value = "self.provider != 'scripted' || !has(self.secret)",
        message = "spec.secret is not used by provider 'scripted'; remove it")
public record ModelSpec(
        @JsonPropertyDescription("Protocol: 'openai' (Chat Completions; any compatible endpoint), 'anthropic'"
                + " (Messages), or 'scripted' (deterministic answers from spec.script, for tests and demos).")
        @Required
        Provider provider,

        @JsonPropertyDescription("Base URL of the provider's API. Default: the provider's public one.")
        @Size(max = 2048)
        @Pattern(Names.URL)
        String endpoint,

        @JsonPropertyDescription("Id under which the provider knows the model.") @Size(min = 1, max = 256)
        String model,

        @JsonPropertyDescription("Secret key that holds the API key. Leave out for endpoints that need none.")
        SecretKey secret,

        @JsonPropertyDescription("Prices. Without them the cost of a run is unknown, and a cost limit refuses it.")
        Prices prices,

        @JsonPropertyDescription("Sampling temperature in hundredths (0 to 200); unset leaves it to the provider.")
        @Min(0)
        @Max(200)
        Integer temperaturePercent,

        @JsonPropertyDescription("Seconds until a call without a complete answer is given up.")
        @Min(1)
        @Max(3600)
        @Default("120")
        Integer timeoutSeconds,

        @JsonPropertyDescription("Attempts per model call for rate limits (429), server errors (5xx) and timeouts.")
        @Min(1)
        @Max(20)
        @Default("4")
        Integer attempts,

        @JsonPropertyDescription("Answers of provider 'scripted': the first rule that matches speaks.")
        @Size(min = 1, max = 64)
        List<ScriptRule> script) {}
