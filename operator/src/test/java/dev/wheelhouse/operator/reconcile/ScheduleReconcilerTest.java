package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import dev.wheelhouse.operator.domain.schedule.RunNames;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator's clock is two minutes ahead of the creation of each Schedule: a time of every minute is due at once. */
class ScheduleReconcilerTest {
    private static final Duration AHEAD = Duration.ofMinutes(2);

    private StrictServer server;
    private KubernetesClient operatorClient;
    private OperatorUnderTest operator;
    private World world;
    private Schedules schedules;

    @BeforeEach
    void start() {
        server = new StrictServer();
        server.authors.add("alice");
        operatorClient = server.client("the-operator");
        world = new World(server.client(StrictServer.TEST_AGENT));
        schedules = new Schedules(world.client);
        operator = new OperatorUnderTest(operatorClient).start();
        operator.pass(AHEAD);
    }

    @AfterEach
    void stop() {
        operator.close();
        operatorClient.close();
        world.client.close();
        server.close();
    }

    @Test
    void aDueTimeStartsOneRunUnderItsNameInTheAuthorsName() {
        Schedule schedule = schedules.create("s", "alice", "");
        ScheduleStatus status = schedules.awaitStatus("s", seen -> seen.lastScheduleTime() != null);
        Run run = world.get(RunNames.of("s", Instant.parse(status.lastScheduleTime())));
        assertEquals("alice", run.getSpec().requester());
        assertEquals("for " + status.lastScheduleTime(), run.getSpec().input());
        assertEquals(
                schedule.getMetadata().getUid(),
                run.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals(
                status.lastScheduleTime(), run.getMetadata().getAnnotations().get(Api.ANNOTATION_SCHEDULED_TIME));
        assertEquals(
                status.lastScheduleTime().replaceAll("[-:]", ""),
                run.getMetadata().getLabels().get(Api.LABEL_SCHEDULED_TIME));
        assertEquals(status.counts().runs().intValue(), status.activeRuns());
        assertEquals("True", Schedules.condition(status, ConditionType.READY).getStatus());
        assertEquals(1, schedules.all().size(), "specs are never written");
        assertEquals(
                schedule.getMetadata().getGeneration(),
                schedules.all().getFirst().getMetadata().getGeneration());
    }

    @Test
    void runsOfOneConversationHaveTheScheduleSNameAsTheirThread() {
        schedules.create("talk", "alice", "thread: Same, concurrencyPolicy: Queue");
        ScheduleStatus status = schedules.awaitStatus("talk", seen -> seen.lastScheduleTime() != null);
        Run run = world.get(RunNames.of("talk", Instant.parse(status.lastScheduleTime())));
        assertEquals("talk", run.getSpec().thread());
        schedules.create("anew", "alice", "");
        status = schedules.awaitStatus("anew", seen -> seen.lastScheduleTime() != null);
        assertNull(world.get(RunNames.of("anew", Instant.parse(status.lastScheduleTime())))
                .getSpec()
                .thread());
    }

    @Test
    void anAuthorWhoMayNotCreateRunsStartsNoneAndThatIsSaidOnce() {
        schedules.create("s", "mallory", "");
        ScheduleStatus status = schedules.awaitStatus("s", seen -> seen.lastSkip() != null);
        assertEquals("NotAllowed", status.lastSkip().reason());
        assertEquals(
                "NotAllowed", Schedules.condition(status, ConditionType.READY).getReason());
        assertTrue(Schedules.condition(status, ConditionType.READY).getMessage().contains("mallory"));
        // More times come, and each is refused.
        operator.pass(Duration.ofMinutes(1));
        schedules.touch("s", "queueLimit: 7");
        schedules.awaitStatus("s", seen -> seen.counts().skipped() >= 2);
        operator.pass(Duration.ofMinutes(1));
        schedules.touch("s", "queueLimit: 8");
        var counts =
                schedules.awaitStatus("s", seen -> seen.counts().skipped() >= 3).counts();
        assertEquals(List.of(new ScheduleStatus.ReasonCount("NotAllowed", counts.skipped())), counts.skippedByReason());
        await().until(() -> !events("NotAllowed").isEmpty());
        assertEquals(1, events("NotAllowed").size());
        assertNull(events("NotAllowed").getFirst().getSeries(), "not even counted up");
        assertEquals(List.of(), runs());
        server.authors.add("mallory");
        operator.pass(Duration.ofMinutes(1));
        schedules.touch("s", "queueLimit: 9");
        schedules.awaitStatus(
                "s",
                seen -> "True"
                        .equals(Schedules.condition(seen, ConditionType.READY).getStatus()));
        // One, or two if a minute began meanwhile: but none of the times before.
        assertTrue(Set.of(1, 2).contains(runs().size()), () -> runs().toString());
    }

    @Test
    void aRunOfThatNameThatBelongsToSomebodyElseIsLeftAlone() {
        Instant minute = Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MINUTES);
        for (int i = -1; i <= 2; i++) {
            world.run(RunNames.of("s", minute.plusSeconds(60L * i)));
        }
        schedules.create("s", "alice", "");
        ScheduleStatus status = schedules.awaitStatus("s", seen -> seen.lastSkip() != null);
        assertEquals("NameConflict", status.lastSkip().reason());
        assertEquals(
                "NameConflict", Schedules.condition(status, ConditionType.READY).getReason());
        Run foreign = world.get(RunNames.of("s", Instant.parse(status.lastSkip().time())));
        assertEquals("hello", foreign.getSpec().input());
        assertEquals(0, status.counts().runs());
    }

