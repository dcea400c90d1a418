package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Isolation;
import java.util.List;

/**
 * What delegation needs and the journal keeps.
 *
 * @param agents Agents of the run's own namespace that it may start
 * @param isolation as the parent's; null for the namespace's default
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DelegateBinding(List<String> agents, Isolation isolation) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public JsonNode json() {
        return JSON.valueToTree(this);
    }

    static DelegateBinding of(JsonNode pinned) {
        try {
            return JSON.treeToValue(pinned, DelegateBinding.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the tool was pinned in a form that this runtime cannot read");
        }
    }
}
