package dev.wheelhouse.operator.domain.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec;
import java.util.function.Consumer;

/** Specs for tests: a minimal one with fields set as in YAML. */
final class Specs {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String UID = "6f1c0d5e-6a55-4f2f-8f46-0f5e8a7c2b11";

    private Specs() {}

    static ScheduleSpec spec(String schedule, Consumer<ObjectNode> edit) {
        ObjectNode spec = JSON.createObjectNode().put("schedule", schedule).put("requester", "alice");
        spec.putObject("runTemplate").putObject("spec").put("agent", "a").put("input", "hello");
        edit.accept(spec);
        try {
            return JSON.treeToValue(spec, ScheduleSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Policy policy(String schedule, Consumer<ObjectNode> edit) {
        return Policy.of(spec(schedule, edit), UID);
    }

    static Policy policy(String schedule) {
        return policy(schedule, spec -> {});
    }
}
