package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What the platform team allows sandboxes of a namespace. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantSandbox(
        @JsonPropertyDescription("Images allowed: exact, or ending with * for everything that begins so. The first one"
                + " without * is the default. Absent: the chart's image and no other.")
        @Size(min = 1, max = 32)
        List<@Size(min = 1, max = 512) @Pattern(Names.IMAGE_PATTERN) String> images,

        @JsonPropertyDescription("RuntimeClass of sandbox pods, such as gvisor or kata; absent: the node's default.")
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String runtimeClassName,

        @JsonPropertyDescription(
                "Hosts that Agents may allow their sandboxes: exact, or *.domain. Absent: any; empty:" + " none.")
        @Size(max = 64)
        List<@Size(min = 1, max = 253) @Pattern(Names.HOST_PATTERN) String> hosts,

        @JsonPropertyDescription("Private networks that allowed hosts may lie in, as CIDRs. Loopback, link-local and"
                + " metadata addresses are never reached.")
        @Size(max = 16)
        List<@Size(min = 1, max = 64) @Pattern(Names.CIDR) String> privateNetworks,

        @JsonPropertyDescription("Certificates, as PEM, that the egress proxy trusts besides the public ones.")
        @Size(max = 65536)
        String caBundle,

        @JsonPropertyDescription("Ceilings of resources; an Agent that wants more is refused.")
        SandboxResources maxResources,

        @JsonPropertyDescription("As an Agent's requireIsolation, for all of them.") @Default("false")
        Boolean requireIsolation,

        @JsonPropertyDescription("Sandboxes kept ready, each for one run at most.")
        Warm warm) {

    /** Sandboxes that are started before they are needed. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Warm(
            @JsonPropertyDescription("How many.") @Min(0) @Max(100) @Default("0")
            Integer replicas,

            @JsonPropertyDescription("Their image; only agents with the same image and resources use them. Absent: the"
                    + " default image.")
            @Size(min = 1, max = 512)
            @Pattern(Names.IMAGE)
            String image,

            @JsonPropertyDescription("Their resources.") SandboxResources resources) {}
}
