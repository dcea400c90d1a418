package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Desired behaviour of an {@link Agent}. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.instructions) != has(self.instructionsFrom)",
        message = "set exactly one of spec.instructions (inline text) and spec.instructionsFrom (a ConfigMap key)")
public record AgentSpec(
        @JsonPropertyDescription("One line for people: what this agent is for.") @Size(max = 256)
        String description,

        @JsonPropertyDescription("Name of the Model in this namespace that the agent thinks with.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String model,

        @JsonPropertyDescription("Models tried in this order when the model before keeps failing after its retries.")
        @Size(max = 4)
        List<@Size(min = 1, max = 253) @Pattern(Names.DNS_1123) String> fallbackModels,

        @JsonPropertyDescription("System instructions, inline. Set this or instructionsFrom.")
        @Size(min = 1, max = 65536)
        String instructions,

        @JsonPropertyDescription("System instructions from a ConfigMap key. Read once, when a run starts.")
        ConfigMapKey instructionsFrom,

        @JsonPropertyDescription("Tools the model may call. A tool that is not listed here does not exist for it.")
        @Size(max = 64)
        List<AgentTool> tools,

        @JsonPropertyDescription("Agents of this namespace that this agent may start as child runs, with the built-in"
                + " tool 'delegate'.")
        @Size(max = 16)
        List<Delegate> delegates,

        @JsonPropertyDescription("JSON Schema (draft 2020-12) that the final answer must satisfy; the answer is then"
                + " JSON. A wrong answer is returned to the model for repair within the limits.")
        @PreserveUnknownFields
        JsonNode outputSchema,

        @JsonPropertyDescription("Upper bound of tokens per model answer.") @Min(1) @Max(1000000) @Default("4096")
        Long maxOutputTokens,

        @JsonPropertyDescription("Limits of each run of this agent. A Run or Tenant can only lower them.")
        Limits limits,

        @JsonPropertyDescription("Gives the agent the built-in tool 'ask': it asks a person a question and goes on with"
                + " the answer. Absent: it cannot ask.")
        AskRule ask,

        @JsonPropertyDescription("Gives the agent the built-in tools shell, python, read_file, write_file, edit_file,"
                + " list_files and save_artifact, which work in an isolated pod. Absent: it cannot run code.")
        SandboxSpec sandbox) {}
