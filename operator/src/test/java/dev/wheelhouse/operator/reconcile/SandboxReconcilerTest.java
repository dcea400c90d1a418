package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandboxReconcilerTest {
    @AutoClose
    private final OperatedCluster cluster = new OperatedCluster();

    private final StrictServer server = cluster.server;
    private final World world = cluster.world;
    private final Sandboxed sandboxed = new Sandboxed(world);
    private OperatorUnderTest operator = cluster.operator;

    @BeforeEach
    void start() {
        sandboxed.start();
    }

    @Test
    void aColdSandboxCostsTwoWrites() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod pod = sandboxed.await("one pod", p -> true);
        assertEquals("k1", pod.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY));
        assertEquals(
                world.get("r").getMetadata().getUid(),
                pod.getMetadata().getLabels().get(Api.LABEL_RUN_UID));
        assertEquals("Run", pod.getMetadata().getOwnerReferences().getFirst().getKind());
        assertTrue(pod.getMetadata().getName().startsWith("wheelhouse-sandbox-r-"));
        sandboxed.phase(pod, "Running");
        world.finish("r");
        operator.pass(Duration.ofSeconds(3));
        sandboxed.awaitNone();
        assertEquals(
                List.of("POST", "DELETE"),
                server.writes("/pods").stream().map(StrictServer.Write::method).toList());
    }

    @Test
    void theNetworkIsClosedBeforeTheFirstPod() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        sandboxed.await("one pod", p -> true);
        List<String> created = server.writes.stream()
                .filter(w -> w.method().equals("POST") && !w.path().contains("/events"))
                .map(w -> w.path().replaceAll(".*/", ""))
                .toList();
        int pod = created.indexOf("pods");
        assertTrue(
                created.indexOf("networkpolicies") >= 0 && created.lastIndexOf("networkpolicies") < pod,
                created.toString());
        assertTrue(created.subList(0, pod).containsAll(List.of("serviceaccounts", "services", "clusterrolebindings")));
        var binding = world.client
                .rbac()
                .clusterRoleBindings()
                .withName("wheelhouse-token-review-" + NS)
                .get();
        assertEquals("wheelhouse-token-review", binding.getRoleRef().getName());
        assertEquals(NS, binding.getSubjects().getFirst().getNamespace());
    }

    @Test
    void policiesThatAreDeletedOrEditedComeBack() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        sandboxed.await("one pod", p -> true);
        var policies = world.client.network().v1().networkPolicies().inNamespace(NS);
        var wanted = policies.withName("wheelhouse-sandbox").get().getSpec();
        assertEquals(List.of("Ingress", "Egress"), wanted.getPolicyTypes());
        assertTrue(wanted.getIngress().isEmpty());
        assertEquals(
                8082,
                wanted.getEgress().getFirst().getPorts().getFirst().getPort().getIntVal());
        world.agentWithSandbox("s", "m", null);
        policies.withName("wheelhouse-sandbox").delete();
        await().until(() -> policies.withName("wheelhouse-sandbox").get() != null);
        operator.pass(Duration.ofSeconds(10));
        World.insist(() -> policies.withName("wheelhouse-sandbox").edit(policy -> {
            policy.getSpec().getEgress().getFirst().setTo(List.of());
            return policy;
        }));
        await().until(() ->
                wanted.equals(policies.withName("wheelhouse-sandbox").get().getSpec()));
    }

    @Test
    void aLostPodIsReplacedByANewOne() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod again = sandboxed.await("one pod", p -> true);
        sandboxed.phase(again, "Running");
        sandboxed.use("r", again, Sandboxed.request("k1").build());
        sandboxed.phase(again, "Failed");
        sandboxed.want(
                "r", Sandboxed.request("k1").after(again.getMetadata().getUid()).build());
        Pod next = sandboxed.await(
                "a third pod",
                p -> again.getMetadata()
                        .getUid()
                        .equals(p.getMetadata().getAnnotations().get(Api.ANNOTATION_SANDBOX_AFTER)));
        assertNotEquals(again.getMetadata().getName(), next.getMetadata().getName());
        await().until(() -> sandboxed.pods().size() == 1);
    }

    @Test
    void aWaitingRunHoldsNoSandboxUnlessItWaitsForIt() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod pod = sandboxed.await("one pod", p -> true);
        sandboxed.waits("r", World.waitingFor(WaitingFor.Kind.Resource, "Sandbox/k1"));
        operator.pass(Duration.ofSeconds(5));
        sandboxed.run("other");
        sandboxed.want("other", Sandboxed.request("k2").build());
        sandboxed.await(
                "the other's pod", p -> "k2".equals(p.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)));
        assertEquals(2, sandboxed.pods().size());
        sandboxed.waits("r", World.waitingFor(WaitingFor.Kind.InDoubt, "c1"));
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().stream()
                    .noneMatch(p ->
                            p.getMetadata().getUid().equals(pod.getMetadata().getUid()));
        });
        assertEquals(1, sandboxed.pods().size());
    }

    @Test
    void runsOfOneThreadShareAPodThatStaysUntilItIsIdle() {
        sandboxed.run("r1");
        sandboxed.run("r2");
        var request = Sandboxed.request("k1").scope(SandboxScope.Thread).build();
        sandboxed.want("r1", request);
        sandboxed.want("r2", request);
        Pod pod = sandboxed.await("one pod", p -> true);
        assertNull(pod.getMetadata().getLabels().get(Api.LABEL_RUN_UID));
        assertEquals("Agent", pod.getMetadata().getOwnerReferences().getFirst().getKind());
        world.finish("r1");
        operator.pass(Duration.ofSeconds(5));
        sandboxed.run("r3");
        sandboxed.want("r3", Sandboxed.request("k3").build());
        sandboxed.await("r3's pod", p -> "k3".equals(p.getMetadata().getLabels().get(Api.LABEL_SANDBOX_KEY)));
        assertTrue(sandboxed.pods().stream()
                .anyMatch(p -> p.getMetadata().getUid().equals(pod.getMetadata().getUid())));
        assertEquals(2, server.writes("/pods").size());
        world.finish("r2");
        world.finish("r3");
        await().until(() -> operator.book.admission(NS).isEmpty());
        // Not for long: the shared one goes too, once it was idle for its time.
        operator.pass(Duration.ofSeconds(3));
        await().until(() -> sandboxed.pods().size() == 1);
        assertEquals(
                pod.getMetadata().getUid(),
                sandboxed.pods().getFirst().getMetadata().getUid());
    }

    @Test
    void aKeptWorkspaceIsMountedAgain() {
        sandboxed.run("r");
        var keep = Sandboxed.request("k1").workspace(new SandboxSpec.Workspace(true, "2Gi", "fast"));
        sandboxed.want("r", keep.build());
        Pod first = sandboxed.await("one pod", p -> true);
        String workspace = Sandboxed.workspace(first);
        assertTrue(workspace.startsWith("wheelhouse-workspace-"));
        var stored = world.client
                .persistentVolumeClaims()
                .inNamespace(NS)
                .withName(workspace)
                .get();
        assertEquals("fast", stored.getSpec().getStorageClassName());
        assertEquals("Run", stored.getMetadata().getOwnerReferences().getFirst().getKind());
        sandboxed.want("r", keep.after(first.getMetadata().getUid()).build());
        Pod second = sandboxed.await(
                "another pod",
                p -> !p.getMetadata().getUid().equals(first.getMetadata().getUid()));
        assertEquals(workspace, Sandboxed.workspace(second));
    }

    @Test
    void whatTheTenantDoesNotAllowIsRefusedAndSaid() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").image("evil:1").build());
        await().until(() -> world.client.events().v1().events().inNamespace(NS).list().getItems().stream()
                .anyMatch(e -> "SandboxRefused".equals(e.getReason())
                        && e.getNote().contains("'evil:1'")
                        && e.getNote().contains("spec.sandbox.images")));
        assertEquals(List.of(), sandboxed.pods());
    }

    @Test
    void credentialsOfEgressAreMountedIntoTheRuntime() {
        world.kill("p1");
        world.agentWithEgress("s", "m", new SecretKey("github", "token"));
        var deployments = world.client.apps().deployments().inNamespace(NS).withName(Api.RUNTIME_NAME);
        world.run("r");
        await().until(() -> deployments.get() != null
                && deployments.get().getSpec().getTemplate().getSpec().getVolumes().stream()
                        .anyMatch(v -> v.getSecret() != null
                                && "github".equals(v.getSecret().getSecretName())
                                && "token"
                                        .equals(v.getSecret()
                                                .getItems()
                                                .getFirst()
                                                .getKey())));
        assertTrue(deployments.get().getSpec().getTemplate().getSpec().getContainers().getFirst().getPorts().stream()
                .anyMatch(port -> port.getContainerPort() == 8082));
        assertTrue(deployments.get().getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .anyMatch(e -> "WHEELHOUSE_SANDBOX_IMAGE".equals(e.getName()) && "sandbox:test".equals(e.getValue())));
    }

    @Test
    void anAgentSaysThatItsSandboxIsNotAllowed() {
        world.agentWithSandbox("s", "m", "evil:1");
        await().until(() -> {
            var status = world.client
                    .resources(dev.wheelhouse.api.v1alpha1.Agent.class)
                    .inNamespace(NS)
                    .withName("s")
                    .get()
                    .getStatus();
            return status != null
                    && status.conditions().stream()
                            .anyMatch(c -> "SandboxNotAllowed".equals(c.getReason())
                                    && c.getMessage().contains("spec.sandbox.image 'evil:1'"));
        });
    }

    @Test
    void anOperatorThatStartsAgainFindsEverything() {
        sandboxed.run("r");
        sandboxed.want("r", Sandboxed.request("k1").build());
        Pod pod = sandboxed.await("one pod", p -> true);
        operator.close();
        world.finish("r");
        operator = cluster.startOperator();
        await().until(() -> {
            operator.pass(Duration.ofSeconds(3));
            return sandboxed.pods().isEmpty();
        });
        assertEquals(
                1,
                server.writes("/pods").stream()
                        .filter(w -> w.method().equals("DELETE"))
                        .count());
        assertTrue(server.writes("/pods")
                .getLast()
                .path()
                .endsWith(pod.getMetadata().getName()));
    }
}
