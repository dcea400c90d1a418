package dev.wheelhouse.runtime.boot;

import dev.wheelhouse.api.v1alpha1.Limits;
import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Ceilings of a namespace without a Tenant, as the chart sets them and the operator passes them on. */
@ConfigMapping(prefix = "wheelhouse.tenant.limits")
interface TenantLimits {
    Optional<Integer> steps();

    Optional<Integer> toolCalls();

    Optional<Long> tokens();

    Optional<Long> costMicros();

    Optional<Long> seconds();

    Optional<Integer> repairs();

    Optional<Integer> identicalCalls();

    Optional<Integer> depth();

    default Limits asLimits() {
        return new Limits(
                steps().orElse(null),
                toolCalls().orElse(null),
                tokens().orElse(null),
                costMicros().orElse(null),
                seconds().orElse(null),
                repairs().orElse(null),
                identicalCalls().orElse(null),
                depth().orElse(null));
    }
}
