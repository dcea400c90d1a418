package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the input of a run may use. */
class InputTemplateTest {
    private static QuietCluster hourly(Consumer<ObjectNode> edit) {
        return new QuietCluster(Specs.policy("0 * * * *", edit));
    }

    @Test
    void theInputKnowsTimesAndTheLastResult() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Instant slot = Instant.parse("2026-05-04T06:30:00Z");
        var template = InputTemplate.of("{{scheduledTime}}|{{ lastSuccessfulTime }}|{{ lastResult }}");
        assertEquals("2026-05-04T08:30:00+02:00||", template.render(slot, null, null, berlin));
        assertEquals(
                "2026-05-04T08:30:00+02:00|2026-05-03T08:31:00+02:00|{{ scheduledTime }} $1 \\",
                template.render(slot, Instant.parse("2026-05-03T06:31:00Z"), "{{ scheduledTime }} $1 \\", berlin),
                "values are not read again");
        assertTrue(template.usesLastResult());
        assertFalse(InputTemplate.of("plain { text }").usesLastResult());
        var unknown = assertThrows(InvalidScheduleException.class, () -> InputTemplate.of("{{ secrets.key }}"));
        assertEquals(InvalidScheduleException.Reason.InvalidTemplate, unknown.reason());
        assertTrue(unknown.getMessage().contains("secrets.key"));
        assertThrows(
                InvalidScheduleException.class,
                () -> InputTemplate.of("{{ lastResult }}".repeat(20)).render(slot, null, "x".repeat(4096), berlin));
    }

    @Test
    void theLastResultIsRememberedOnlyWhereItIsUsed() {
        var without = hourly(spec -> {}).at("04T11:00").end("04 11:00", End.SUCCEEDED, 0);
        assertNull(without.state.lastResult());
        var with = hourly(spec -> ((ObjectNode) spec.at("/runTemplate/spec")).put("input", "{{ lastResult }}"));
        with.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0);
        assertEquals("result of 04 11:00", with.state.lastResult());
    }
}
