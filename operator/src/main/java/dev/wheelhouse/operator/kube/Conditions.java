package dev.wheelhouse.operator.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Lists of conditions: one of each type, whose transition time moves only with its status. */
final class Conditions {
    static final String TRUE = "True";
    static final String FALSE = "False";
    private static final int MAX_MESSAGE = 1024;

    private Conditions() {}

    static boolean is(List<Condition> conditions, String type, String status) {
        return conditions != null
                && conditions.stream().anyMatch(c -> type.equals(c.getType()) && status.equals(c.getStatus()));
    }

    /** The list with this condition set; the order of the others is kept. */
    static List<Condition> with(
            List<Condition> conditions,
            String type,
            String status,
            String reason,
            String message,
            Long generation,
            Instant now) {
        List<Condition> result = new ArrayList<>(conditions == null ? List.of() : conditions);
        int at = indexOf(result, type);
        String since = at >= 0 && status.equals(result.get(at).getStatus())
                ? result.get(at).getLastTransitionTime()
                : Times.format(now);
        Condition condition = new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…")
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
        if (at >= 0) {
            result.set(at, condition);
        } else {
            result.add(condition);
        }
        return result;
    }

    private static int indexOf(List<Condition> conditions, String type) {
        for (int i = 0; i < conditions.size(); i++) {
            if (type.equals(conditions.get(i).getType())) {
                return i;
            }
        }
        return -1;
    }
}
