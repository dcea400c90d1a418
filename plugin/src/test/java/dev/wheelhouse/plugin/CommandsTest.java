package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as they are called, against an API server that keeps objects but has no schema. */
@EnableKubernetesMockClient(crud = true, https = false)
class CommandsTest {
    private static final int PATIENCE = 20;

    /** Held, because the log manager forgets levels of loggers that nobody holds. */
    private static final Logger MOCK_SERVER = Logger.getLogger("io.fabric8.mockwebserver");

    KubernetesClient client;

    @TempDir
    Path folder;

    private Path kubeconfig;

    @BeforeAll
    static void quiet() {
        MOCK_SERVER.setLevel(Level.WARNING);
    }

    @BeforeEach
    void connect() {
        // The mock server and the JDK's client do not always get on over a POST.
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(client.getMasterUrl().toString())
                .build();
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @BeforeEach
    void kubeconfig() throws IOException {
        kubeconfig = folder.resolve("config");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s"}}]
                users: [{name: u, user: {}}]
                contexts: [{name: other, context: {cluster: c, user: u}}, {name: x, context: {cluster: c, user: u, namespace: shop}}]
                current-context: other
                """.formatted(client.getMasterUrl()));
    }

    @Test
    void transcript_of_the_context_s_namespace() {
        Run order = run("order", "{phase: Succeeded}");
        Stories.survivor().maps(3, uid(order)).forEach(this::put);

        var result = call("transcript", "order", "--context", "x");

        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().contains("Ordered: A-1001."), result.out());
        assertTrue(result.out().contains("hash chain intact"), result.out());
    }

    @Test
    void a_missing_run_is_an_error_that_names_it() {
        var result = call("transcript", "-n", "shop", "nothing");

        assertEquals(1, result.code());
        assertEquals("error: there is no Run 'nothing' in namespace 'shop'\n", result.err());
    }

    @Test
    void options_may_come_before_the_command_as_with_kubectl() {
        var result = call("-n", "shop", "transcript", "nothing");

        assertEquals("error: there is no Run 'nothing' in namespace 'shop'\n", result.err());
    }

    @Test
    void a_journal_on_a_volume_is_refused_with_a_way_out() {
        run("order", "{journal: {store: PersistentVolumeClaim}}");

        var result = call("logs", "-n", "shop", "order");

        assertEquals(1, result.code());
        assertTrue(result.err().contains("PersistentVolumeClaim"), result.err());
        assertTrue(result.err().contains("kubectl describe arun order"), result.err());
    }

    @Test
    void cancel_patches_the_run_and_says_how_kubectl_would() {
        run("order", "{phase: Running}");

        var result = call("cancel", "-n", "shop", "order");

        assertEquals("""
                kubectl -n shop patch runs.wheelhouse.dev order --type=merge -p '{"spec":{"cancel":true}}'
                Run order is being cancelled.
                """, result.out());
        assertTrue(client.resources(Run.class)
                .inNamespace("shop")
                .withName("order")
                .get()
                .getSpec()
                .cancel());
    }

    @Test
    void cancel_leaves_a_run_that_has_ended() {
        run("order", "{phase: Succeeded, conditions: [{type: Complete, status: 'True', reason: Succeeded}]}");

        assertEquals(
                "Run order has ended already: Succeeded\n",
                call("cancel", "-n", "shop", "order").out());
    }

    @Test
    void tree_finds_the_children_of_children() {
        Run order = run("order", "{phase: Waiting}");
        Run a = child("a", order);
        child("b", a);

        var result = call("tree", "-n", "shop", "order");

        assertEquals(
                List.of("order", "└─ a", "   └─ b"),
                result.out()
                        .lines()
                        .skip(1)
                        .map(line -> line.substring(0, 10).stripTrailing())
                        .toList());
    }

    @Test
    void logs_follow_a_run_until_it_ends() {
        Run order = run("order", "{phase: Running}");
        Written written = Stories.survivor();
        List<ConfigMap> maps = written.maps(4, uid(order));
        put(maps.getFirst());
        StringWriter out = new StringWriter();
        var code = CompletableFuture.supplyAsync(
                () -> call(out, "logs", "-f", "-n", "shop", "order").code());

        Awaitility.await()
                .atMost(PATIENCE, TimeUnit.SECONDS)
                .until(() -> out.toString().contains("I will order it."));
        maps.forEach(this::put);
        run(
                "order",
                "{phase: Succeeded, conditions: [{type: Complete, status: 'True', reason: Succeeded}], journal: {records: "
                        + written.lines.size() + "}}");

        assertEquals(0, code.orTimeout(PATIENCE, TimeUnit.SECONDS).join());
        String told = out.toString();
        assertTrue(told.contains("Ordered: A-1001."), told);
        assertTrue(told.strip().endsWith("== Succeeded"), told);
        assertEquals(
                1,
                told.lines().filter(line -> line.contains("I will order it.")).count(),
                "each record once");
    }

    @Test
    void artifacts_are_listed_fetched_and_never_written_over() throws IOException {
        String digest = "sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
        Run run = run("order", "{artifacts: [{name: ../../hello, size: 11, digest: '" + digest + "'}]}");
        put(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("order-a-1")
                .addToLabels(Api.LABEL_JOURNAL, uid(run))
                .addToLabels(Api.LABEL_ARTIFACT, digest.substring(7, 70))
                .addToAnnotations(Api.ANNOTATION_ARTIFACT_PART, "0/1")
                .endMetadata()
                .addToBinaryData(Api.ARTIFACT_KEY, "aGVsbG8gd29ybGQ=")
                .build());
        Path file = folder.resolve("fetched");

        assertTrue(call("artifacts", "-n", "shop", "order").out().contains("../../hello"));
        var fetch = new String[] {"artifacts", "-n", "shop", "order", "../../hello"};
        assertTrue(call(fetch).err().contains("say where with --output"));
        var fetchTo = new String[] {"artifacts", "-n", "shop", "order", "../../hello", "-o", file.toString()};
        assertEquals(0, call(fetchTo).code());
        assertEquals("hello world", Files.readString(file));
        assertTrue(call(fetchTo).err().contains("exists already"));
    }

    private record Result(int code, String out, String err) {}

    private Result call(String... arguments) {
        return call(new StringWriter(), arguments);
    }

    private Result call(StringWriter out, String... arguments) {
        StringWriter err = new StringWriter();
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--kubeconfig";
        all[arguments.length + 1] = kubeconfig.toString();
        int code = KubectlWheelhouse.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
        return new Result(code, out.toString(), err.toString());
    }

    private static String uid(Run run) {
        return run.getMetadata().getUid();
    }

    private Run child(String name, Run parent) {
        return create(
                name,
                "{wheelhouse.dev/parent: " + uid(parent) + "}",
                ", parent: {name: p, uid: " + uid(parent) + ", callId: c, depth: 1}",
                "{phase: Running}");
    }

    private Run run(String name, String status) {
        return create(name, "{}", "", status);
    }

    private Run create(String name, String labels, String moreSpec, String status) {
        Run run = Manifests.run(
                "{name: " + name + ", namespace: shop, labels: " + labels + "}",
                "{agent: buyer, input: x, cancel: false" + moreSpec + "}",
                status);
        return client.resource(run).createOr(op -> op.update());
    }

    private void put(ConfigMap map) {
        client.resource(map).createOr(op -> op.update());
    }
}
