package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Gives an agent the built-in tool {@code ask}: a question to a person, whose answer is the tool's result. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AskRule(
        @JsonPropertyDescription("Groups that may answer; empty: everybody with verb approve.") @Size(max = 16)
        List<@Size(max = 256) String> approverGroups,

        @JsonPropertyDescription("Seconds until the question expires.") @Min(10) @Max(31536000L) @Default("86400")
        Long expiresAfterSeconds,

        @JsonPropertyDescription("What expiry does: Reject (the model is told) or FailRun.") @Default("Reject")
        ApprovalRequest.OnExpiry onExpiry) {}
