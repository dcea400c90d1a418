package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** What one person decided. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Decision(
        @JsonPropertyDescription("One of spec.request.verdicts.") @Required
        Verdict verdict,

        @JsonPropertyDescription("Why. The model sees the reason of a rejection.") @Size(max = 4096)
        String reason,

        @JsonPropertyDescription("Verdict Edit: the new arguments, as JSON text; checked against the tool's schema.")
        @Size(min = 2, max = 131072)
        String arguments,

        @JsonPropertyDescription("Verdict Respond: the answer, which becomes the tool's result.")
        @Size(min = 1, max = 65536)
        String answer,

        @JsonPropertyDescription("Hash of the request as you saw it; a decision with another hash is refused.")
        @Size(max = 71)
        @Pattern(Names.SHA256)
        String payloadHash) {}
