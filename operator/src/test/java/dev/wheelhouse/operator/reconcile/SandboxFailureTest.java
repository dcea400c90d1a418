package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a run says while its sandbox cannot be made, and how it goes on once it is there. */
class SandboxFailureTest {
    private static final String NO_CLASS = "pod rejected: RuntimeClass \"kata\" not found";

    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final StrictServer server = cluster.server;
    private final World world = cluster.world;
    private final Sandboxed sandboxed = new Sandboxed(world);
    private OperatorUnderTest operator = cluster.operator;
    private long before;

    @BeforeEach
    void start() {
        sandboxed.start();
        sandboxed.run("r");
        before = statusWrites();
    }

    private Condition awaitSays(String status, String reason) {
        Run run = world.awaitRun("r", r -> {
            Condition condition = said(r);
            return status.equals(condition.getStatus()) && reason.equals(condition.getReason());
        });
        return said(run);
    }

    private static Condition said(Run run) {
        return World.condition(run, ConditionType.SANDBOX_READY);
    }

    /** Writes of the run's status since it was assigned. */
    private long writesSince() {
        return statusWrites() - before;
    }

    private long statusWrites() {
        return server.writes.stream()
                .filter(w -> w.path().endsWith("/runs/r/status") && w.code() < 300)
                .count();
    }

    private long attempts() {
        return server.writes.stream()
                .filter(w -> w.path().endsWith("/pods") && w.method().equals("POST"))
                .count();
    }

    private void awaitAttempts(long more) {
        long enough = attempts() + more;
        await().until(() -> {
            operator.pass(Duration.ofSeconds(1));
            return attempts() >= enough;
        });
    }

    /** A wait that nothing else ends, however much time passes. */
    private static WaitingFor untilItRuns() {
        WaitingFor waiting = World.waitingFor(WaitingFor.Kind.Resource, "Sandbox/k1");
        return new WaitingFor(
                waiting.kind(),
                waiting.names(),
                waiting.summary(),
                waiting.since(),
                Instant.now().plus(Duration.ofDays(1)).toString());
    }

    private Pod made() {
        server.podsRefused = null;
        awaitAttempts(1);
        return sandboxed.await("one pod", p -> true);
    }

    @Test
    void aRunSaysWhyItsSandboxIsMissingOnceAndThatItCameUp() {
        server.podsRefused = NO_CLASS;
        sandboxed.want("r", Sandboxed.request("k1").build());
        Condition missing = awaitSays("False", "SandboxFailed");
        assertTrue(missing.getMessage().contains(NO_CLASS), missing.getMessage());
        assertTrue(missing.getMessage().endsWith("; tried again every 5 s"), missing.getMessage());
        assertEquals(1, writesSince());
        awaitAttempts(3);
        assertEquals(1, writesSince());
        assertEquals(sandboxed.holder(), World.holder(world.get("r")));

        Pod pod = made();
        awaitSays("False", "SandboxStarting");
        sandboxed.phase(pod, "Running");
        Condition there = awaitSays("True", "SandboxRunning");
        assertTrue(there.getMessage().contains(pod.getMetadata().getName()), there.getMessage());
        assertEquals(3, writesSince());
    }

    @Test
    void aRunThatWaitsForItsSandboxSaysItTooAndGoesOnWhenThePodRuns() {
        server.podsRefused = NO_CLASS;
        sandboxed.want("r", Sandboxed.request("k1").build());
        sandboxed.rests("r", untilItRuns());
        awaitSays("False", "SandboxFailed");
        assertEquals("", World.holder(world.get("r")));

        Pod pod = made();
        awaitSays("False", "SandboxStarting");
        assertEquals("", World.holder(world.get("r")), "a pod that starts is of no use yet");
        sandboxed.phase(pod, "Running");
        world.awaitHeldBy("r", sandboxed.holder());
        Run run = world.get("r");
        assertEquals(2, World.epoch(run));
        assertNull(run.getStatus().waitingFor());
        awaitSays("True", "SandboxRunning");
    }

    @Test
    void aRunThatBeginsToWaitAsItsPodBeginsToRunDoesNotWait() {
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod pod = sandboxed.await("one pod", p -> true);
        WaitingFor waiting = untilItRuns();
        sandboxed.phase(pod, "Running");
        sandboxed.rests("r", waiting);
        world.awaitRun("r", run -> sandboxed.holder().equals(World.holder(run)) && World.epoch(run) == 2);
    }

    @Test
    void aSandboxThatComesUpCostsNoWriteOfTheRun() {
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod pod = sandboxed.await("one pod", p -> true);
        sandboxed.phase(pod, "Running");
        sandboxed.use("r", pod, Sandboxed.request("k1").build());
        world.finish("r");
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().isEmpty();
        });
        assertEquals(0, writesSince());
        assertNull(said(world.get("r")).getStatus());
    }

    @Test
    void whatTheTenantForbidsIsSaidAtTheRun() {
        sandboxed.want("r", Sandboxed.request("k1").image("evil:1").build());
        Condition refused = awaitSays("False", "SandboxRefused");
        assertTrue(refused.getMessage().contains("'evil:1'"), refused.getMessage());
        assertTrue(refused.getMessage().contains("spec.sandbox.images"), refused.getMessage());
        assertEquals(
                0,
                world.client.pods().inNamespace(NS).list().getItems().stream()
                        .filter(p -> p.getMetadata().getName().contains("sandbox"))
                        .count());
    }

    @Test
    void whatTheRuntimeWritesMeanwhileStays() {
        server.podsRefused = NO_CLASS;
        server.beforeStatus.set(run -> run.withObject("/status").put("step", 7));
        sandboxed.want("r", Sandboxed.request("k1").build());
        awaitSays("False", "SandboxFailed");
        assertEquals(7, world.get("r").getStatus().step());
    }

    @Test
    void anOperatorThatStartsAgainTakesTheWordBack() {
        server.podsRefused = NO_CLASS;
        sandboxed.want("r", Sandboxed.request("k1").build());
        awaitSays("False", "SandboxFailed");
        operator.close();
        server.podsRefused = null;
        operator = cluster.startOperator();
        Pod pod = sandboxed.await("one pod", p -> true);
        sandboxed.phase(pod, "Running");
        awaitSays("True", "SandboxRunning");
    }
}
