package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a Tenant says about sandboxes holds, whoever reads the message knows the field, and once it fits runs go on. */
class SandboxTenantE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String RUNTIME = "runtime: {cpu: 10m, replicas: 1}\n";
    private static final String IMAGE = "wheelhouse.local/sandbox:dev";

    @Test
    void an_image_that_the_tenant_does_not_allow_is_refused_until_it_does() {
        Space space = SPACES.open("images").tenant(RUNTIME + "sandbox: {images: ['wheelhouse.local/other:1']}");
        Lab lab = Lab.open(space, "picky", "{image: '" + IMAGE + "'}");
        List<String> said = List.of(
                "spec.sandbox.image '" + IMAGE + "'",
                "allows: wheelhouse.local/other:1",
                "Tenant's spec.sandbox.images");
        awaitNotReady(space, "picky", said);
        lab.start("early", "#sh\necho early");
        assertRefused(space, "early", said);
        assertTrue(Lab.pods(space).isEmpty(), "no sandbox is made of an image that is not allowed");
        space.patch("tenant", "default", "spec: {sandbox: {images: ['wheelhouse.local/other:1', '" + IMAGE + "']}}")
                .orThrow();
        awaitReady(space, "picky");
        assertTrue(lab.shell("late", "echo late").contains("late"));
        assertTrue(lab.told("early").contains("early"), "the refused run goes on by itself");
    }

    @Test
    void more_than_the_tenant_allows_is_refused_until_the_agent_wants_less() {
        Space space = SPACES.open("ceilings")
                .tenant(RUNTIME + "sandbox: {maxResources: {cpu: '1', memory: 512Mi, disk: 1Gi}}");
        Lab lab = Lab.open(space, "greedy", "{scope: Tenant, resources: {cpu: '2', memory: 512Mi, disk: 1Gi}}");
        List<String> said = List.of("spec.sandbox.resources.cpu", "Tenant's spec.sandbox.maxResources.cpu", "lower it");
        awaitNotReady(space, "greedy", said);
        lab.start("greedy", "#sh\necho modest now");
        assertRefused(space, "greedy", said);
        space.patch("agent", "greedy", "spec: {sandbox: {resources: {cpu: '1'}}}")
                .orThrow();
        assertTrue(lab.told("greedy").contains("modest now"));
        Quantity cpu = lab.pod("greedy")
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getLimits()
                .get("cpu");
        assertEquals(new Quantity("1"), cpu);
    }

    @Test
    void commands_run_in_a_pod_of_the_tenants_runtime_class() {
        Space space = SPACES.open("class");
        runtimeClass(space);
        try {
            space.tenant(RUNTIME + "sandbox: {runtimeClassName: " + space.name() + "}");
            // Shared, so that the pod is still there when the run has ended.
            Lab lab = Lab.open(space, "classy", "{scope: Tenant}");
            assertTrue(lab.shell("classy", "echo it works").contains("it works"));
            assertEquals(space.name(), lab.pod("classy").getSpec().getRuntimeClassName());
        } finally {
            dropRuntimeClass(space);
        }
    }

    /** The tenant's own kernel may be why it trusts sandboxes at all: without it there is none, rather than another. */
    @Test
    void a_runtime_class_that_does_not_exist_is_said_at_the_run_which_goes_on_once_it_does() {
        Space space = SPACES.open("noclass");
        space.tenant(RUNTIME + "sandbox: {runtimeClassName: " + space.name() + "}");
        Lab lab =
                Lab.open(space, "stuck", "{scope: Tenant}").start("stuck", "#sh\necho began >> log; sleep 3; cat log");
        Space.await(
                "an Event at the Run that names the RuntimeClass",
                () -> events(space, "stuck").contains("RuntimeClass \"" + space.name() + "\" not found"));
        Run run = space.awaitRun(
                "stuck", "a condition that says so too", seen -> Runs.is(seen, ConditionType.SANDBOX_READY, "False"));
        Condition missing = Runs.condition(run, ConditionType.SANDBOX_READY);
        assertEquals("SandboxFailed", missing.getReason());
        assertTrue(
                missing.getMessage().contains("RuntimeClass \"" + space.name() + "\" not found"), missing.getMessage());
        assertFalse(Runs.complete(run), () -> "a run does not fail for it: " + Runs.describe(run));
        assertTrue(Lab.pods(space).isEmpty(), "no sandbox with another RuntimeClass instead");
        try {
            runtimeClass(space);
            space.awaitRun(
                    "stuck", "the condition taken back", seen -> Runs.is(seen, ConditionType.SANDBOX_READY, "True"));
            String told = lab.told("stuck");
            assertTrue(told.contains("began") && !told.contains("began\nbegan"), told);
            assertEquals(space.name(), lab.pod("stuck").getSpec().getRuntimeClassName());
            new Journal(space, "stuck").assertSound();
        } finally {
            dropRuntimeClass(space);
        }
    }

    /** With the one handler that every node has. It belongs to no namespace, so it has the name of the test's. */
    private static void runtimeClass(Space space) {
        Kubectl.run("""
                apiVersion: node.k8s.io/v1
                kind: RuntimeClass
                metadata: {name: %s, labels: {wheelhouse.dev/e2e: "true"}}
                handler: runc
                """.formatted(space.name()), "create", "-f", "-").orThrow();
    }

    private static void dropRuntimeClass(Space space) {
        Cluster.kubectl("delete", "runtimeclass", space.name(), "--ignore-not-found")
                .orThrow();
    }

    private static String events(Space space, String run) {
        return space.kubectl(
                        "get",
                        "events",
                        "--field-selector=involvedObject.name=" + run + ",reason=SandboxFailed",
                        "-o",
                        "jsonpath={.items[*].message}")
                .out();
    }

    private static void assertRefused(Space space, String run, List<String> said) {
        Run refused = space.awaitRun(run, "not accepted", seen -> Runs.refused(seen, "SandboxNotAllowed"));
        String message = Runs.condition(refused, "Accepted").getMessage();
        said.forEach(
                fragment -> assertTrue(message.contains(fragment), () -> "'" + fragment + "' is not in: " + message));
    }

    private static void awaitNotReady(Space space, String agent, List<String> said) {
        Space.await(
                "Agent " + agent + " to say " + said,
                () -> Stream.concat(Stream.of("False SandboxNotAllowed "), said.stream())
                        .allMatch(ready(space, agent)::contains));
    }

    private static void awaitReady(Space space, String agent) {
        Space.await("Agent " + agent + " to be ready", () -> ready(space, agent).startsWith("True "));
    }

    /** Status, reason and message of the Agent's condition Ready. */
    private static String ready(Space space, String agent) {
        return space.kubectl(
                        "get",
                        "agent",
                        agent,
                        "-o",
                        "jsonpath={range .status.conditions[?(@.type==\"Ready\")]}{.status} {.reason} {.message}{end}")
                .out();
    }
}
