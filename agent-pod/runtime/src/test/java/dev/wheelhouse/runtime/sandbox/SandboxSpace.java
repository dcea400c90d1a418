package dev.wheelhouse.runtime.sandbox;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.drive.PodIdentity;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Hurry;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** A namespace with sandboxes: the test is operator, kubelet and daemon; a pod's token is its UID. */
final class SandboxSpace implements AutoCloseable {
    static final String NAMESPACE = "team";
    static final String KEY = "0123456789abcdef0123";
    static final String SHAPE = "0011223344556677";
    static final RunId RUN = new RunId(NAMESPACE, "r1", "uid-r1");
    static final SandboxState.Request REQUEST = new SandboxState.Request(
            KEY,
            null,
            SandboxScope.Run,
            "image",
            new SandboxResources("1", "512Mi", "1Gi"),
            new SandboxSpec.Workspace(false, "1Gi", null),
            300,
            3600,
            false);
    private static final ObjectMapper JSON = new ObjectMapper();

    final FakeApiServer api = new FakeApiServer();
    final KubernetesClient client = api.client(NAMESPACE);
    final FakeDesk desk = new FakeDesk();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final List<RuntimeAddresses.Found> runtimes = new CopyOnWriteArrayList<>();
    final List<AutoCloseable> opened = new ArrayList<>();
    final AtomicInteger egressServed = new AtomicInteger();
    /** Opened: egress is answered. */
    volatile CountDownLatch egressOpen = new CountDownLatch(0);
    /** What sandboxes are told to probe. */
    private final Isolation isolation;

    /** A hurry lasts until it is said to be over. */
    final ApiPermits permits = new ApiPermits(8, new Hurry(Duration.ofHours(1), Duration.ZERO));

    final SandboxHost host;

    SandboxSpace() throws IOException {
        this(Duration.ofSeconds(30));
    }

    SandboxSpace(Duration comingUp) throws IOException {
        isolation = new Isolation(new Isolation.Place("10.0.0.1", 443), null);
        host = host(desk, comingUp);
    }

    /** One more runtime process of the namespace. */
    SandboxHost host(RunDesk at, Duration comingUp) throws IOException {
        String name = "runtime-" + runtimes.size();
        SandboxHost made = new SandboxHost(
                new SandboxHost.Parts(
                        client,
                        permits,
                        new PodIdentity(NAMESPACE, name, "uid-" + name),
                        at,
                        new SecretFiles(Path.of("/nowhere")),
                        registry,
                        0,
                        Map.of()),
                (token, pod, from) -> {
                    var found =
                            client.pods().inNamespace(NAMESPACE).withName(pod).get();
                    if (found == null || !found.getMetadata().getUid().equals(token)) {
                        throw new Identity.NotAdmitted("not that pod");
                    }
                    return SandboxPod.of(found);
                },
                new RuntimeAddresses(() -> List.copyOf(runtimes), name),
                isolation,
                new ClosedEgress(),
                comingUp);
        made.start();
        runtimes.add(new RuntimeAddresses.Found(name, null, "127.0.0.1:" + made.port()));
        opened.add(made);
        return made;
    }

    /** The network that nothing leaves by. */
    private final class ClosedEgress implements SandboxEgress {
        @Override
        public String authority(SandboxPod pod) {
            return "pem";
        }

        @Override
        public Runnable open(String podUid, String pod, ToolInvocation call, SandboxBinding need) {
            return () -> {};
        }

        @Override
        public void serve(Socket socket, Session session) throws IOException, InterruptedException {
            egressServed.incrementAndGet();
            egressOpen.await();
            socket.getOutputStream().write(("for " + session.pod().name()).getBytes(StandardCharsets.UTF_8));
        }
    }

    ToolPort tool() {
        return host.tool();
    }

