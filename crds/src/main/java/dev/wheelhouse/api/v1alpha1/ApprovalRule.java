package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** When a tool call needs a person, and which. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(self.mode == 'When') == has(self.when)",
        message = "approval.when belongs to mode 'When', which needs it: a CEL expression over args, run and cost")
public record ApprovalRule(
        @JsonPropertyDescription("Never, Always, or When an expression holds.") @Required
        Mode mode,

        @JsonPropertyDescription("CEL expression over args (the arguments), run (name, agent, requester, step) and"
                + " cost (micro-dollars so far). An expression that fails counts as true.")
        @Size(min = 1, max = 4096)
        String when,

        @JsonPropertyDescription("Groups that may decide; empty: everybody with verb approve.") @Size(max = 16)
        List<@Size(max = 256) String> approverGroups,

        @JsonPropertyDescription("Groups that may decide as well after escalateAfterSeconds.") @Size(max = 16)
        List<@Size(max = 256) String> escalationGroups,

        @JsonPropertyDescription("Seconds until the escalation groups may decide as well.") @Min(1) @Max(31536000L)
        Long escalateAfterSeconds,

        @JsonPropertyDescription("Approvals needed.") @Min(1) @Max(16) @Default("1")
        Integer quorum,

        @JsonPropertyDescription("Rejections that reject.") @Min(1) @Max(16) @Default("1")
        Integer rejectQuorum,

        @JsonPropertyDescription("Whether an approver may edit the arguments or answer instead of the tool.")
        @Default("false")
        Boolean allowEdit,

        @JsonPropertyDescription("Whether service accounts may decide.") @Default("false")
        Boolean allowServiceAccounts,

        @JsonPropertyDescription("Seconds until the request expires.") @Min(10) @Max(31536000L) @Default("86400")
        Long expiresAfterSeconds,

        @JsonPropertyDescription("What expiry does: Reject (the model is told) or FailRun.") @Default("Reject")
        ApprovalRequest.OnExpiry onExpiry) {

    /** When a call needs a person. Ordered: a Tenant's floor can only be raised. */
    public enum Mode {
        Never,
        When,
        Always
    }
}
