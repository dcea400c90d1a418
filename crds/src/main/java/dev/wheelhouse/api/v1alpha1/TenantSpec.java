package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Ceilings and placement for one namespace. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantSpec(
        @JsonPropertyDescription("Runs that may execute at once; more of them queue, first come first served. Waiting"
                + " runs do not count.")
        @Min(0)
        @Max(100000)
        @Default("500")
        Integer maxConcurrentRuns,

        @JsonPropertyDescription("Shared: runs of this namespace share runtime pods. Run: each run gets a pod of its"
                + " own, and no Run can choose otherwise.")
        @Default("Shared")
        Isolation isolation,

        @JsonPropertyDescription("The runtime pods of this namespace.")
        Runtime runtime,

        @JsonPropertyDescription("Where journals are kept.") Journal journal,

        @JsonPropertyDescription("Ceilings for every run of this namespace.")
        Limits limits,

        @JsonPropertyDescription("What is asked of approvals, and who hears of them.")
        TenantApprovals approvals,

        @JsonPropertyDescription("What is allowed to sandboxes.")
        TenantSandbox sandbox) {

    /** Runtime pods. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Runtime(
            @JsonPropertyDescription("Runtime pods while there is work. Two or more make recovery quick.")
            @Min(1)
            @Max(50)
            @Default("2")
            Integer replicas,

            @JsonPropertyDescription(
                    "Seconds without an unfinished run before the runtime is scaled to zero; 0 keeps" + " it.")
            @Min(0)
            @Max(604800)
            @Default("600")
            Integer idleSeconds,

            @JsonPropertyDescription("CPU request of a runtime pod, as a Kubernetes quantity.")
            @Size(max = 32)
            @Pattern(Names.CPU)
            @Default("100m")
            String cpu,

            @JsonPropertyDescription("Memory request and limit of a runtime pod, as a Kubernetes quantity.")
            @Size(max = 32)
            @Pattern(Names.MEMORY)
            @Default("512Mi")
            String memory) {}

    /** Journal storage. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "(has(self.store) && self.store == 'PersistentVolumeClaim') == has(self.claimName)",
            message = "spec.journal.claimName belongs to store 'PersistentVolumeClaim', which needs it")
    public record Journal(
            @JsonPropertyDescription("ConfigMap: journals are ConfigMaps owned by their Run. PersistentVolumeClaim:"
                    + " files on the claim named in claimName, mounted into the runtime pods.")
            @Default("ConfigMap")
            Store store,

            @JsonPropertyDescription("Name of the PersistentVolumeClaim in this namespace.")
            @Size(min = 1, max = 253)
            @Pattern(Names.DNS_1123)
            String claimName) {}

    /** Kind of journal store. */
    public enum Store {
        ConfigMap,
        PersistentVolumeClaim
    }
}
