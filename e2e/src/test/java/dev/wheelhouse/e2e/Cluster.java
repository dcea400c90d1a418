package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real cluster that the tests run against, through {@code kubectl} as a person uses it and through a client where
 * a test must look closely.
 */
final class Cluster {
    /** Address of this machine as pods see it; servers of the tests listen there. */
    static final String HOST = System.getenv().getOrDefault("WHEELHOUSE_HOST_ADDRESS", "10.88.0.1");

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static KubernetesClient client;

    private Cluster() {}

    /** Fails where the cluster is required (CI), skips elsewhere, if there is none. */
    static void require() {
        boolean there = kubectl("get", "--raw", "/readyz").ok();
        if ("1".equals(System.getenv("WHEELHOUSE_REQUIRE_CLUSTER")) && !there) {
            throw new IllegalStateException("no cluster answers, and WHEELHOUSE_REQUIRE_CLUSTER=1");
        }
        assumeTrue(there, "no cluster answers: run `make cluster install` first");
    }

    static synchronized KubernetesClient client() {
        if (client == null) {
            client = new KubernetesClientBuilder().build();
        }
        return client;
    }

    /** Makes a namespace of its own for a test; it is deleted with {@link #drop}. */
    static String namespace(String purpose) {
        String name = "e2e-" + purpose + "-" + Long.toString(System.currentTimeMillis() % 1_000_000_000L, 36)
                + COUNTER.incrementAndGet();
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("wheelhouse.dev/e2e", "true")
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    static void drop(String namespace) {
        client().namespaces().withName(namespace).delete();
    }

    static Kubectl.Result kubectl(String... arguments) {
        return Kubectl.run(null, arguments);
    }

    /** Applies YAML as {@code kubectl apply -f -} does, and fails with its message. */
    static void apply(String namespace, String yaml) {
        Kubectl.run(yaml, "-n", namespace, "apply", "-f", "-").orThrow();
    }

    /** Applies YAML and returns what the API server says. */
    static Kubectl.Result tryApply(String namespace, String yaml) {
        return Kubectl.run(yaml, "-n", namespace, "apply", "-f", "-");
    }

    /** Waits for a condition as a person does, with {@code kubectl wait}. */
    static void await(String namespace, String resource, String condition, int seconds) {
        kubectl("-n", namespace, "wait", resource, "--for=" + condition, "--timeout=" + seconds + "s")
                .orThrow();
    }

    static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("Makefile"))) {
            here = here.getParent();
        }
        return here;
    }
}
