package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** One rule of a scripted model: if all of {@code when} holds, {@code then} is the answer. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScriptRule(
        @JsonPropertyDescription("All that is set must hold; an empty or missing 'when' always does.")
        When when,

        @JsonPropertyDescription("The answer.") @Required Then then) {

    /** Condition on the conversation. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record When(
            @JsonPropertyDescription("Number of this model call in the run, counted from 1.") @Min(1) @Max(10000)
            Integer step,

            @JsonPropertyDescription("Regular expression (RE2-like, found anywhere) on the last message: the input or"
                    + " the last tool result.")
            @Size(max = 1024)
            String lastMessage,

            @JsonPropertyDescription("Regular expression found anywhere in the run's input.") @Size(max = 1024)
            String input,

            @JsonPropertyDescription("Name of the tool whose result is the last message.")
            @Size(max = 64)
            @Pattern(Names.TOOL)
            String afterTool) {}

    /** Answer of the model. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Then(
            @JsonPropertyDescription("Text of the answer. {{input}}, {{lastMessage}} and {{history}} are replaced;"
                    + " the last is what earlier runs of the thread asked and answered, in lines.")
            @Size(max = 65536)
            String text,

            @JsonPropertyDescription("Tools to call, all at once.") @Size(max = 32)
            List<Call> calls,

            @JsonPropertyDescription("Milliseconds before the answer.") @Min(0) @Max(600000)
            Integer delayMillis,

            @JsonPropertyDescription("In how many parts the text streams.") @Min(1) @Max(1000)
            Integer chunks,

            @JsonPropertyDescription("Fail instead, as a provider would.")
            Fail fail,

            @JsonPropertyDescription("Tokens to report; default: one for each four characters.")
            Tokens tokens) {}

    /** A tool call of the model. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Call(
            @JsonPropertyDescription("Name of the tool.") @Required @Size(min = 1, max = 64)
            String tool,

            @JsonPropertyDescription(
                    "Arguments as an object. {{input}}, {{lastMessage}} and {{history}} in strings are" + " replaced.")
            @PreserveUnknownFields
            JsonNode arguments,

            @JsonPropertyDescription("Arguments as raw text, to play a model that sends malformed JSON.")
            @Size(max = 65536)
            String rawArguments) {}

    /** A failing provider. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Fail(
            @JsonPropertyDescription("HTTP status to fail with, 0 for a timeout.") @Required @Min(0) @Max(599)
            Integer status,

            @JsonPropertyDescription("Fail this many attempts of a model call, then answer; default: always.")
            @Min(1)
            @Max(100)
            Integer times,

            @JsonPropertyDescription("Seconds of the Retry-After header.") @Min(0) @Max(3600)
            Integer retryAfterSeconds) {}

    /** Token usage to report. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Tokens(
            @JsonPropertyDescription("Input tokens.") @Required @Min(0) @Max(100000000L)
            Long input,

            @JsonPropertyDescription("Output tokens.") @Required @Min(0) @Max(100000000L)
            Long output) {}
}
