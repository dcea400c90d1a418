package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Schedules fire at their times, once each. All that need a minute to pass begin together, and wait together. */
@Order(Spaces.LONG)
class ScheduleE2E {
    private static final String EVERY_MINUTE = "* * * * *";
    private static final String NEW_YEAR = "0 0 1 1 *";
    private static final String AUTHOR = "--as=author@example.org";
    private static final String LEAVER = "--as=leaver@example.org";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static Schedules schedules;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("schedule").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.create("Model", "say", Manifest.scripted("- then: {text: 'said {{input}}'}\n"));
        space.create("Agent", "say", "model: say\ninstructions: Say it.");
        space.create("Model", "sleep", Manifest.scripted("- then: {text: late, delayMillis: 600000}\n"));
        space.create("Agent", "sleep", "model: sleep\ninstructions: Sleep.");
        for (String user : List.of("author", "leaver")) {
            space.kubectl(
                            "create",
                            "rolebinding",
                            user,
                            "--clusterrole=wheelhouse-edit",
                            "--user=" + user + "@example.org")
                    .orThrow();
        }
        space.kubectl("create", "rolebinding", "viewer", "--clusterrole=wheelhouse-view", "--user=author@example.org")
                .orThrow();
        schedules = new Schedules(space);
        schedules.create("tick", EVERY_MINUTE, "say", "successfulRunsHistoryLimit: 2");
        schedules.create("forbid", EVERY_MINUTE, "sleep", "concurrencyPolicy: Forbid");
        schedules.create("queue", EVERY_MINUTE, "sleep", "concurrencyPolicy: Queue");
        schedules.create("replace", EVERY_MINUTE, "sleep", "concurrencyPolicy: Replace\nfailedRunsHistoryLimit: 5");
        schedules.create("edited", EVERY_MINUTE, "sleep", "maxRuns: 1");
        schedules.create("paused", EVERY_MINUTE, "say", "suspend: true");
        schedules.create("foreign", EVERY_MINUTE, "say", "");
        as(LEAVER, "departed", EVERY_MINUTE, "").orThrow();
    }

    @Test
    void each_time_has_exactly_one_run_of_its_name_in_the_author_s_name() {
        var status = schedules.await(
                "tick",
                "two runs",
                seen -> seen.counts() != null && seen.counts().succeeded() >= 2);
        List<Run> runs = schedules.runs("tick");
        var slots = new HashSet<String>();
        String me = schedules.get("tick").getSpec().requester();
        for (Run run : runs) {
            String slot = Schedules.slot(run);
            assertTrue(slots.add(slot), () -> "two runs for " + slot);
            assertEquals(Schedules.runName("tick", slot), run.getMetadata().getName());
            assertEquals(me, run.getSpec().requester());
            assertEquals("for " + slot, run.getSpec().input());
        }
        assertEquals(
                "for " + status.lastScheduleTime(),
                space.get(Schedules.runName("tick", status.lastScheduleTime()))
                        .getSpec()
                        .input());
        assertNotNull(status.nextScheduleTime());
        assertNotNull(status.lastSuccessfulTime());
        assertTrue(Schedules.is(status, "Ready", "True", "Ready"), status::toString);
        String row =
                space.kubectl("get", "asched", "tick", "--no-headers").orThrow().out();
        assertTrue(row.matches("(?s)tick +\\* \\* \\* \\* \\* +UTC +False +[01] .*"), row);
    }

    @Test
    void forbid_skips_and_says_why() {
        var status = schedules.await("forbid", "a skip", seen -> seen.lastSkip() != null);
        assertEquals("RunActive", status.lastSkip().reason());
        assertTrue(Schedules.skipped(status, "RunActive") >= 1, status::toString);
        assertEquals(1, schedules.runs("forbid").size());
        assertTrue(
                status.lastSkip().message().contains(status.active().getFirst().name()), status::toString);
    }

    @Test
    void queue_runs_one_after_the_other() {
        var waiting = schedules.await("queue", "a time that waits", seen -> seen.queue() != null);
        assertEquals(1, schedules.runs("queue").size());
        String next = Schedules.runName("queue", waiting.queue().getFirst());
        space.cancel(waiting.active().getFirst().name());
        Run run = space.awaitRun(next, "started", seen -> true);
        assertEquals(waiting.queue().getFirst(), Schedules.slot(run));
    }

    @Test
    void replace_waits_for_the_end_of_the_run_before() {
        schedules.await(
                "replace",
                "a second run",
                seen -> seen.counts() != null && seen.counts().runs() >= 2);
        List<Run> runs = schedules.runs("replace");
        assertEquals(1, runs.stream().filter(run -> !Runs.complete(run)).count(), runs::toString);
        assertEquals(RunPhase.Cancelled, Runs.phase(runs.getFirst()));
        assertFalse(
                runs.get(1)
                                .getMetadata()
                                .getCreationTimestamp()
                                .compareTo(runs.getFirst().getStatus().completionTime())
                        < 0,
                runs::toString);
    }

    @Test
    void an_edit_leaves_running_runs_alone_and_a_deletion_takes_them_along() {
        var status =
                schedules.await("edited", "complete", seen -> Schedules.is(seen, "Complete", "True", "NoMoreTimes"));
        String run = status.active().getFirst().name();
        space.awaitPhase(run, RunPhase.Running);
        space.patch("asched", "edited", "spec: {schedule: '0 0 1 1 *', maxRuns: 2}")
                .orThrow();
        var after = schedules.await(
                "edited",
                "next new year",
                seen -> seen.nextScheduleTime() != null
                        && seen.nextScheduleTime().contains("-01-01T"));
        assertEquals(run, after.active().getFirst().name());
        assertEquals(RunPhase.Running, Runs.phase(space.get(run)));
        space.kubectl("delete", "asched", "edited").orThrow();
        Space.await("no run without its Schedule", () -> space.find(run) == null);
    }

    @Test
    void suspended_does_not_fire_and_what_passed_meanwhile_is_forgotten() {
        schedules.await("tick", "a minute has passed", seen -> seen.lastScheduleTime() != null);
        assertEquals(List.of(), schedules.runs("paused"));
        assertTrue(Schedules.is(schedules.get("paused").getStatus(), "Suspended", "True", "Suspended"));
        space.patch("asched", "paused", "spec: {suspend: false}").orThrow();
        var status = schedules.await("paused", "awake", seen -> seen.lastSkip() != null);
        assertEquals("Suspended", status.lastSkip().reason());
        assertTrue(status.counts().skipped() >= 1, status::toString);
        assertEquals(status.counts().skipped(), Schedules.skipped(status, "Suspended"), status::toString);
    }

    @Test
    void nobody_schedules_in_the_name_of_somebody_else() {
        var forged = as(AUTHOR, "forged", NEW_YEAR, "requester: boss@example.org");
        assertFalse(forged.ok(), forged.out());
        assertTrue(
                forged.err().contains("spec.requester must be your own user name, author@example.org"), forged.err());
        var groups =
                as(AUTHOR, "forged", NEW_YEAR, "requester: author@example.org\nrequesterGroups: ['system:masters']");
        assertTrue(groups.err().contains("spec.requesterGroups may name only your own groups"), groups.err());
        // Nor by changing what a Schedule of somebody else does; suspending it is open to all who may edit.
        var changed = space.kubectl(
                AUTHOR,
                "patch",
                "asched",
                "forbid",
                "--type=merge",
                "-p",
                "spec: {runTemplate: {spec: {input: evil}}}");
        assertTrue(changed.err().contains("spec.requester must be your own user name"), changed.err());
        space.kubectl(AUTHOR, "patch", "asched", "forbid", "--type=merge", "-p", "spec: {suspend: true}")
                .orThrow();
        var posed = Kubectl.run(
                "{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, metadata: {name: posed, labels: {wheelhouse.dev/schedule-uid:"
                        + " x}}, spec: {agent: say, input: x}}",
                "-n",
                space.name(),
                AUTHOR,
                "create",
                "--dry-run=server",
                "-f",
                "-");
        assertTrue(posed.err().contains("marks the runs of a Schedule"), posed.err());
    }

    @Test
    void an_author_who_may_no_longer_create_runs_starts_none() {
        space.kubectl("delete", "rolebinding", "leaver").orThrow();
        var status = schedules.await(
                "departed",
                "refused",
                seen -> seen.lastSkip() != null && seen.lastSkip().reason().equals("NotAllowed"));
        assertTrue(Schedules.is(status, "Ready", "False", "NotAllowed"), status::toString);
        assertTrue(Schedules.message(status, "Ready").contains("leaver@example.org"), status::toString);
        assertTrue(Schedules.skipped(status, "NotAllowed") >= 1, status::toString);
        String before = status.lastSkip().time();
        assertTrue(schedules.runs("departed").stream()
                .allMatch(run -> Schedules.slot(run).compareTo(before) < 0));
        Space.await("one Event", () -> {
            String events = space.kubectl("get", "events", "--no-headers").out();
            return events.lines().filter(line -> line.contains("NotAllowed")).count() == 1;
        });
    }

    @Test
    void triggered_by_hand_it_runs_at_once_and_beside_its_times() {
        schedules.create("yearly", NEW_YEAR, "say", "");
        var first = PluginE2E.plugin(space, "trigger", "yearly", "--name", "yearly-now")
                .orThrow();
        assertTrue(first.out().contains("Run yearly-now was started."), first.out());
        Run run = space.awaitComplete("yearly-now");
        assertTrue(run.getStatus().result().startsWith("said for 20"), () -> Runs.describe(run));
        var again = PluginE2E.plugin(space, "trigger", "yearly", "--name", "yearly-now")
                .orThrow();
        assertTrue(again.out().contains("was started before"), again.out());
        assertEquals(1, schedules.runs("yearly").size());
        assertEquals(0, schedules.get("yearly").getStatus().counts().runs());
    }

    @Test
    void a_past_period_is_run_once() {
        schedules.create("daily", "0 3 * * *", "say", "successfulRunsHistoryLimit: 9");
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        String from = today.minusDays(4).toString();
        String to = today.minusDays(1).toString();
        schedules.await("daily", "seen", seen -> true);
        PluginE2E.plugin(space, "backfill", "daily", "--from", from, "--to", to).orThrow();
        schedules.await(
                "daily",
                "done",
                seen -> seen.backfill() != null
                        && Boolean.TRUE.equals(seen.backfill().complete()));
        List<String> names = schedules.runs("daily").stream()
                .map(run -> run.getMetadata().getName())
                .toList();
        List<String> expected = today.minusDays(4)
                .datesUntil(today.minusDays(1))
                .map(day -> Schedules.runName("daily", day + "T03:00:00Z"))
                .toList();
        assertEquals(expected, names);
        var again = PluginE2E.plugin(space, "backfill", "daily", "--from", from, "--to", to)
                .orThrow();
        assertTrue(again.out().contains("3 runs were started"), again.out());
    }

    @Test
    void a_run_of_that_name_that_is_not_its_own_stops_the_schedule_visibly() {
        // Names for the next minutes are taken by somebody else before they come.
        long minute = System.currentTimeMillis() / 60_000;
        for (long next = minute + 1; next <= minute + 3; next++) {
            String slot = java.time.Instant.ofEpochSecond(next * 60).toString();
            space.run(Schedules.runName("foreign", slot), "say", "mine", "");
        }
        var status = schedules.await(
                "foreign",
                "conflict",
                seen -> seen.lastSkip() != null && seen.lastSkip().reason().equals("NameConflict"));
        assertTrue(Schedules.is(status, "Ready", "False", "NameConflict"), status::toString);
        assertTrue(Schedules.skipped(status, "NameConflict") >= 1, status::toString);
        assertEquals(
                "mine",
                space.get(Schedules.runName("foreign", status.lastSkip().time()))
                        .getSpec()
                        .input());
    }

    @Test
    void an_expression_that_never_fires_says_so() {
        schedules.create("never", "59 23 31 2 *", "say", "");
        var status = schedules.await("never", "refused", seen -> Schedules.is(seen, "Ready", "False", "NeverFires"));
        assertTrue(Schedules.message(status, "Ready").contains("never fires"), status::toString);
    }

    private static Kubectl.Result as(String user, String name, String expression, String fields) {
        return Kubectl.run(
                Manifest.of("Schedule", name, Schedules.spec(expression, "say", fields)),
                "-n",
                space.name(),
                user,
                "create",
                "-f",
                "-");
    }
}
