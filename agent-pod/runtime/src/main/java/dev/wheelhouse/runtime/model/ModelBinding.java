package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.ScriptRule;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedModel;
import java.util.List;

/**
 * What an adapter needs of a Model and the journal keeps: names of things, never a secret value.
 *
 * @param endpoint base URL; null for the provider's public one
 * @param secret null for endpoints without a credential
 * @param script null but for scripted models
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelBinding(
        String endpoint, String model, SecretKey secret, Integer temperaturePercent, List<ScriptRule> script) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The binding of a Model, as it is pinned. */
    public static JsonNode of(ModelSpec spec) {
        return JSON.valueToTree(new ModelBinding(
                spec.endpoint(), spec.model(), spec.secret(), spec.temperaturePercent(), spec.script()));
    }

    static ModelBinding of(PinnedModel model) throws ModelException {
        try {
            return JSON.treeToValue(model.binding(), ModelBinding.class);
        } catch (JsonProcessingException e) {
            throw new ModelException(
                    ModelException.Kind.REJECTED,
                    "Model '" + model.name() + "' was pinned in a form that this runtime cannot read",
                    null);
        }
    }
}