    @Test
    void aRunThatAnOperatorStartedBeforeItDiedIsTakenIntoTheBooks() {
        Schedule schedule = schedules.create("s", "alice", "schedule: '0 0 1 1 *', suspend: true, onResume: RunLatest");
        schedules.awaitStatus(
                "s",
                seen -> "True"
                        .equals(Schedules.condition(seen, ConditionType.SUSPENDED)
                                .getStatus()));
        // A year's only time: no other can come in between.
        Instant slot =
                Instant.parse(Instant.now().atZone(ZoneOffset.UTC).plus(AHEAD).getYear() + 1 + "-01-01T00:00:00Z");
        operator.pass(Duration.between(Instant.now(), slot));
        String name = RunNames.of("s", slot);
        schedules.own(schedule, name, Map.of(Api.ANNOTATION_SCHEDULED_TIME, slot.toString()));
        schedules.touch("s", "suspend: false");
        ScheduleStatus status = schedules.awaitStatus("s", seen -> seen.counts().runs() >= 1);
        assertEquals(name, status.active().getFirst().name());
        assertEquals("first", world.get(name).getSpec().input());
    }

    @Test
    void aRunByHandUnderTheNameOfATimeDoesNotStandForIt() {
        Schedule schedule = schedules.create("s", "alice", "suspend: true, onResume: RunLatest");
        schedules.awaitStatus(
                "s",
                seen -> "True"
                        .equals(Schedules.condition(seen, ConditionType.SUSPENDED)
                                .getStatus()));
        Instant minute = Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MINUTES);
        for (int i = -1; i <= 2; i++) {
            schedules.own(
                    schedule,
                    RunNames.of("s", minute.plusSeconds(60L * i)),
                    Map.of(Api.ANNOTATION_INSTANTIATE, "manual"));
        }
        schedules.touch("s", "suspend: false");
        ScheduleStatus status = schedules.awaitStatus("s", seen -> seen.lastSkip() != null);
        assertEquals("NameConflict", status.lastSkip().reason());
        assertTrue(status.lastSkip().message().contains("by hand"), status::toString);
        assertEquals(0, status.counts().runs());
    }

    @Test
    void aScheduleThatHadNoTimesBeginsWhenItGetsSome() {
        schedules.create("never", "alice", "schedule: '0 0 30 2 *'");
        schedules.awaitStatus("never", ScheduleReconcilerTest::neverFires);
        schedules.create("paused", "alice", "suspend: true");
        schedules.awaitStatus("paused", seen -> seen.decidedUntil() != null);
        schedules.touch("paused", "schedule: \"0 0 30 2 *\"");
        schedules.awaitStatus("paused", ScheduleReconcilerTest::neverFires);
        operator.pass(Duration.ofMinutes(10));
        schedules.touch("paused", "suspend: false");
        for (String name : List.of("never", "paused")) {
            schedules.touch(name, "schedule: \"* * * * *\"");
            ScheduleStatus status = schedules.awaitStatus(
                    name,
                    seen -> "True"
                                    .equals(Schedules.condition(seen, ConditionType.READY)
                                            .getStatus())
                            && seen.counts() != null);
            assertEquals(0, status.counts().missed(), name);
            assertEquals(0, status.counts().skipped(), name);
        }
    }

    private static boolean neverFires(ScheduleStatus status) {
        return "NeverFires"
                .equals(Schedules.condition(status, ConditionType.READY).getReason());
    }

    @Test
    void runsBeyondTheHistoryAreDeleted() {
        Schedule schedule = schedules.create("s", "alice", "suspend: true, successfulRunsHistoryLimit: 1");
        schedules.awaitStatus("s", seen -> seen.decidedUntil() != null);
        for (String end : List.of("08", "10", "09")) {
            schedules.own(schedule, "by-hand-" + end, Map.of(Api.ANNOTATION_INSTANTIATE, "manual"));
            world.succeeded("by-hand-" + end, end);
        }
        await().until(() -> runs().size() == 1);
        assertEquals("by-hand-10", runs().getFirst().getMetadata().getName());
    }

    @Test
    void aPeriodWhoseTimesAllRanIsDoneAtOnce() {
        Schedule schedule = schedules.create("s", "alice", "schedule: '0 0 1 1 *'");
        schedules.awaitStatus("s", seen -> seen.decidedUntil() != null);
        for (int year = 2020; year <= 2025; year++) {
            Instant slot = Instant.parse(year + "-01-01T00:00:00Z");
            schedules.own(schedule, RunNames.of("s", slot), Map.of(Api.ANNOTATION_SCHEDULED_TIME, slot.toString()));
        }
        schedules.touch("s", "backfill: {\"from\":\"2020-01-01T00:00:00Z\",\"to\":\"2026-01-01T00:00:00Z\"}");
        ScheduleStatus status = schedules.awaitStatus(
                "s", seen -> seen.backfill() != null && seen.backfill().complete() && seen.activeRuns() == 6);
        assertEquals(0, status.backfill().runs());
        assertEquals(6, runs().size());
    }

    @Test
    void twoOperatorsThatBothBelieveToLeadStartOneRunATime() {
        KubernetesClient client = server.client("the-other-operator");
        try (var other = new OperatorUnderTest(client)) {
            other.pass(AHEAD);
            other.start();
            for (int i = 0; i < 10; i++) {
                schedules.create("s" + i, "alice", "");
            }
            for (int i = 0; i < 10; i++) {
                schedules.awaitStatus("s" + i, seen -> seen.lastScheduleTime() != null);
            }
            var slots = runs().stream()
                    .map(run -> run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID) + " "
                            + run.getMetadata().getAnnotations().get(Api.ANNOTATION_SCHEDULED_TIME))
                    .toList();
            assertEquals(slots.stream().distinct().toList(), slots);
            // A minute may begin meanwhile: then each soon has one more.
            for (Schedule schedule : schedules.all()) {
                schedules.awaitStatus(
                        schedule.getMetadata().getName(), seen -> seen.counts().runs() == runs(schedule));
            }
        } finally {
            client.close();
        }
    }

    @Test
    void whatCannotBeScheduledIsSaidOnceAndWrittenOnce() {
        schedules.create("never", "alice", "schedule: '0 0 30 2 *'");
        ScheduleStatus status = schedules.awaitStatus("never", seen -> seen.conditions() != null);
        assertEquals(
                "NeverFires", Schedules.condition(status, ConditionType.READY).getReason());
        assertTrue(Schedules.condition(status, ConditionType.READY).getMessage().contains("0 0 30 2 *"));
        await().until(() -> !events("NeverFires").isEmpty());
        // A Schedule that does fire, seen later, shows that the operator has looked at everything again.
        schedules.create("s", "alice", "");
        schedules.awaitStatus("s", seen -> seen.lastScheduleTime() != null);
        assertEquals(1, statusWrites("never"));
        assertEquals(1, events("NeverFires").size());
    }

    private long runs(Schedule schedule) {
        String uid = schedule.getMetadata().getUid();
        return runs().stream()
                .filter(run -> uid.equals(run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID)))
                .count();
    }

    private List<Run> runs() {
        return world.client.resources(Run.class).inNamespace(NS).list().getItems();
    }

    private List<Event> events(String reason) {
        return world.client.events().v1().events().inNamespace(NS).list().getItems().stream()
                .filter(event -> reason.equals(event.getReason()))
                .toList();
    }

    private long statusWrites(String name) {
        return server.writes.stream()
                .filter(write -> write.path().endsWith("/schedules/" + name + "/status"))
                .count();
    }
}
