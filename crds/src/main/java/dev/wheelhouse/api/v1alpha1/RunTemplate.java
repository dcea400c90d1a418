package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** The Run that a {@link Schedule} creates at each of its times. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunTemplate(
        @JsonPropertyDescription("Labels and annotations for each Run.")
        Metadata metadata,

        @JsonPropertyDescription("Spec of each Run.") @Required
        Spec spec) {

    /** Metadata that a template may set. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.labels) || self.labels.all(k, !k.startsWith('wheelhouse.dev/') && !k.contains('.wheelhouse.dev/'))",
            message = "labels of wheelhouse.dev are set by Wheelhouse; use a prefix of your own")
    @ValidationRule(
            value = "!has(self.annotations) || self.annotations.all(k, !k.startsWith('wheelhouse.dev/') &&"
                    + " !k.contains('.wheelhouse.dev/'))",
            message = "annotations of wheelhouse.dev are set by Wheelhouse; use a prefix of your own")
    @ValidationRule(
            value = "!has(self.labels) || self.labels.all(k,"
                    + " k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$') &&"
                    + " self.labels[k].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))",
            message = "labels must be valid Kubernetes labels, as in metadata.labels")
    public record Metadata(
            @JsonPropertyDescription("Labels, as in metadata.labels.") @Size(max = 32)
            Map<String, @Size(max = 63) String> labels,

            @JsonPropertyDescription("Annotations, as in metadata.annotations.") @Size(max = 32)
            Map<String, @Size(max = 4096) String> annotations) {}

    /** The part of a Run's spec that a template may set; the rest is the Schedule's to set. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Spec(
            @JsonPropertyDescription("Name of the Agent in this namespace.")
            @Required
            @Size(min = 1, max = 253)
            @Pattern(Names.DNS_1123)
            String agent,

            @JsonPropertyDescription("What the agent is asked, as text. {{ scheduledTime }}, {{ lastSuccessfulTime }}"
                    + " (both RFC 3339 in spec.timeZone; the second is empty before the first success) and"
                    + " {{ lastResult }} (result of the last successful run, at most 4096 characters) are replaced;"
                    + " any other name in double braces is refused.")
            @Required
            @Size(min = 1, max = 32768)
            String input,

            @JsonPropertyDescription("Limits for each run, as in a Run.")
            Limits limits,

            @JsonPropertyDescription("Shared (default) or Run, as in a Run.")
            Isolation isolation,

            @JsonPropertyDescription("Seconds from its first start after which a run is ended, as in a Run.")
            @Min(1)
            @Max(31536000L)
            Long activeDeadlineSeconds) {}
}
