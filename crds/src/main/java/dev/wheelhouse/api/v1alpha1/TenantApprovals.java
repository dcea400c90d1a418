package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** What the platform team asks of approvals in a namespace. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantApprovals(
        @JsonPropertyDescription("The least that is asked for: an Agent's own rule can only be stricter. Each floor"
                + " whose toolServer, tool and effects match a call holds.")
        @Size(max = 32)
        List<Floor> floors,

        @JsonPropertyDescription("Who is asked whether an effect of unknown outcome happened.")
        InDoubt inDoubt,

        @JsonPropertyDescription("Where people hear that something waits for them.") @JsonProperty("notify")
        Notify notification) {

    /** The least that is asked for some tools. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Floor(
            @JsonPropertyDescription("Holds for tools of this ToolServer; absent: of every one.")
            @Size(min = 1, max = 253)
            @Pattern(Names.DNS_1123)
            String toolServer,

            @JsonPropertyDescription("Holds for the tool of this name; absent: for every one.")
            @Size(min = 1, max = 64)
            @Pattern(Names.TOOL)
            String tool,

            @JsonPropertyDescription("Holds for tools of these effect classes; absent: for every one.") @Size(max = 4)
            List<EffectClass> effects,

            @JsonPropertyDescription("The rule.") @Required ApprovalRule rule) {}

    /** How an effect of unknown outcome is asked about. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record InDoubt(
            @JsonPropertyDescription("Groups that may decide; empty: everybody with verb approve.") @Size(max = 16)
            List<@Size(max = 256) String> approverGroups,

            @JsonPropertyDescription("Groups that may decide as well after escalateAfterSeconds.") @Size(max = 16)
            List<@Size(max = 256) String> escalationGroups,

            @JsonPropertyDescription("Seconds until the escalation groups may decide as well.") @Min(1) @Max(31536000L)
            Long escalateAfterSeconds,

            @JsonPropertyDescription("Equal verdicts needed.") @Min(1) @Max(16) @Default("1")
            Integer quorum,

            @JsonPropertyDescription("Seconds until the request expires.") @Min(10) @Max(31536000L) @Default("604800")
            Long expiresAfterSeconds,

            @JsonPropertyDescription(
                    "What expiry does: FailRun, or Reject (the model is told that the outcome stays" + " unknown).")
            @Default("FailRun")
            ApprovalRequest.OnExpiry onExpiry) {}

    /** A webhook that hears of pending approvals. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.url.startsWith('https://') || (has(self.allowPrivate) && self.allowPrivate)",
            message = "notify.url must be https://; plain http:// is for receivers inside the cluster and needs"
                    + " allowPrivate: true")
    public record Notify(
            @JsonPropertyDescription("URL that is posted to.") @Required @Size(max = 2048) @Pattern(Names.URL)
            String url,

            @JsonPropertyDescription("CloudEvents: a CloudEvents 1.0 JSON body. Slack: the body of a Slack-compatible"
                    + " incoming webhook.")
            @Default("CloudEvents")
            Format format,

            @JsonPropertyDescription("Signing key of Standard Webhooks ('whsec_' and base64); absent: unsigned.")
            SecretKey secretRef,

            @JsonPropertyDescription("Whether the message carries the arguments. They may be secret: off by default.")
            @Default("false")
            Boolean includeArguments,

            @JsonPropertyDescription("Whether the receiver may have a private address, such as that of a Service.")
            @Default("false")
            Boolean allowPrivate) {}

    /** Shape of a message. */
    public enum Format {
        CloudEvents,
        Slack
    }
}
