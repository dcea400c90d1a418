package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;

/** What a Run's status says, in words. */
final class RunLine {
    private RunLine() {}

    static RunPhase phase(Run run) {
        return run.getStatus() == null || run.getStatus().phase() == null
                ? RunPhase.Pending
                : run.getStatus().phase();
    }

    /** Phase, and why or what for: {@code Failed (LimitReached)}, {@code Waiting for Run/x}. */
    static String state(Run run) {
        RunPhase phase = phase(run);
        return switch (phase) {
            case Failed ->
                phase
                        + condition(run, ConditionType.SUCCEEDED)
                                .map(c -> " (" + c.getReason() + ")")
                                .orElse("");
            case Waiting ->
                run.getStatus().waitingFor() == null
                        ? phase.toString()
                        : phase + " for "
                                + Optional.ofNullable(
                                                run.getStatus().waitingFor().summary())
                                        .orElseGet(() -> String.join(", ", names(run)))
                                + noSandbox(run);
            case Queued ->
                run.getStatus().queuePosition() == null
                        ? phase.toString()
                        : phase + " (place " + run.getStatus().queuePosition() + ")";
            case Pending ->
                condition(run, ConditionType.ACCEPTED)
                        .filter(c -> "False".equals(c.getStatus()))
                        .map(c -> phase + " (" + c.getReason() + ": " + c.getMessage() + ")")
                        .orElse(phase.toString());
            case Running -> phase + noSandbox(run);
            case Succeeded, Cancelled -> phase.toString();
        };
    }

    /** Why there is no sandbox, if one is missing. */
    private static String noSandbox(Run run) {
        return condition(run, ConditionType.SANDBOX_READY)
                .filter(c -> "False".equals(c.getStatus()))
                .map(c -> " (" + c.getReason() + ": " + c.getMessage() + ")")
                .orElse("");
    }

    private static List<String> names(Run run) {
        return Optional.ofNullable(run.getStatus().waitingFor().names()).orElse(List.of());
    }

    /** Whether the run has ended. */
    static boolean complete(Run run) {
        return condition(run, ConditionType.COMPLETE)
                .filter(c -> "True".equals(c.getStatus()))
                .isPresent();
    }

    private static Optional<Condition> condition(Run run, String type) {
        return run.getStatus() == null || run.getStatus().conditions() == null
                ? Optional.empty()
                : run.getStatus().conditions().stream()
                        .filter(c -> type.equals(c.getType()))
                        .findFirst();
    }
}
