package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.operator.domain.Problem;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Condition Ready of the kinds that runs refer to. */
public final class ReadyStatuses {
    private ReadyStatuses() {}

    /** The conditions with Ready set; {@code fine} is the message where there is no problem. */
    public static List<Condition> conditions(
            HasMetadata object, List<Condition> old, Optional<Problem> problem, String fine, Instant now) {
        return Conditions.with(
                old,
                ConditionType.READY,
                problem.isPresent() ? Conditions.FALSE : Conditions.TRUE,
                problem.map(Problem::reason).orElse("Ready"),
                problem.map(Problem::message).orElse(fine),
                object.getMetadata().getGeneration(),
                now);
    }
}
