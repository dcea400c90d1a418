package dev.wheelhouse.operator.reconcile;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import dev.wheelhouse.operator.kube.SandboxApi;
import dev.wheelhouse.operator.kube.SandboxFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sandboxes that are made before anybody wants them. */
class WarmSandboxTest {
    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final StrictServer server = cluster.server;
    private final World world = cluster.world;
    private final Sandboxed sandboxed = new Sandboxed(world);
    private final OperatorUnderTest operator = cluster.operator;
    private Pod warm;

    @BeforeEach
    void start() {
        sandboxed.start();
        world.warm(1);
        sandboxed.run("r");
        sandboxed.scaleUp();
        warm = sandboxed.await("a warm pod", p -> true);
    }

    @Test
    void aWarmSandboxThatARunTookIsAdoptedWithOneWriteAndReplaced() {
        assertNull(warm.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY));
        sandboxed.phase(warm, "Running");
        sandboxed.take("r", warm, Sandboxed.request("k1").build());
        await().until(() -> {
            operator.pass(Duration.ofSeconds(1));
            return sandboxed.pods().stream()
                    .anyMatch(p -> "k1".equals(p.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)));
        });
        Pod claimed = sandboxed.await(
                "the adopted one", p -> "k1".equals(p.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)));
        assertEquals(warm.getMetadata().getUid(), claimed.getMetadata().getUid());
        assertEquals(
                "Run", claimed.getMetadata().getOwnerReferences().getFirst().getKind());
        assertEquals(1, claimed.getMetadata().getOwnerReferences().size());
        assertTrue(claimed.getSpec().getActiveDeadlineSeconds() < 4000);
        await().until(() -> sandboxed.pods().size() == 2);
        world.finish("r");
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().size() == 1;
        });
        List<String> ofTheClaimed = server.writes("/pods").stream()
                .filter(w -> w.path().endsWith(warm.getMetadata().getName()))
                .map(StrictServer.Write::method)
                .toList();
        assertEquals(List.of("PATCH", "DELETE"), ofTheClaimed);
        assertEquals(
                2,
                server.writes("/pods").stream()
                        .filter(w -> w.method().equals("POST"))
                        .count(),
                server.writes.toString());
    }

    @Test
    void aWarmSandboxOfARunThatEndedBeforeItSaidMoreGoesSoonAndIsNeverLabelled() {
        sandboxed.claim("r", warm, "k1");
        world.finish("r");
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().stream()
                    .noneMatch(p ->
                            p.getMetadata().getUid().equals(warm.getMetadata().getUid()));
        });
        assertTrue(server.writes("/pods").stream().noneMatch(w -> w.method().equals("PATCH")));
    }

    @Test
    void aWarmSandboxThatIsTakenAndNotUsedIsReplacedAfterAWhile() {
        sandboxed.phase(warm, "Running");
        sandboxed.claim("r", warm, "k1");
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().size() == 2;
        });
        assertTrue(used(warm));
    }

    /** What the watch does not show yet is not taken for what is not so. */
    @Test
    void aTakenSandboxIsNotDeletedWhileItsRunSaysToTheApiServerThatItUsesIt() {
        sandboxed.take("r", warm, Sandboxed.request("k1").build());
        assertTrue(used(warm));
        world.finish("r");
        await().until(() -> !used(warm));
    }

    @Test
    void aTakenSandboxStaysAsLongAsItsRunSaysNothingOfALaterOne() {
        sandboxed.claim("r", warm, "k1");
        assertTrue(used(warm));
        Pod other = new PodBuilder(warm)
                .editMetadata()
                .withName("other")
                .withUid("uid-other")
                .endMetadata()
                .build();
        sandboxed.use("r", other, Sandboxed.request("k1").build());
        assertFalse(used(warm));
    }

    @Test
    void aTakenSandboxOfARunThatWaitsForOthersAndHasNotUsedItMayGo() {
        sandboxed.claim("r", warm, "k1");
        sandboxed.waits("r", new WaitingFor(WaitingFor.Kind.Resource, List.of("Sandbox/k1"), "", null, null));
        assertTrue(used(warm));
        sandboxed.waits("r", new WaitingFor(WaitingFor.Kind.Approval, List.of("a"), "", null, null));
        assertFalse(used(warm));
        sandboxed.takenOver("r");
        assertTrue(used(warm), "the process before may have used it and not said so");
    }

    private boolean used(Pod pod) {
        var claim = SandboxClaim.of(world.client
                        .leases()
                        .inNamespace(World.NS)
                        .withName(pod.getMetadata().getName())
                        .get())
                .orElseThrow();
        return new SandboxApi(world.client, "daemon", false)
                .used(SandboxFacts.of(pod).with(claim));
    }

    @Test
    void aWarmSandboxThatIsOneTooManyIsFirstTakenFromTheRuns() {
        world.warm(0);
        sandboxed.awaitNone();
        Lease claim = world.client
                .leases()
                .inNamespace(World.NS)
                .withName(warm.getMetadata().getName())
                .get();
        assertTrue(SandboxClaim.of(claim).orElseThrow().nobody());
    }

    @Test
    void aWarmSandboxThatARunTookIsNotOneTooMany() {
        sandboxed.take("r", warm, Sandboxed.request("k1").build());
        world.warm(0);
        await().until(() -> {
            operator.pass(Duration.ofSeconds(1));
            return sandboxed.pods().stream()
                    .anyMatch(p -> "k1".equals(p.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)));
        });
        assertTrue(server.writes("/pods").stream().noneMatch(w -> w.method().equals("DELETE")));
    }
}
