package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * The baton: who may write this run's status and journal. The epoch only grows; whoever acts under a lower one is
 * fenced.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Execution(
        @JsonPropertyDescription("Number of assignments of this run so far; grows with each.") @Required
        Long epoch,

        @JsonPropertyDescription("Runtime pod that executes the run, or executed it last.") @Size(max = 253)
        String pod,

        @JsonPropertyDescription("UID of that pod.") @Size(max = 64)
        String podUID,

        @JsonPropertyDescription("Process that holds the baton: pod UID and a number drawn at each process start."
                + " Empty when nobody does.")
        @Size(max = 128)
        String holder) {}
