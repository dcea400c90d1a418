package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What a waiting run waits for. It holds no pod meanwhile. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WaitingFor(
        @JsonPropertyDescription("Kind of thing: Run (delegated), Approval (a person decides), InDoubt (an effect of"
                + " unknown outcome), or Resource (something that does not exist yet).")
        @Required
        Kind kind,

        @JsonPropertyDescription(
                "Names: of child Runs, of Approvals still pending, of call ids, of resources as kind/name.")
        @Size(max = 64)
        List<@Size(max = 320) String> names,

        @JsonPropertyDescription("One line for people.") @Size(max = 256)
        String summary,

        @JsonPropertyDescription("When the wait began.") @Size(max = 64)
        String since,

        @JsonPropertyDescription("When the operator tries again, for things that cannot be watched.") @Size(max = 64)
        String retryAt) {

    /** Kind of thing waited for. */
    public enum Kind {
        Run,
        Approval,
        InDoubt,
        Resource
    }
}
