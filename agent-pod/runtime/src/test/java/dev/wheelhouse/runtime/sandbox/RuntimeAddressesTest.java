package dev.wheelhouse.runtime.sandbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which runtimes a sandbox is told of. */
class RuntimeAddressesTest {
    private static final SandboxPod SHARED = sandbox("key", null);
    private static final SandboxPod WARM = sandbox(null, null);

    @Test
    void runtimes_of_all_runs_and_those_of_each_run_that_may_use_it() {
        try (FakeApiServer api = new FakeApiServer();
                KubernetesClient client = api.client("team")) {
            pod(api, "me", null, "10.1.0.1", "Running");
            pod(api, "other", null, "10.1.0.2", "Running");
            pod(api, "six", null, "fd00::2", "Running");
            pod(api, "starting", null, null, "Pending");
            pod(api, "ended", null, "10.1.0.3", "Failed");
            pod(api, "own", "run-1", "10.1.0.4", "Running");
            RuntimeAddresses addresses = RuntimeAddresses.of(client, new ApiPermits(4), "team", "me");
            assertEquals(
                    List.of("10.1.0.1:8082", "10.1.0.2:8082", "[fd00::2]:8082"), addresses.of(WARM, "10.1.0.1:8082"));
            List<String> all = List.of("10.1.0.1:8082", "10.1.0.2:8082", "[fd00::2]:8082", "10.1.0.4:8082");
            assertEquals(all, addresses.of(sandbox("key", "run-1"), "10.1.0.1:8082"));
            assertEquals(all, addresses.of(SHARED, "10.1.0.1:8082"), "run-1 may share it");
            assertEquals(
                    3, addresses.of(sandbox("key", "run-2"), "10.1.0.1:8082").size());
            assertEquals(1, api.requests().size(), "one answer for all");
        }
    }

    @Test
    void without_an_answer_of_the_api_server_there_is_still_this_one() {
        try (FakeApiServer api = new FakeApiServer();
                KubernetesClient client = api.client("team")) {
            api.faults(request -> FakeApiServer.Fault.UNAVAILABLE);
            RuntimeAddresses addresses = RuntimeAddresses.of(client, new ApiPermits(4), "team", "me");
            assertEquals(List.of("10.1.0.1:8082"), addresses.of(SHARED, "10.1.0.1:8082"));
        }
    }

    @Test
    void nobody_waits_long_for_an_api_server_that_does_not_answer() {
        CompletableFuture<List<RuntimeAddresses.Found>> answer = new CompletableFuture<>();
        AtomicInteger asked = new AtomicInteger();
        RuntimeAddresses addresses = new RuntimeAddresses(
                () -> {
                    asked.incrementAndGet();
                    return answer.join();
                },
                "me");
        assertEquals(List.of("10.1.0.1:8082"), addresses.of(SHARED, "10.1.0.1:8082"));
        assertEquals(List.of("10.1.0.1:8082"), addresses.of(SHARED, "10.1.0.1:8082"));
        assertEquals(1, asked.get(), "one request at a time");
        answer.complete(List.of(new RuntimeAddresses.Found("other", null, "10.1.0.2:8082")));
        await().until(() -> addresses.of(SHARED, "10.1.0.1:8082").size() == 2);
    }

    private static SandboxPod sandbox(String key, String runUid) {
        return new SandboxPod("p1", "uid", key, null, runUid, "10.1.0.9", "10.0.0.9", "", false, null);
    }

    private static void pod(FakeApiServer api, String name, String runUid, String ip, String phase) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("team")
                .addToLabels(Api.LABEL_ROLE, "runtime")
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .withPodIP(ip)
                .endStatus()
                .build();
        if (runUid != null) {
            pod.getMetadata().getLabels().put(Api.LABEL_RUN_UID, runUid);
        }
        api.store().put(pod);
    }
}
