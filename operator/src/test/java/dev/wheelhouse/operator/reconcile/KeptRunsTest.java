package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.kube.RunCommands;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finished runs that nobody deletes: those that somebody marked, and those about which somebody is still asked. */
class KeptRunsTest {
    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final World world = cluster.world;
    private final OperatorUnderTest operator = cluster.operator;
    private final Schedules schedules = new Schedules(world.client);

    @BeforeEach
    void allow() {
        cluster.server.authors.add("alice");
    }

    @Test
    void aMarkedRunStaysBesideTheHistoryUntilTheMarkGoes() {
        Schedule schedule = suspended("successfulRunsHistoryLimit: 1");
        keep(byHand(schedule, "marked"), "true");
        world.succeeded("marked", "08");
        for (String hour : new String[] {"09", "10"}) {
            byHand(schedule, "plain-" + hour);
            world.succeeded("plain-" + hour, hour);
        }
        await().until(() -> runs().equals(Set.of("marked", "plain-10")));
        keep(world.get("marked"), null);
        await().until(() -> runs().equals(Set.of("plain-10")));
    }

    @Test
    void aRunAboutWhichSomebodyIsAskedStaysUntilThatIsSettled() {
        Schedule schedule = suspended("successfulRunsHistoryLimit: 0");
        ask(byHand(schedule, "asked"));
        byHand(schedule, "plain");
        // The later end goes first.
        world.succeeded("asked", "10");
        world.succeeded("plain", "09");
        await().until(() -> runs().equals(Set.of("asked")));
        settle("asked");
        // The end of a question does not wake the Schedule.
        schedules.touch("s", "queueLimit: 7");
        await().until(() -> runs().isEmpty());
    }

    @Test
    void aMarkedRunOutlivesItsTimeToLiveUntilTheMarkGoes() {
        shortLived("marked");
        keep(world.get("marked"), "true");
        shortLived("unmarked");
        keep(world.get("unmarked"), "false");
        world.finish("marked");
        world.finish("unmarked");
        await().until(() -> runs().equals(Set.of("marked")));
        keep(world.get("marked"), null);
        await().until(() -> runs().isEmpty());
    }

    @Test
    void aRunAboutWhichSomebodyIsAskedOutlivesItsTimeToLiveUntilThatIsSettled() {
        shortLived("asked");
        ask(world.get("asked"));
        shortLived("plain");
        world.finish("asked");
        world.finish("plain");
        await().until(() -> runs().equals(Set.of("asked")));
        settle("asked");
        operator.pass(Duration.ofSeconds(60));
        await().until(() -> runs().isEmpty());
    }

    /** The watch of an operator may lag behind the person who was told that the run is marked. */
    @Test
    void aMarkThatNoWatchHasShownYetCounts() {
        operator.close();
        Run run = world.run("r");
        keep(run, "true");
        var commands = new RunCommands(cluster.operatorClient);
        var id = new RunId(NS, "r", run.getMetadata().getUid());
        assertEquals(RunCommands.Deletion.KEPT, commands.delete(id));
        assertNotNull(world.get("r"));
        keep(world.get("r"), null);
        assertEquals(RunCommands.Deletion.GONE, commands.delete(id));
        assertEquals(Set.of(), runs());
        assertEquals(RunCommands.Deletion.GONE, commands.delete(id));
    }

    private Schedule suspended(String fields) {
        Schedule schedule = schedules.create("s", "alice", "suspend: true, " + fields);
        schedules.awaitStatus("s", seen -> seen.decidedUntil() != null);
        return schedule;
    }

    private Run byHand(Schedule schedule, String name) {
        return schedules.own(schedule, name, Map.of(Api.ANNOTATION_INSTANTIATE, "manual"));
    }

    private void shortLived(String name) {
        if (world.client.resources(Run.class).inNamespace(NS).list().getItems().isEmpty()) {
            world.usual();
            world.runtime("p1");
        }
        world.run(name, s -> {
            s.ttl = 0L;
            return s;
        });
        world.awaitRun(name, run -> !World.holder(run).isEmpty());
    }

    private void keep(Run run, String value) {
        World.insist(() -> world.client
                .resources(Run.class)
                .inNamespace(NS)
                .withName(run.getMetadata().getName())
                .edit(live -> {
                    Map<String, String> labels = new HashMap<>(
                            live.getMetadata().getLabels() == null
                                    ? Map.of()
                                    : live.getMetadata().getLabels());
                    labels.remove(Api.LABEL_KEEP);
                    if (value != null) {
                        labels.put(Api.LABEL_KEEP, value);
                    }
                    live.getMetadata().setLabels(labels);
                    return live;
                }));
    }

    /** Asks about a run, and waits until the operator has heard of it. */
    private void ask(Run run) {
        String name = run.getMetadata().getName();
        world.client
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: wheelhouse.dev/v1alpha1
                        kind: Approval
                        metadata: {name: %s, namespace: %s}
                        spec:
                          request:
                            kind: ToolCall
                            run: {name: %s, uid: %s}
                            agent: a
                            callId: c1
                            tool: {server: s, name: pay}
                            summary: pay 5
                            arguments: '{}'
                            risk: High
                            quorum: 1
                            rejectQuorum: 1
                            verdicts: [Approve, Reject]
                            expiresAt: '%s'
                            onExpiry: Reject
                            nonce: '12345678'
                            payloadHash: 'sha256:%s'
                        """.formatted(
                                        name,
                                        NS,
                                        name,
                                        run.getMetadata().getUid(),
                                        Instant.now().plusSeconds(3600),
                                        "a".repeat(64)),
                        Approval.class))
                .create();
        await().until(() -> approval(name).getStatus() != null);
    }

    /** Settles the question about a run, and waits until the operator has heard of it. */
    private void settle(String name) {
        World.insist(() -> {
            Approval approval = approval(name);
            approval.setStatus(ApprovalStatus.NONE.withdrawn());
            world.client.resource(approval).updateStatus();
        });
        String uid = world.get(name).getMetadata().getUid();
        await().until(() -> !operator.approvals.asks(uid));
    }

    private Approval approval(String name) {
        return world.client
                .resources(Approval.class)
                .inNamespace(NS)
                .withName(name)
                .get();
    }

    private Set<String> runs() {
        return world.client.resources(Run.class).inNamespace(NS).list().getItems().stream()
                .map(run -> run.getMetadata().getName())
                .collect(Collectors.toSet());
    }
}
