package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A Run's sandbox: what its runtime asks the operator for, and what it got. Written by the runtime only. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SandboxState(
        @JsonPropertyDescription("The sandbox that the operator is to make; absent: none is needed now.")
        Request wanted,

        @JsonPropertyDescription(
                "Pod of the sandbox in use; a second or two after the run got it. The journal says it before.")
        @Size(max = 253)
        String pod,

        @JsonPropertyDescription("UID of that pod.") @Size(max = 64)
        String podUID,

        @JsonPropertyDescription("How many different pods the run's commands were sent to so far.")
        Integer number) {
    /** Nothing is asked for, and nothing was got. */
    public static final SandboxState NONE = new SandboxState(null, null, null, null);

    /** What a sandbox must be: copied from the Agent the run is pinned to, so that later edits do not matter. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Request(
            @JsonPropertyDescription("Who shares it: equal keys share one pod.") @Required @Size(min = 1, max = 63)
            String key,

            @JsonPropertyDescription("UID of the pod that was lost and is to be replaced; absent for the first.")
            @Size(max = 64)
            String after,

            @JsonPropertyDescription("Scope, as in the Agent.") @Required
            SandboxScope scope,

            @JsonPropertyDescription("Image.") @Required @Size(max = 512)
            String image,

            @JsonPropertyDescription("Resources.") @Required SandboxResources resources,

            @JsonPropertyDescription("Workspace.") @Required SandboxSpec.Workspace workspace,

            @JsonPropertyDescription("Seconds after which it stops by itself when idle.") @Required
            Integer idleSeconds,

            @JsonPropertyDescription("activeDeadlineSeconds of the pod.") @Required
            Integer maxSeconds,

            @JsonPropertyDescription("Whether it stays while the run waits.") @Required
            Boolean keepWhileWaiting) {}
}
