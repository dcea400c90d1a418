package dev.wheelhouse.bench;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.Tenant;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A namespace with a Tenant, a scripted Model, a ToolServer and Agents to measure with. */
final class Bed implements AutoCloseable {
    private final KubernetesClient client;
    final String namespace;

    Bed(KubernetesClient client, String namespace, int maxConcurrentRuns) {
        this.client = client;
        this.namespace = namespace;
        client.namespaces().withName(namespace).delete();
        await(
                "namespace " + namespace + " is gone",
                Duration.ofMinutes(5),
                () -> client.namespaces().withName(namespace).get() == null);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        apply("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Tenant
                metadata: {name: %s}
                spec: {maxConcurrentRuns: %d, runtime: {replicas: 2, idleSeconds: 0}}
                """.formatted(Tenant.NAME, maxConcurrentRuns));
    }

    /** An agent that calls one idempotent tool at {@code url} once, then answers. */
    void agent(String name, String url) {
        agent(name, url, "{mode: Never}");
    }

    /** The same, whose calls need people by this rule (YAML in braces). */
    void agent(String name, String url, String approval) {
        apply("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Model
                metadata: {name: %1$s}
                spec:
                  provider: scripted
                  script:
                  - when: {step: 1}
                    then: {calls: [{tool: act, arguments: {}}]}
                  - then: {text: done}
                ---
                apiVersion: wheelhouse.dev/v1alpha1
                kind: ToolServer
                metadata: {name: %1$s}
                spec:
                  http:
                    tools:
                    - {name: act, description: Acts., method: POST, url: "%2$s", effect: idempotent, timeoutSeconds: 600}
                ---
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Agent
                metadata: {name: %1$s}
                spec: {model: %1$s, instructions: Act once., tools: [{server: %1$s, name: act, approval: %3$s}]}
                """.formatted(name, url, approval));
    }

    /** An agent whose model takes ten minutes for its answer: a run that stays alive. */
    void sleeper(String name) {
        apply("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Model
                metadata: {name: %1$s}
                spec:
                  provider: scripted
                  timeoutSeconds: 3600
                  script: [{then: {text: done, delayMillis: 600000}}]
                ---
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Agent
                metadata: {name: %1$s}
                spec: {model: %1$s, instructions: Sleep.}
                """.formatted(name));
    }

    void run(String name, String agent) {
        Run run = new Run();
        run.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        run.setSpec(new RunSpec(agent, "go", null, null, null, null, null, null, null, null, null));
        client.resource(run).create();
    }

    /** A Schedule that fires at new year. */
    void schedule(String name, String agent, UserInfo author) {
        client.load(new ByteArrayInputStream(
                        """
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Schedule
                metadata: {name: %s, namespace: %s}
                spec:
                  schedule: "0 0 1 1 *"
                  requester: "%s"
                  requesterGroups: %s
                  runTemplate: {spec: {agent: %s, input: "for {{ scheduledTime }}"}}
                """.formatted(name, namespace, author.getUsername(), author.getGroups(), agent)
                                .getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    void reschedule(String name, String expression) {
        client.resources(Schedule.class)
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"schedule\":\"" + expression + "\"}}");
    }

    void apply(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .serverSideApply();
    }

    static void await(String what, Duration atMost, BooleanSupplier condition) {
        await(what, atMost, Duration.ofMillis(50), condition);
    }

    /** {@code poll}: long where a look is expensive, so that the looking does not change what is measured. */
    static void await(String what, Duration atMost, Duration poll, BooleanSupplier condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not reached within " + atMost + ": " + what);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(poll.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
    }
}
