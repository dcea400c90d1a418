package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class BackfillCommandTest {
    private static final ScheduleSpec.Backfill PERIOD =
            new ScheduleSpec.Backfill("2026-11-01T00:00:00Z", "2026-11-04T00:00:00Z");
    private static final UserInfo AMY =
            new UserInfoBuilder().withUsername("amy").withGroups("sea").build();

    @Test
    void one_s_own_schedule_gets_the_period_and_nothing_else() {
        assertEquals(
                "{\"spec\":{\"backfill\":{\"from\":\"2026-11-01T00:00:00Z\",\"to\":\"2026-11-04T00:00:00Z\"}}}",
                BackfillCommand.patch(schedule("amy", ""), PERIOD, AMY, false));
    }

    @Test
    void the_name_in_which_runs_act_changes_only_if_asked() {
        var refusal = assertThrows(
                CommandException.class, () -> BackfillCommand.patch(schedule("bob", ""), PERIOD, AMY, false));
        assertTrue(
                refusal.getMessage().contains("'bob'") && refusal.getMessage().contains("--in-my-name"));
        String patch = BackfillCommand.patch(schedule("bob", ""), PERIOD, AMY, true);
        assertTrue(patch.endsWith(",\"requester\":\"amy\",\"requesterGroups\":[\"sea\"]}}"), patch);
    }

    @Test
    void a_period_that_is_done_is_not_done_again() {
        String progress = "backfill: {from: '2026-11-01T00:00:00Z', to: '2026-11-04T00:00:00Z', runs: 3, complete: ";
        assertTrue(BackfillCommand.done(schedule("amy", progress + "true}"), PERIOD));
        assertFalse(BackfillCommand.done(schedule("amy", progress + "false}"), PERIOD));
        assertFalse(BackfillCommand.done(schedule("amy", ""), PERIOD));
    }

    @Test
    void a_day_begins_in_the_zone_of_the_schedule() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        assertEquals("2026-10-31T23:00:00Z", BackfillCommand.time("--from", "2026-11-01", berlin));
        assertEquals("2026-11-01T07:00:00Z", BackfillCommand.time("--from", "2026-11-01T08:00:00+01:00", berlin));
        var refusal = assertThrows(CommandException.class, () -> BackfillCommand.time("--to", "yesterday", berlin));
        assertTrue(refusal.getMessage().startsWith("--to 'yesterday'"));
    }

    private static Schedule schedule(String requester, String status) {
        return Serialization.unmarshal("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: report, namespace: shop}
                spec: {schedule: "30 8 * * *", requester: %s, runTemplate: {spec: {agent: clerk, input: x}}}
                status: {%s}
                """.formatted(requester, status), Schedule.class);
    }
}
