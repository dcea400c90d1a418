package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret in the same namespace. The kubelet mounts it into the runtime; nothing reads it by API. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SecretKey(
        @JsonPropertyDescription("Name of the Secret in this namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_1123)
        String name,

        @JsonPropertyDescription("Key in the Secret.") @Required @Size(min = 1, max = 253) @Pattern(Names.KEY)
        String key) {}
