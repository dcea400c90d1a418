package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static dev.wheelhouse.operator.reconcile.World.condition;
import static dev.wheelhouse.operator.reconcile.World.epoch;
import static dev.wheelhouse.operator.reconcile.World.holder;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class RunReconcilerTest {
    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final StrictServer server = cluster.server;
    private final World world = cluster.world;
    private OperatorUnderTest operator = cluster.operator;

    /** The operator has heard of so many. */
    private void awaitRuntimes(int count) {
        awaitRuntimes(operator, count);
    }

    private static void awaitRuntimes(OperatorUnderTest operator, int count) {
        RunBook book = operator.book;
        await().until(() -> book.directory().shared(NS, book.nanoTime()).size() == count);
    }

    @Test
    void aValidRunCostsExactlyOneWrite() {
        world.usual();
        String holder = world.runtime("p1");
        awaitRuntimes(1);
        world.run("r");
        Run run = world.awaitHeldBy("r", holder);
        assertEquals(1, epoch(run));
        assertEquals(RunPhase.Running, run.getStatus().phase());
        assertEquals("p1", run.getStatus().execution().pod());
        assertEquals("True", condition(run, ConditionType.ACCEPTED).getStatus());
        assertEquals("True", condition(run, ConditionType.ASSIGNED).getStatus());
        assertNotNull(run.getStatus().startTime());
        world.finish("r");
        await().until(() -> operator.book.admission(NS).counts().active() == 0);
        assertEquals(1, server.writes("/runs").size(), server.writes("/runs").toString());
    }

    @Test
    void aRunThatMissesSomethingSaysWhatAndProceedsOnceItIsThere() {
        String holder = world.runtime("p1");
        world.run("r");
        Run run = world.awaitRun(
                "r",
                r -> "AgentNotFound".equals(condition(r, ConditionType.ACCEPTED).getReason()));
        assertTrue(condition(run, ConditionType.ACCEPTED).getMessage().contains("'a'"));
        assertEquals(RunPhase.Pending, run.getStatus().phase());
        world.agent("a", "m");
        world.awaitRun(
                "r",
                r -> "ModelNotFound".equals(condition(r, ConditionType.ACCEPTED).getReason()));
        world.model("m", null);
        run = world.awaitHeldBy("r", holder);
        assertEquals("True", condition(run, ConditionType.ACCEPTED).getStatus());
    }

    @Test
    void theTenantsLimitQueuesFirstComeFirstServed() {
        world.usual();
        world.tenant(1);
        await().until(() -> operator.book.tenant(NS).maxConcurrentRuns() == 1);
        String holder = world.runtime("p1");
        world.run("r1");
        world.awaitHeldBy("r1", holder);
        world.run("r2");
        world.run("r3");
        await().until(() -> operator.book.admission(NS).counts().queued() == 2);
        operator.pass(Duration.ofSeconds(3));
        Run third = world.awaitRun(
                "r3",
                r -> r.getStatus() != null
                        && Integer.valueOf(2).equals(r.getStatus().queuePosition()));
        assertEquals("Queued", condition(third, ConditionType.ASSIGNED).getReason());
        world.finish("r1");
        world.awaitHeldBy("r2", holder);
        assertEquals("", holder(world.get("r3")));
        world.finish("r2");
        third = world.awaitHeldBy("r3", holder);
        assertNull(third.getStatus().queuePosition());
    }

    @Test
    void aLostPodsRunsMoveToAnotherUnderAHigherEpoch() {
        world.usual();
        String first = world.runtime("p1");
        world.run("r1");
        world.run("r2");
        world.awaitHeldBy("r1", first);
        world.awaitHeldBy("r2", first);
        String second = world.runtime("p2");
        awaitRuntimes(2);
        world.kill("p1");
        assertEquals(2, epoch(world.awaitHeldBy("r1", second)));
        assertEquals(2, epoch(world.awaitHeldBy("r2", second)));
        await().until(() -> server.writes.stream().anyMatch(w -> w.path().contains("/events")));
    }

    @Test
    void aSilentProcessIsLostOnlyAfterTheApiServerConfirms() {
        world.usual();
        Duration lease = Duration.ofHours(1);
        String first = world.runtimeThatFallsSilent("p1", lease);
        world.run("r");
        world.awaitHeldBy("r", first);
        String second = world.runtime("p2");
        awaitRuntimes(2);
        operator.pass(lease.plusSeconds(3));
        assertEquals(2, epoch(world.awaitHeldBy("r", second)));
    }

    @Test
    void withoutAnotherRuntimeALostRunIsFencedAndQueued() {
        world.usual();
        String first = world.runtime("p1");
        world.run("r");
        world.awaitHeldBy("r", first);
        world.kill("p1");
        Run run = world.awaitRun("r", r -> holder(r).isEmpty());
        assertEquals(2, epoch(run));
        assertEquals(RunPhase.Queued, run.getStatus().phase());
        String second = world.runtime("p2");
        assertEquals(3, epoch(world.awaitHeldBy("r", second)));
    }

    @Test
    void anEditThatTheDecisionDidNotSeeIsNotLost() {
        world.usual();
        world.runtime("p1");
        awaitRuntimes(1);
        server.beforeStatus.set(stored -> ((ObjectNode) stored.get("spec")).put("cancel", true));
        world.run("r");
        Run run =
                world.awaitRun("r", r -> r.getStatus() != null && r.getStatus().phase() == RunPhase.Cancelled);
        assertEquals("True", condition(run, ConditionType.COMPLETE).getStatus());
        assertEquals("Cancelled", condition(run, ConditionType.SUCCEEDED).getReason());
        assertEquals(
                List.of(409, 200),
                server.writes("/runs").stream().map(StrictServer.Write::code).toList());
    }

    @Test
    void aRunThatNobodyHoldsIsCancelledWithItsChildren() {
        world.usual();
        String holder = world.runtime("p1");
        Run parent = world.run("parent");
        world.awaitHeldBy("parent", holder);
        world.run("child", s -> {
            s.parent = new RunSpec.Parent("parent", parent.getMetadata().getUid(), "call-1", 1);
            return s;
        });
        world.awaitHeldBy("child", holder);
        world.release("parent", World.waitingFor(WaitingFor.Kind.Run, "child"));
        world.edit("parent", World::cancelled);
        world.awaitRun("parent", r -> r.getStatus().phase() == RunPhase.Cancelled);
        assertEquals(true, world.get("child").getSpec().cancel());
    }

    @Test
    void aRunWaitingForChildrenResumesWhenTheLastHasEnded() {
        world.usual();
        String holder = world.runtime("p1");
        Run parent = world.run("parent");
        world.awaitHeldBy("parent", holder);
        for (String child : List.of("c1", "c2")) {
            world.run(child, s -> {
                s.parent = new RunSpec.Parent("parent", parent.getMetadata().getUid(), "call-" + child, 1);
                return s;
            });
            world.awaitHeldBy(child, holder);
        }
        world.release("parent", World.waitingFor(WaitingFor.Kind.Run, "c1", "c2"));
        world.finish("c1");
        await().until(() -> !operator.book.admission(NS).unfinished("c1"));
        assertEquals("", holder(world.get("parent")));
        world.finish("c2");
        Run resumed = world.awaitHeldBy("parent", holder);
        assertEquals(2, epoch(resumed));
        assertNull(resumed.getStatus().waitingFor());
    }

    @Test
    void theDeadlineTakesTheBatonBack() {
        world.usual();
        String holder = world.runtime("p1");
        world.run("r", s -> {
            s.deadline = 2L;
            return s;
        });
        Run run =
                world.awaitRun("r", r -> r.getStatus() != null && r.getStatus().phase() == RunPhase.Failed);
        assertEquals("DeadlineExceeded", condition(run, ConditionType.SUCCEEDED).getReason());
        assertEquals(2, epoch(run));
        assertEquals("", holder(run));
        assertNotNull(holder);
    }

    @Test
    void afterItsTtlAFinishedRunIsDeleted() {
        world.usual();
        String holder = world.runtime("p1");
        world.run("keep");
        world.run("drop", s -> {
            s.ttl = 0L;
            return s;
        });
        world.awaitHeldBy("keep", holder);
        world.awaitHeldBy("drop", holder);
        world.finish("keep");
        world.finish("drop");
        await().until(() -> world.get("drop") == null);
        assertNotNull(world.get("keep"));
    }

    @Test
    void whatAnOperatorLeftInMidFlowTheNextOneContinues() {
        world.usual();
        String holder = world.runtime("p1");
        world.run("held");
        world.awaitHeldBy("held", holder);
        operator.close();
        world.run("new");
        operator = cluster.startOperator();
        world.awaitHeldBy("new", holder);
        assertEquals(1, epoch(world.get("held")));
    }

    @Test
    void twoOperatorsAtOnceAssignEachRunOnce() {
        world.usual();
        String first = world.runtime("p1");
        String second = world.runtime("p2");
        KubernetesClient otherClient = server.client("the-other-operator");
        try (OperatorUnderTest other = new OperatorUnderTest(otherClient).start()) {
            awaitRuntimes(2);
            awaitRuntimes(other, 2);
            List<String> names = IntStream.range(0, 40).mapToObj(i -> "r" + i).toList();
            names.forEach(world::run);
            for (String name : names) {
                Run run = world.awaitRun(name, r -> !holder(r).isEmpty());
                assertEquals(1, epoch(run), name);
                assertTrue(List.of(first, second).contains(holder(run)));
            }
        } finally {
            otherClient.close();
        }
        long successful =
                server.writes("/runs").stream().filter(w -> w.code() == 200).count();
        assertEquals(40, successful);
    }

    @Test
    void whatANewerVersionStoredDoesNotStopTheWatch() {
        world.usual();
        String holder = world.runtime("p1");
        GenericKubernetesResource odd = Serialization.unmarshal("""
                {"apiVersion": "wheelhouse.dev/v1alpha1", "kind": "Run",
                 "metadata": {"name": "odd", "namespace": "team-a"},
                 "spec": {"agent": "a", "input": "x", "novelty": {"deep": [1]}},
                 "status": {"novelty": 1}}
                """, GenericKubernetesResource.class);
        world.client.resource(odd).create();
        world.awaitHeldBy("odd", holder);
        world.run("next");
        world.awaitHeldBy("next", holder);
        await().until(() -> !server.writes("/runs/next/").isEmpty());
    }
}
