package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;

/** Where a request stands: written by the operator (phase) and by the runtime that uses the decision (consumption). */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(oldSelf.phase) || oldSelf.phase == 'Pending' || (has(self.phase) && (self.phase =="
                + " oldSelf.phase || (oldSelf.phase == 'Approved' && self.phase in ['Consumed', 'Withdrawn'])))",
        message = "a decided Approval stays decided; an approved one can only be consumed or withdrawn")
public record ApprovalStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("Where the request stands.")
        Phase phase,

        @JsonPropertyDescription("Verdict that counts, once decided.")
        Verdict verdict,

        @JsonPropertyDescription("Who decided, comma-separated.") @Size(max = 4352)
        String decidedBy,

        @JsonPropertyDescription("When the deciding decision was first seen, RFC 3339.") @Size(max = 64)
        String decidedAt,

        @JsonPropertyDescription("Whether the escalation groups may decide as well.")
        Boolean escalated,

        @JsonPropertyDescription("When each decision was first seen, by user name, RFC 3339.")
        Map<String, @Size(max = 64) String> observedDecisions,

        @JsonPropertyDescription(
                "Decisions that cannot be used and why, by user name. Whoever is named here may replace"
                        + " that decision.")
        Map<String, @Size(max = 4096) String> invalidDecisions,

        @JsonPropertyDescription("Use of the approval, once.")
        Consumption consumedBy,

        @JsonPropertyDescription("IdentityVerified: the policies that make decisions trustworthy are in force."
                + " DecisionValid: False names a decision that cannot be used and why. Notified: the Tenant's webhook took the"
                + " message.")
        @Size(max = 16)
        List<Condition> conditions) {

    /** The status of a request that nobody has written about yet. */
    public static final ApprovalStatus NONE =
            new ApprovalStatus(null, null, null, null, null, null, null, null, null, null);

    /** The same, but for these fields. */
    public ApprovalStatus with(Phase changedPhase, Consumption changedUse, List<Condition> changedConditions) {
        return new ApprovalStatus(
                observedGeneration,
                changedPhase,
                verdict,
                decidedBy,
                decidedAt,
                escalated,
                observedDecisions,
                invalidDecisions,
                changedUse,
                changedConditions);
    }

    /** The same, but no longer asked. */
    public ApprovalStatus withdrawn() {
        return with(Phase.Withdrawn, consumedBy, conditions);
    }

    /** Where a request stands. */
    public enum Phase {
        Pending,
        Approved,
        Rejected,
        Expired,
        /** Used: the effect was attempted, once. */
        Consumed,
        /** No longer needed: the run ended, or the call is asked about anew, edited or with a changed tool. */
        Withdrawn
    }

    /** The one use. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Consumption(
            @JsonPropertyDescription("Epoch of the run that used it.")
            Long epoch,

            @JsonPropertyDescription("When, RFC 3339.") @Size(max = 64)
            String at) {}
}
