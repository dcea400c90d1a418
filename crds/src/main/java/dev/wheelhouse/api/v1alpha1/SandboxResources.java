package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/** What a sandbox may use. The number of processes is bounded by its node ({@code podPidsLimit}). */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SandboxResources(
        @JsonPropertyDescription("CPU limit; a tenth of it is requested.")
        @Size(max = 32)
        @Pattern(Names.CPU)
        @Default("1")
        String cpu,

        @JsonPropertyDescription("Memory request and limit. 64Mi of it are for the daemon that runs the commands.")
        @Size(max = 32)
        @Pattern(Names.MEMORY)
        @Default("512Mi")
        String memory,

        @JsonPropertyDescription("Ephemeral storage request and limit: everything written outside a kept workspace.")
        @Size(max = 32)
        @Pattern(Names.MEMORY)
        @Default("1Gi")
        String disk) {}
