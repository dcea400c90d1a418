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

/** What to run. Everything but {@code cancel}, {@code activeDeadlineSeconds} and the retention is immutable. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.agent == oldSelf.agent",
        message = "spec.agent is immutable; create a new Run for another agent")
@ValidationRule(
        value = "self.input == oldSelf.input",
        message = "spec.input is immutable; create a new Run for another input")
@ValidationRule(
        value = "has(self.requester) == has(oldSelf.requester) && (!has(self.requester) || self.requester =="
                + " oldSelf.requester)",
        message = "spec.requester is immutable: it says who created the Run")
@ValidationRule(
        value = "has(self.parent) == has(oldSelf.parent) && (!has(self.parent) || self.parent == oldSelf.parent)",
        message = "spec.parent is immutable: it is set by the runtime that delegates")
@ValidationRule(
        value = "has(self.limits) == has(oldSelf.limits) && (!has(self.limits) || self.limits == oldSelf.limits)",
        message = "spec.limits is immutable: a run is held to the limits it started with; create a new Run")
@ValidationRule(
        value = "has(self.isolation) == has(oldSelf.isolation) && (!has(self.isolation) || self.isolation =="
                + " oldSelf.isolation)",
        message = "spec.isolation is immutable; create a new Run")
@ValidationRule(
        value = "has(self.thread) == has(oldSelf.thread) && (!has(self.thread) || self.thread == oldSelf.thread)",
        message = "spec.thread is immutable; create a new Run")
@ValidationRule(
        value = "has(self.files) == has(oldSelf.files) && (!has(self.files) || self.files == oldSelf.files)",
        message = "spec.files is immutable; create a new Run for other files")
@ValidationRule(
        value = "!oldSelf.cancel || self.cancel",
        message = "spec.cancel is one-way: a cancelled Run stays cancelled; create a new Run")
public record RunSpec(
        @JsonPropertyDescription("Name of the Agent in this namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String agent,

        @JsonPropertyDescription("What the agent is asked, as text.") @Required @Size(min = 1, max = 65536)
        String input,

        @JsonPropertyDescription("User name of the person who asks. A policy of the chart holds it to the creator's"
                + " own name, so that it can be trusted.")
        @Size(min = 1, max = 256)
        String requester,

        @JsonPropertyDescription("Limits for this run; they can only lower those of the Agent and the Tenant.")
        Limits limits,

        @JsonPropertyDescription("Shared (default) or Run: a runtime pod of its own for this run.")
        Isolation isolation,

        @JsonPropertyDescription("Set to true to cancel. One-way.") @Default("false")
        Boolean cancel,

        @JsonPropertyDescription("Seconds from the first start after which the operator ends the run, whatever it"
                + " does; as in a Job.")
        @Min(1)
        @Max(31536000L)
        Long activeDeadlineSeconds,

        @JsonPropertyDescription("Seconds to keep the Run after its end; then it is deleted with its journal. Unset"
                + " keeps it, as in a Job. The label wheelhouse.dev/keep: \"true\" keeps it in any case, as does an"
                + " Approval of it that is undecided.")
        @Min(0)
        @Max(315360000L)
        Long ttlSecondsAfterFinished,

        @JsonPropertyDescription("Set by the runtime on delegated runs: where the run comes from.")
        Parent parent,

        @JsonPropertyDescription("Name of a conversation. The run begins with the inputs and answers of the latest"
                + " run before it that succeeded and has the same thread, agent and requester; at most 20 of them and"
                + " 64 KiB. Runs of one thread also share a sandbox where the Agent's sandbox has scope Thread.")
        @Size(min = 1, max = 63)
        @Pattern(Names.LABEL)
        String thread,

        @JsonPropertyDescription("Files put into the sandbox's /workspace before its first command.") @Size(max = 16)
        List<InputFile> files) {

    /** A file for the sandbox. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record InputFile(
            @JsonPropertyDescription("Path below /workspace.") @Required @Size(min = 1, max = 255) @Pattern(Names.FILE)
            String path,

            @JsonPropertyDescription("Its content.") @Required
            ConfigMapKey configMap) {}

    /** Origin of a delegated run. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Parent(
            @JsonPropertyDescription("Name of the parent Run.") @Required @Size(min = 1, max = 253)
            String name,

            @JsonPropertyDescription("UID of the parent Run.") @Required @Size(min = 1, max = 64)
            String uid,

            @JsonPropertyDescription("Id of the tool call that delegated.") @Required @Size(min = 1, max = 128)
            String callId,

            @JsonPropertyDescription("How many parents there are above this run.") @Required @Min(1) @Max(10)
            Integer depth) {}
}