    /** Makes a pod; without a key it is a warm one. */
    void pod(String name, String key) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .withUid("uid-" + name)
                .withCreationTimestamp("2026-11-26T00:00:00Z")
                .addToLabels(Api.LABEL_ROLE, "sandbox")
                .addToLabels(Api.LABEL_SANDBOX_SHAPE, SHAPE)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(Api.SANDBOX_SERVICE_ACCOUNT)
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("127.0.0.1")
                .withHostIP("10.0.0.9")
                .endStatus()
                .build();
        if (key != null) {
            pod.getMetadata().getLabels().put(Api.LABEL_SANDBOX_KEY, key);
        }
        api.store().put(pod);
    }

    static String path(String pod) {
        return "/api/v1/namespaces/" + NAMESPACE + "/pods/" + pod;
    }

    /** The operator writes whose the pod is. */
    void adopt(String name) {
        api.store()
                .edit(
                        path(name),
                        pod -> ((ObjectNode) pod.at("/metadata/labels"))
                                .put(Api.LABEL_SANDBOX_KEY, KEY)
                                .put(Api.LABEL_RUN_UID, RUN.uid()));
    }

    void ends(String name, String reason) {
        api.store()
                .edit(
                        path(name),
                        pod -> pod.withObjectProperty("status")
                                .put("phase", "Failed")
                                .put("reason", reason));
    }

    FakeDaemon connect(FakeDaemon.Pod pod) throws IOException {
        return connect(host, pod);
    }

    FakeDaemon connect(SandboxHost to, FakeDaemon.Pod pod) throws IOException {
        FakeDaemon daemon = new FakeDaemon(to.port(), pod, "uid-" + pod.name);
        opened.add(daemon);
        await().until(() -> daemon.welcome != null || daemon.refused != null);
        return daemon;
    }

    Future<ToolResult> start(ToolInvocation call) {
        FutureTask<ToolResult> task = new FutureTask<>(() -> tool().call(call));
        Thread.ofVirtual().start(task);
        return task;
    }

    void awaitWanted() {
        await().until(() ->
                desk.states.containsKey(RUN.uid()) && desk.states.get(RUN.uid()).wanted() != null);
    }

    static SandboxBinding binding(boolean requireIsolation, List<RunSpec.InputFile> files) {
        return new SandboxBinding(REQUEST, null, requireIsolation, files, List.of(), null, List.of());
    }

    /** Of a run that warm sandboxes are good enough for. */
    static SandboxBinding warmBinding(String key) {
        SandboxState.Request r = REQUEST;
        var request = new SandboxState.Request(
                key,
                null,
                r.scope(),
                r.image(),
                r.resources(),
                r.workspace(),
                r.idleSeconds(),
                r.maxSeconds(),
                r.keepWhileWaiting());
        return new SandboxBinding(request, SHAPE, false, List.of(), List.of(), null, List.of());
    }

    static ToolInvocation call(String tool, String callId, String arguments) {
        return call(tool, callId, arguments, binding(false, List.of()), 1);
    }

    static ToolInvocation call(String tool, String callId, String arguments, SandboxBinding binding, long epoch) {
        return call(RUN, tool, callId, arguments, binding, epoch);
    }

    static ToolInvocation call(
            RunId run, String tool, String callId, String arguments, SandboxBinding binding, long epoch) {
        BuiltinTool builtin = BuiltinTool.named(tool).orElseThrow();
        PinnedTool pinned = new PinnedTool(
                tool,
                "",
                "builtin",
                "sandbox",
                builtin.effect(),
                builtin.schema(),
                JSON.createObjectNode(),
                builtin.timeout(),
                65_536,
                binding.json(),
                "sha256:0");
        return new ToolInvocation(
                run,
                pinned,
                callId,
                json(arguments),
                Canonical.sha256((run.uid() + "\n" + callId).getBytes(StandardCharsets.UTF_8)),
                epoch,
                "ada",
                0,
                null,
                Limits.DEFAULT,
                pinned.timeout(),
                null,
                null,
                Notes.CLOSED);
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        client.close();
        api.close();
    }
}
