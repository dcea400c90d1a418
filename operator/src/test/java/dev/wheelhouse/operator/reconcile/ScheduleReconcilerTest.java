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
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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

    @BeforeEach
    void start() {
        server = new StrictServer();
        server.authors.add("alice");
        operatorClient = server.client("the-operator");
        world = new World(server.client(StrictServer.TEST_AGENT));
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
        Schedule schedule = create("s", "alice", "");
        ScheduleStatus status = awaitStatus("s", seen -> seen.lastScheduleTime() != null);
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
        assertEquals(1, status.activeRuns());
        assertEquals("True", condition(status, ConditionType.READY).getStatus());
        assertEquals(1, schedules().size(), "specs are never written");
        assertEquals(
                schedule.getMetadata().getGeneration(),
                schedules().getFirst().getMetadata().getGeneration());
    }

    @Test
    void runsOfOneConversationHaveTheScheduleSNameAsTheirThread() {
        create("talk", "alice", "thread: Same, concurrencyPolicy: Queue");
        ScheduleStatus status = awaitStatus("talk", seen -> seen.lastScheduleTime() != null);
        Run run = world.get(RunNames.of("talk", Instant.parse(status.lastScheduleTime())));
        assertEquals("talk", run.getSpec().thread());
        create("anew", "alice", "");
        status = awaitStatus("anew", seen -> seen.lastScheduleTime() != null);
        assertNull(world.get(RunNames.of("anew", Instant.parse(status.lastScheduleTime())))
                .getSpec()
                .thread());
    }

    @Test
    void anAuthorWhoMayNotCreateRunsStartsNoneAndThatIsSaidOnce() {
        create("s", "mallory", "");
        ScheduleStatus status = awaitStatus("s", seen -> seen.lastSkip() != null);
        assertEquals("NotAllowed", status.lastSkip().reason());
        assertEquals("NotAllowed", condition(status, ConditionType.READY).getReason());
        assertTrue(condition(status, ConditionType.READY).getMessage().contains("mallory"));
        // More times come, and each is refused.
        operator.pass(Duration.ofMinutes(1));
        touch("s", "queueLimit: 7");
        awaitStatus("s", seen -> seen.counts().skipped() >= 2);
        operator.pass(Duration.ofMinutes(1));
        touch("s", "queueLimit: 8");
        awaitStatus("s", seen -> seen.counts().skipped() >= 3);
        await().until(() -> !events("NotAllowed").isEmpty());
        assertEquals(1, events("NotAllowed").size());
        assertNull(events("NotAllowed").getFirst().getSeries(), "not even counted up");
        assertEquals(List.of(), runs());
        server.authors.add("mallory");
        operator.pass(Duration.ofMinutes(1));
        touch("s", "queueLimit: 9");
        awaitStatus(
                "s", seen -> "True".equals(condition(seen, ConditionType.READY).getStatus()));
        assertEquals(1, runs().size());
    }

    @Test
    void aRunOfThatNameThatBelongsToSomebodyElseIsLeftAlone() {
        Instant minute = Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MINUTES);
        for (int i = -1; i <= 2; i++) {
            world.run(RunNames.of("s", minute.plusSeconds(60L * i)));
        }
        create("s", "alice", "");
        ScheduleStatus status = awaitStatus("s", seen -> seen.lastSkip() != null);
        assertEquals("NameConflict", status.lastSkip().reason());
        assertEquals("NameConflict", condition(status, ConditionType.READY).getReason());
        Run foreign = world.get(RunNames.of("s", Instant.parse(status.lastSkip().time())));
        assertEquals("hello", foreign.getSpec().input());
        assertEquals(0, status.counts().runs());
    }

    @Test
    void aRunThatAnOperatorStartedBeforeItDiedIsTakenIntoTheBooks() {
        Schedule schedule = create("s", "alice", "suspend: true, onResume: RunLatest");
        awaitStatus(
                "s",
                seen -> "True".equals(condition(seen, ConditionType.SUSPENDED).getStatus()));
        Instant slot = Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MINUTES);
        String name = RunNames.of("s", slot);
        Run run = Serialization.unmarshal(
                "apiVersion: wheelhouse.dev/v1alpha1\nkind: Run\nspec: {agent: a, input: first}", Run.class);
        run.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder()
                .withNamespace(NS)
                .withName(name)
                .withLabels(
                        Map.of(Api.LABEL_SCHEDULE_UID, schedule.getMetadata().getUid()))
                .withAnnotations(Map.of(Api.ANNOTATION_SCHEDULED_TIME, slot.toString()))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("wheelhouse.dev/v1alpha1")
                        .withKind("Schedule")
                        .withName("s")
                        .withUid(schedule.getMetadata().getUid())
                        .build())
                .build());
        world.client.resource(run).create();
        touch("s", "suspend: false");
        ScheduleStatus status = awaitStatus("s", seen -> seen.counts().runs() >= 1);
        assertEquals(name, status.active().getFirst().name());
        assertEquals("first", world.get(name).getSpec().input());
    }

    @Test
    void twoOperatorsThatBothBelieveToLeadStartOneRunATime() {
        KubernetesClient client = server.client("the-other-operator");
        try (var other = new OperatorUnderTest(client)) {
            other.pass(AHEAD);
            other.start();
            for (int i = 0; i < 10; i++) {
                create("s" + i, "alice", "");
            }
            for (int i = 0; i < 10; i++) {
                awaitStatus("s" + i, seen -> seen.lastScheduleTime() != null);
            }
            var slots = runs().stream()
                    .map(run -> run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID) + " "
                            + run.getMetadata().getAnnotations().get(Api.ANNOTATION_SCHEDULED_TIME))
                    .toList();
            assertEquals(slots.stream().distinct().toList(), slots);
            for (Schedule schedule : schedules()) {
                assertEquals(1, schedule.getStatus().counts().runs(), schedule::toString);
            }
        } finally {
            client.close();
        }
    }

    @Test
    void whatCannotBeScheduledIsSaidOnceAndWrittenOnce() {
        create("never", "alice", "schedule: '0 0 30 2 *'");
        ScheduleStatus status = awaitStatus("never", seen -> seen.conditions() != null);
        assertEquals("NeverFires", condition(status, ConditionType.READY).getReason());
        assertTrue(condition(status, ConditionType.READY).getMessage().contains("0 0 30 2 *"));
        await().until(() -> !events("NeverFires").isEmpty());
        // A Schedule that does fire, seen later, shows that the operator has looked at everything again.
        create("s", "alice", "");
        awaitStatus("s", seen -> seen.lastScheduleTime() != null);
        assertEquals(1, statusWrites("never"));
        assertEquals(1, events("NeverFires").size());
    }

    private Schedule create(String name, String requester, String fields) {
        String expression = fields.contains("schedule:") ? "" : "schedule: '* * * * *', ";
        return world.client
                .resource(Serialization.unmarshal(
                        "apiVersion: wheelhouse.dev/v1alpha1\nkind: Schedule\nmetadata: {name: " + name
                                + ", namespace: " + NS + "}\nspec: {" + expression + "requester: " + requester
                                + ", runTemplate: {spec: {agent: a, input: 'for {{ scheduledTime }}'}}"
                                + (fields.isEmpty() ? "" : ", " + fields) + "}",
                        Schedule.class))
                .create();
    }

    /** Changes the spec, so that the operator looks at once. */
    private void touch(String name, String field) {
        String[] parts = field.split(": ");
        world.client
                .resources(Schedule.class)
                .inNamespace(NS)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"" + parts[0] + "\":" + parts[1] + "}}");
    }

    private ScheduleStatus awaitStatus(String name, Predicate<ScheduleStatus> is) {
        return await("schedule " + name)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> world.client
                                .resources(Schedule.class)
                                .inNamespace(NS)
                                .withName(name)
                                .get()
                                .getStatus(),
                        status -> status != null && is.test(status));
    }

    private static Condition condition(ScheduleStatus status, String type) {
        return status.conditions() == null
                ? new Condition()
                : status.conditions().stream()
                        .filter(condition -> type.equals(condition.getType()))
                        .findFirst()
                        .orElseGet(Condition::new);
    }

    private List<Run> runs() {
        return world.client.resources(Run.class).inNamespace(NS).list().getItems();
    }

    private List<Schedule> schedules() {
        return world.client.resources(Schedule.class).inNamespace(NS).list().getItems();
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
