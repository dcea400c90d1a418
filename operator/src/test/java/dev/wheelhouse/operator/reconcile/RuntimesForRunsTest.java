package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static dev.wheelhouse.operator.reconcile.World.holder;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Runtimes that the operator makes because there are runs. */
class RuntimesForRunsTest {
    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final World world = cluster.world;
    private final OperatorUnderTest operator = cluster.operator;

    @Test
    void theSharedRuntimeIsMadeOnFirstNeedWithTheSecretsThatModelsName() {
        world.model("m", new SecretKey("openai", "key"));
        world.notifies(new SecretKey("webhook", "key"));
        world.agent("a", "m");
        world.awaitReady("a");
        await().until(() -> operator.book.tenant(NS).approvals() != null);
        assertNull(deployment(Api.RUNTIME_NAME));
        world.run("r");
        Deployment deployment = await().until(() -> deployment(Api.RUNTIME_NAME), d -> d != null);
        assertEquals(2, deployment.getSpec().getReplicas());
        var pod = deployment.getSpec().getTemplate().getSpec();
        var secret = pod.getVolumes().stream()
                .filter(v -> v.getSecret() != null)
                .findFirst()
                .orElseThrow()
                .getSecret();
        assertEquals("openai", secret.getSecretName());
        assertTrue(secret.getOptional());
        assertTrue(pod.getContainers().getFirst().getVolumeMounts().stream()
                .anyMatch(m -> m.getMountPath().equals("/etc/wheelhouse/secrets/openai")));
        assertTrue(pod.getContainers().getFirst().getVolumeMounts().stream()
                .anyMatch(m -> m.getMountPath().equals("/etc/wheelhouse/secrets/webhook")));
        assertNotNull(world.client
                .serviceAccounts()
                .inNamespace(NS)
                .withName(Api.RUNTIME_SERVICE_ACCOUNT)
                .get());
        assertNotNull(world.client
                .rbac()
                .roleBindings()
                .inNamespace(NS)
                .withName(Api.RUNTIME_NAME)
                .get());
        world.awaitHeldBy("r", world.runtime("p1"));
    }

    @Test
    void anEditedDeploymentIsCorrectedAndAnIdleOneScaledToZero() {
        world.usual();
        world.run("r");
        await().until(() -> deployment(Api.RUNTIME_NAME) != null);
        String holder = world.runtime("p1");
        world.awaitHeldBy("r", holder);
        World.insist(() -> world.client
                .apps()
                .deployments()
                .inNamespace(NS)
                .withName(Api.RUNTIME_NAME)
                .scale(7));
        await().until(() -> deployment(Api.RUNTIME_NAME).getSpec().getReplicas() == 2);
        world.finish("r");
        await().until(() -> operator.book.admission(NS).isEmpty());
        operator.pass(Duration.ofSeconds(601));
        await().until(() -> deployment(Api.RUNTIME_NAME).getSpec().getReplicas() == 0);
    }

    @Test
    void anIsolatedRunHasARuntimeOfItsOwnUntilItEnds() {
        world.usual();
        String shared = world.runtime("p1");
        Run run = world.run("r", s -> {
            s.isolation = Isolation.Run;
            return s;
        });
        Deployment own = await().until(this::ownDeployment, d -> d != null);
        assertEquals(
                run.getMetadata().getUid(),
                own.getMetadata().getOwnerReferences().getFirst().getUid());
        String holder = world.runtime("own", run.getMetadata().getUid());
        world.awaitHeldBy("r", holder);
        assertTrue(!holder.equals(shared));
        world.finish("r");
        await().until(() -> ownDeployment() == null);
    }

    /** The API server lets no such Tenant in: it stands for a failure that nobody thought of. */
    @Test
    void aTenantThatMakesNoSenseIsOvercomeOnceItIsMended() {
        world.usual();
        world.runtimesOf("");
        await().until(() -> operator.book.tenant(NS).runtime().cpu().isEmpty());
        world.run("r");
        // It has begun, and comes as far as the Deployment.
        await().until(() -> !cluster.server.writes("/rolebindings").isEmpty());
        world.runtimesOf("200m");
        await().until(() -> {
            operator.pass(Duration.ofSeconds(10));
            return deployment(Api.RUNTIME_NAME) != null;
        });
    }

    private Deployment deployment(String name) {
        return world.client.apps().deployments().inNamespace(NS).withName(name).get();
    }

    private Deployment ownDeployment() {
        return world.client.apps().deployments().inNamespace(NS).list().getItems().stream()
                .filter(d -> d.getMetadata().getName().startsWith("wheelhouse-runtime-r-"))
                .findFirst()
                .orElse(null);
    }
}
