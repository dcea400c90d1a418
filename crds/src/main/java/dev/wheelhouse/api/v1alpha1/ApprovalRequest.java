package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What is to be decided, in full, by whom, and until when. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ApprovalRequest(
        @JsonPropertyDescription("ToolCall: may this call be made? InDoubt: did it happen? Question: the agent asks.")
        @Required
        Kind kind,

        @JsonPropertyDescription("The run that waits.") @Required
        RunRef run,

        @JsonPropertyDescription(
                "The first Run of a chain of delegation, if the run was delegated: what people asked" + " for.")
        @Size(max = 253)
        String rootRun,

        @JsonPropertyDescription("Name of the Approval whose edit this one asks about.") @Size(max = 253)
        String supersedes,

        @JsonPropertyDescription("Agent of the run.") @Size(max = 253)
        String agent,

        @JsonPropertyDescription("Id of the tool call in the run.") @Required @Size(min = 1, max = 128)
        String callId,

        @JsonPropertyDescription("The tool.") @Required ToolRef tool,

        @JsonPropertyDescription("One line, written by the runtime: what would happen.") @Size(max = 256)
        String summary,

        @JsonPropertyDescription("The arguments in full, as canonical JSON text (RFC 8785): what is approved is exactly"
                + " what is sent.")
        @Required
        @Size(min = 2, max = 131072)
        String arguments,

        @JsonPropertyDescription("Risk, from the tool's effect class: Low, Medium or High.") @Required
        Risk risk,

        @JsonPropertyDescription("What the model said with the call. Words of a model: not to be trusted.")
        @Size(max = 4096)
        String modelSays,

        @JsonPropertyDescription("Who asked for the run.") @Size(max = 256)
        String requester,

        @JsonPropertyDescription("User names that may not decide, the requester among them.") @Size(max = 32)
        List<@Size(max = 256) String> excludedApprovers,

        @JsonPropertyDescription("Groups that may decide; empty: everybody with verb approve.") @Size(max = 16)
        List<@Size(max = 256) String> approverGroups,

        @JsonPropertyDescription("Groups that may decide as well once status.escalated is true.") @Size(max = 16)
        List<@Size(max = 256) String> escalationGroups,

        @JsonPropertyDescription("When the escalation groups may decide as well, RFC 3339.") @Size(max = 64)
        String escalatesAt,

        @JsonPropertyDescription("Whether service accounts may decide.")
        Boolean allowServiceAccounts,

        @JsonPropertyDescription("Approvals needed.") @Required @Min(1) @Max(16)
        Integer quorum,

        @JsonPropertyDescription("Rejections that reject.") @Required @Min(1) @Max(16)
        Integer rejectQuorum,

        @JsonPropertyDescription("Verdicts that are allowed.") @Required @Size(min = 1, max = 7)
        List<Verdict> verdicts,

        @JsonPropertyDescription("JSON Schema, as text, that edited arguments or an answer must satisfy.")
        @Size(max = 65536)
        String schema,

        @JsonPropertyDescription("Answers to choose from, for a question.") @Size(max = 32)
        List<@Size(max = 256) String> choices,

        @JsonPropertyDescription("When it expires, RFC 3339.") @Required @Size(max = 64)
        String expiresAt,

        @JsonPropertyDescription("What expiry does: Reject (the model is told) or FailRun. Never approval.") @Required
        OnExpiry onExpiry,

        @JsonPropertyDescription("Makes each request unlike any other.") @Required @Size(min = 8, max = 64)
        String nonce,

        @JsonPropertyDescription("SHA-256 over the canonical JSON of all other fields of this request.")
        @Required
        @Size(max = 71)
        @Pattern(Names.SHA256)
        String payloadHash) {

    /** What is asked. */
    public enum Kind {
        ToolCall,
        InDoubt,
        Question
    }

    /** How bad a wrong decision would be. */
    public enum Risk {
        Low,
        Medium,
        High
    }

    /** What happens at expiry. */
    public enum OnExpiry {
        Reject,
        FailRun
    }

    /** The waiting run. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RunRef(
            @JsonPropertyDescription("Name of the Run.") @Required @Size(min = 1, max = 253)
            String name,

            @JsonPropertyDescription("UID of the Run.") @Required @Size(min = 1, max = 64)
            String uid) {}

    /** The tool of the call. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ToolRef(
            @JsonPropertyDescription("ToolServer, or 'builtin'.") @Size(max = 253)
            String server,

            @JsonPropertyDescription("Name of the tool.") @Required @Size(min = 1, max = 64)
            String name,

            @JsonPropertyDescription("Digest of the tool's schema as the run was pinned to it.") @Size(max = 71)
            String schemaDigest) {}
}
