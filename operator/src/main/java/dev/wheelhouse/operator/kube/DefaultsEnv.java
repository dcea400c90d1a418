package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Limits;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The chart's defaults as environment of the runtimes, which cannot look them up. */
final class DefaultsEnv {
    private DefaultsEnv() {}

    /** {@code limits}: those of namespaces without a Tenant, or null. */
    static List<EnvVar> of(String sandboxImage, Limits limits) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (limits != null) {
            values.put("TENANT_LIMITS_STEPS", limits.steps());
            values.put("TENANT_LIMITS_TOOL_CALLS", limits.toolCalls());
            values.put("TENANT_LIMITS_TOKENS", limits.tokens());
            values.put("TENANT_LIMITS_COST_MICROS", limits.costMicros());
            values.put("TENANT_LIMITS_SECONDS", limits.seconds());
            values.put("TENANT_LIMITS_REPAIRS", limits.repairs());
            values.put("TENANT_LIMITS_IDENTICAL_CALLS", limits.identicalCalls());
            values.put("TENANT_LIMITS_DEPTH", limits.depth());
        }
        values.put("SANDBOX_IMAGE", sandboxImage);
        values.values().removeIf(Objects::isNull);
        return values.entrySet().stream()
                .map(e -> new EnvVarBuilder()
                        .withName("WHEELHOUSE_" + e.getKey())
                        .withValue(String.valueOf(e.getValue()))
                        .build())
                .toList();
    }
}
