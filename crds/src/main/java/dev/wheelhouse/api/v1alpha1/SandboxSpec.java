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

/** The isolated pod in which an agent's commands run. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SandboxSpec(
        @JsonPropertyDescription("Image of the sandbox: any glibc image with a shell that the Tenant allows. Absent:"
                + " the Tenant's first image.")
        @Size(min = 1, max = 512)
        @Pattern(Names.IMAGE)
        String image,

        @JsonPropertyDescription("Who shares one sandbox. Run: nobody. Thread: runs of this agent with the same"
                + " spec.thread. Tenant: all runs of this agent in the namespace.")
        @Default("Run")
        SandboxScope scope,

        @JsonPropertyDescription("What the sandbox may use; the Tenant may set lower ceilings.")
        SandboxResources resources,

        @JsonPropertyDescription("The folder /workspace, where commands start.")
        Workspace workspace,

        @JsonPropertyDescription(
                "Seconds without a command after which the sandbox stops; the next command gets a" + " fresh one.")
        @Min(1)
        @Max(86400)
        @Default("300")
        Integer idleSeconds,

        @JsonPropertyDescription(
                "Seconds after which the sandbox is ended whatever it does, as" + " activeDeadlineSeconds of its pod.")
        @Min(10)
        @Max(604800)
        @Default("3600")
        Integer maxSeconds,

        @JsonPropertyDescription("Whether the sandbox stays while its run waits, such as for an approval.")
        @Default("false")
        Boolean keepWhileWaiting,

        @JsonPropertyDescription("Refuses every command unless the sandbox has shown that its network is closed; the"
                + " Run's condition NetworkIsolated says what it found.")
        @Default("false")
        Boolean requireIsolation,

        @JsonPropertyDescription("What commands may reach, through the runtime's proxy. Empty: nothing.")
        @Size(max = 16)
        List<EgressRule> egress,

        @JsonPropertyDescription("Caps of what a run's commands send and receive.")
        EgressLimits egressLimits) {

    /** Workspace of a sandbox. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Workspace(
            @JsonPropertyDescription("Whether its files outlive the pod, on a PersistentVolumeClaim that goes with the"
                    + " Run (scope Run) or with the Agent.")
            @Default("false")
            Boolean keep,

            @JsonPropertyDescription("Its size, as a Kubernetes quantity.")
            @Size(max = 32)
            @Pattern(Names.MEMORY)
            @Default("1Gi")
            String size,

            @JsonPropertyDescription("StorageClass of the claim; absent: the cluster's default.")
            @Size(min = 1, max = 253)
            @Pattern(Names.DNS_1123)
            String storageClassName) {}

    /** Something that commands may reach. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.credential) || !has(self.scheme) || self.scheme == 'https'",
            message = "a credential is only sent over https; set scheme to https")
    public record EgressRule(
            @JsonPropertyDescription("Host name, lower case; no wildcard.")
            @Required
            @Size(min = 1, max = 253)
            @Pattern(Names.HOST)
            String host,

            @JsonPropertyDescription("https (default): the proxy ends TLS with a CA made for the sandbox, so it sees"
                    + " method and path. http: in the clear.")
            @Default("https")
            Scheme scheme,

            @JsonPropertyDescription("Port; absent: that of the scheme.") @Min(1) @Max(65535)
            Integer port,

            @JsonPropertyDescription("Methods allowed.") @Size(min = 1, max = 16) @Default("[\"GET\", \"HEAD\"]")
            List<@Size(min = 1, max = 16) @Pattern(Names.METHOD) String> methods,

            @JsonPropertyDescription("Paths allowed: exact, or ending with * for everything that begins so. Without"
                    + " one nothing is allowed.")
            @Required
            @Size(min = 1, max = 32)
            List<@Size(min = 1, max = 512) @Pattern(Names.PATH) String> paths,

            @JsonPropertyDescription("Header that the proxy adds. The sandbox never has its value.")
            Credential credential) {}

    /** A header that the proxy adds to requests of one rule. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Credential(
            @JsonPropertyDescription("Name of the header.")
            @Size(min = 1, max = 128)
            @Pattern(Names.HEADER)
            @Default("Authorization")
            String header,

            @JsonPropertyDescription("Text before the value, such as 'Bearer '.") @Size(max = 64)
            String prefix,

            @JsonPropertyDescription("The value.") @Required SecretKey secret) {}

    /** How a host is spoken to. */
    public enum Scheme {
        https,
        http
    }

    /** Caps of a run's egress. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record EgressLimits(
            @JsonPropertyDescription("Requests of a run in all.") @Min(1) @Max(100000) @Default("1000")
            Integer requests,

            @JsonPropertyDescription("Requests of a run in a minute.") @Min(1) @Max(10000) @Default("120")
            Integer requestsPerMinute,

            @JsonPropertyDescription("Bytes of one request's body.") @Min(0) @Max(1073741824L) @Default("1048576")
            Long requestBytes,

            @JsonPropertyDescription("Bytes of one response's body.") @Min(0) @Max(1073741824L) @Default("10485760")
            Long responseBytes) {}
}
