package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One tool of a ToolServer that an agent may use. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentTool(
        @JsonPropertyDescription("Name of the ToolServer in this namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String server,

        @JsonPropertyDescription("Name of the tool on that server; the model sees it under this name.")
        @Required
        @Size(min = 1, max = 64)
        @Pattern(Names.TOOL)
        String name,

        @JsonPropertyDescription("Effect class for this agent. May only be stricter than what the ToolServer declares"
                + " (readOnly < idempotent < reconcilable < atMostOnce); default: as declared there.")
        EffectClass effect,

        @JsonPropertyDescription("Arguments fixed by the author, by name. They are hidden from the model, and what it"
                + " sends under these names is replaced.")
        @PreserveUnknownFields
        JsonNode bound,

        @JsonPropertyDescription("When a call needs a person. The Tenant may set a floor that this can only raise.")
        ApprovalRule approval) {}
