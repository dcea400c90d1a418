package dev.wheelhouse.e2e;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A namespace of a test and what is in it. Short tests read better with it; it adds no behaviour of its own. */
record Space(String name) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(250);

    /** Creates what the YAML says, documents separated by {@code ---}; unknown fields are errors. */
    Space create(String yaml) {
        for (String document : yaml.split("(?m)^---$")) {
            var object = Serialization.unmarshal(document, GenericKubernetesResource.class);
            Cluster.client()
                    .genericKubernetesResources(object.getApiVersion(), object.getKind())
                    .inNamespace(name)
                    .resource(object)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
        }
        return this;
    }

    /** Creates one of our kinds from its spec in YAML. */
    Space create(String kind, String objectName, String spec) {
        return create(Manifest.of(kind, objectName, spec));
    }

    /** A scripted Model and an Agent that uses it, both of this name; the agent has the tools of {@link #world}. */
    Space scripted(String agent, String rules, String agentFields) {
        create("Model", agent, Manifest.scripted(rules));
        return create("Agent", agent, Manifest.agent(agent) + agentFields);
    }

    Space scripted(String agent, String rules) {
        return scripted(agent, rules, "");
    }

    /** The ToolServer {@code world}: one tool of each effect class, all answered by the counting server. */
    Space world(CountingServer server) {
        return create("ToolServer", "world", Manifest.world(server));
    }

    Space tenant(String spec) {
        return create("Tenant", "default", spec);
    }

    /** Creates a Run; {@code fields} are further fields of its spec. */
    Space run(String run, String agent, String input, String fields) {
        return create("Run", run, "agent: " + agent + "\ninput: " + input + "\n" + fields);
    }

    /** Creates a Run of the agent of the same name. */
    Space run(String run) {
        return run(run, run, "go", "");
    }

    /** The Run as it is now. */
    Run get(String run) {
        return Objects.requireNonNull(find(run), () -> "no Run " + run + " in " + name);
    }

    /** The Run as it is now, or null. */
    Run find(String run) {
        return Cluster.client()
                .resources(Run.class)
                .inNamespace(name)
                .withName(run)
                .get();
    }

    List<Run> runs() {
        return Cluster.client().resources(Run.class).inNamespace(name).list().getItems();
    }

    Run awaitComplete(String run) {
        return awaitRun(run, "complete", Runs::complete);
    }

    Run awaitPhase(String run, RunPhase phase) {
        return awaitRun(run, phase.name(), seen -> Runs.phase(seen) == phase);
    }

    /** Waits until the Run is as asked; fails with what it is instead. */
    Run awaitRun(String run, String what, Predicate<Run> is) {
        return awaitRun(run, what, PATIENCE, is);
    }

    Run awaitRun(String run, String what, Duration patience, Predicate<Run> is) {
        var last = new AtomicReference<Run>();
        await(() -> run + " " + what + ", but it is " + Runs.describe(last.get()), patience, () -> {
            last.set(find(run));
            return last.get() != null && is.test(last.get());
        });
        return last.get();
    }

    /** Waits for a condition; an API server that does not answer is no answer. */
    static void await(java.util.function.Supplier<String> what, Duration patience, BooleanSupplier condition) {
        try {
            org.awaitility.Awaitility.await()
                    .atMost(patience)
                    .pollInterval(POLL)
                    .pollDelay(Duration.ZERO)
                    .ignoreException(KubernetesClientException.class)
                    .until(condition::getAsBoolean);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("waited " + patience.toSeconds() + " s for: " + what.get(), e);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        await(() -> what, PATIENCE, condition);
    }

    /** Runtime pods of this namespace that are not being deleted. */
    List<Pod> runtimePods() {
        return Cluster.client()
                .pods()
                .inNamespace(name)
                .withLabel("wheelhouse.dev/role", "runtime")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** The kubelet restarts a container that dies often later and later; a fresh pod starts at once. */
    void replaceRestartedRuntimes() {
        runtimePods().stream()
                .filter(pod -> pod.getStatus().getContainerStatuses().stream()
                        .anyMatch(container -> container.getRestartCount() > 0))
                .forEach(
                        pod -> Cluster.client().resource(pod).withGracePeriod(0).delete());
    }

    void awaitReadyRuntimes(int count) {
        await(
                count + " ready runtime pods in " + name,
                () -> runtimePods().stream().filter(Space::ready).count() == count);
    }

    private static boolean ready(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    /** As a person cancels. */
    void cancel(String run) {
        patch("arun", run, "spec: {cancel: true}").orThrow();
    }

    /** Merges a change, as YAML in block style, into an object. */
    Kubectl.Result patch(String kind, String object, String change) {
        return kubectl("patch", kind, object, "--type=merge", "-p", change);
    }

    Kubectl.Result kubectl(String... arguments) {
        var all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = name;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Cluster.kubectl(all);
    }

    /** Names of the ConfigMaps that hold journals in this namespace. */
    List<String> journals() {
        return Cluster.client()
                .configMaps()
                .inNamespace(name)
                .withLabel("wheelhouse.dev/journal")
                .list()
                .getItems()
                .stream()
                .map(map -> map.getMetadata().getName())
                .toList();
    }
}
