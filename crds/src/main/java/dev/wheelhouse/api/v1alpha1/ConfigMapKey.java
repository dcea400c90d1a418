package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a ConfigMap in the same namespace. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ConfigMapKey(
        @JsonPropertyDescription("Name of the ConfigMap in this namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String name,

        @JsonPropertyDescription("Key in the ConfigMap.") @Required @Size(min = 1, max = 253) @Pattern(Names.KEY)
        String key) {}
