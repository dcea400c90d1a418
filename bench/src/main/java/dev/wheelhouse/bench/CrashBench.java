package dev.wheelhouse.bench;

import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Kills the runtime process of a run with SIGKILL inside a tool call and measures until the call arrives again from
 * another process: the run has then been taken over, its journal read, and its next effect sent.
 */
record CrashBench(int kills) implements Bench.Measurement {
    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        List<Double> seconds = new ArrayList<>();
        long duplicated = 0;
        try (World world = new World();
                Bed bed = new Bed(client, "bench-crash", 100);
                Completions completions = new Completions(client, bed.namespace)) {
            for (int i = 0; i < kills; i++) {
                String name = "crash-" + i;
                String path = "/held/" + name;
                bed.agent(name, world.url(path));
                bed.run(name, name);
                Bed.await(
                        "the call arrived",
                        Duration.ofMinutes(3),
                        () -> !world.calls(path).isEmpty());
                String pod = client.resources(Run.class)
                        .inNamespace(bed.namespace)
                        .withName(name)
                        .get()
                        .getStatus()
                        .execution()
                        .pod();
                long pid = Processes.ofPod(pod).orElseThrow();
                long killed = System.nanoTime();
                Processes.kill(pid);
                Bed.await(
                        "the call arrived again",
                        Duration.ofMinutes(2),
                        () -> world.calls(path).size() > 1);
                var calls = List.copyOf(world.calls(path));
                seconds.add((calls.get(1).nanoTime() - killed) / 1e9);
                duplicated += calls.stream().map(World.Call::key).distinct().count() - 1;
                completions.await(i + 1, Duration.ofMinutes(1));
                awaitTwoRuntimes(client, bed.namespace);
            }
        }
        report.heading("Crash to resume");
        report.line("SIGKILL of the runtime inside a tool call, until the call is made again by another process: **"
                + Percentiles.of(seconds).row("s") + "** (bar: p99 under 5 s, two runtime pods)");
        report.line("calls with a second idempotency key: " + duplicated);
    }

    /** The kubelet backs off when one container dies often: a fresh pod keeps the kills comparable. */
    private static void awaitTwoRuntimes(KubernetesClient client, String namespace) {
        var pods = client.pods().inNamespace(namespace).withLabel("wheelhouse.dev/role", "runtime");
        pods.list().getItems().stream()
                .filter(pod -> restarts(pod) > 0)
                .forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
        Bed.await(
                "two runtimes are ready",
                Duration.ofMinutes(2),
                () -> pods.list().getItems().stream()
                                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                .filter(pod -> pod.getStatus().getConditions().stream()
                                        .anyMatch(c -> c.getType().equals("Ready")
                                                && c.getStatus().equals("True")))
                                .count()
                        >= 2);
    }

    private static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(s -> s.getRestartCount())
                .sum();
    }
}
