package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Schedule;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which runs of a Schedule stay, which go, and when. */
class ScheduleRetentionE2E {
    private static final String NEW_YEAR = "0 0 1 1 *";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static Schedules schedules;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("retention").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("Model", "say", Manifest.scripted("- then: {text: 'said {{input}}'}\n"));
        space.create("Agent", "say", "model: say\ninstructions: Say it.");
        schedules = new Schedules(space);
    }

    @Test
    void a_marked_run_stays_beside_the_history_until_the_mark_goes() {
        schedules.create("kept", NEW_YEAR, "say", "successfulRunsHistoryLimit: 1");
        trigger("kept", "kept-1");
        space.kubectl("label", "arun", "kept-1", "wheelhouse.dev/keep=true").orThrow();
        trigger("kept", "kept-2");
        trigger("kept", "kept-3");
        Space.await("the run before the last to go", () -> space.find("kept-2") == null);
        assertNotNull(space.find("kept-1"));
        assertNotNull(space.find("kept-3"));
        space.kubectl("label", "arun", "kept-1", "wheelhouse.dev/keep-").orThrow();
        Space.await("the first to go", () -> space.find("kept-1") == null);
        assertNotNull(space.find("kept-3"));
    }

    @Test
    void a_schedule_deleted_in_the_foreground_is_gone_only_after_the_runs_of_its_times() {
        LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(2);
        schedules.create(
                "held",
                "0 3 * * *",
                "say",
                "backfill: {from: '" + day + "T00:00:00Z', to: '" + day.plusDays(1) + "T00:00:00Z'}");
        String run = Schedules.runName("held", day + "T03:00:00Z");
        space.awaitComplete(run);
        schedules.create("loose", NEW_YEAR, "say", "");
        trigger("loose", "loose-now");
        finalizers(run, "[example.org/hold]").orThrow();
        finalizers("loose-now", "[example.org/hold]").orThrow();
        try {
            delete("held", "--wait=false").orThrow();
            // Runs by hand hold nothing up, as Jobs by hand do not; once this one is gone, the collector has seen both.
            delete("loose", "--timeout=60s").orThrow();
            Space.await("the run to be told to go", () -> space.get(run).isMarkedForDeletion());
            Schedule held = schedules.get("held");
            assertNotNull(held, "the Schedule went before its run");
            assertTrue(held.isMarkedForDeletion());
        } finally {
            finalizers(run, "null");
            finalizers("loose-now", "null");
        }
        Space.await("no run", () -> space.find(run) == null && space.find("loose-now") == null);
        Space.await("no Schedule", () -> schedules.get("held") == null);
    }

    private static void trigger(String schedule, String run) {
        PluginE2E.plugin(space, "trigger", schedule, "--name", run).orThrow();
        space.awaitComplete(run);
    }

    private static Kubectl.Result finalizers(String run, String list) {
        return space.patch("arun", run, "metadata: {finalizers: " + list + "}");
    }

    private static Kubectl.Result delete(String schedule, String waiting) {
        return space.kubectl("delete", "asched", schedule, "--cascade=foreground", waiting);
    }
}
