package dev.wheelhouse.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;

/** Resident memory of operator and runtimes with many finished and many live runs. */
record MemoryBench(int finished, int live) implements Bench.Measurement {
    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                Bed bed = new Bed(client, "bench-memory", finished + live);
                Completions completions = new Completions(client, bed.namespace)) {
            bed.agent("short", world.url("/now"));
            bed.sleeper("sleeper");
            long start = System.nanoTime();
            create(bed, finished, "done-", "short");
            completions.await(finished, Duration.ofMinutes(20));
            double seconds = (System.nanoTime() - start) / 1e9;
            create(bed, live, "live-", "sleeper");
            Bed.await("all live runs run", Duration.ofMinutes(5), () -> running(client, bed) == live);

            report.heading("Memory with " + finished + " finished and " + live + " live runs");
            report.line(String.format(
                    java.util.Locale.ROOT,
                    "the finished ones took %.0f s: %.1f per second",
                    seconds,
                    finished / seconds));
            rss(report, "operator", "WHEELHOUSE_ROLE=operator");
            rss(report, "runtime", "POD_NAMESPACE=" + bed.namespace);
            report.line("bar: operator at most 512 MiB");
        }
    }

    private static void create(Bed bed, int count, String prefix, String agent) {
        try (var creators = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < count; i++) {
                String name = prefix + i;
                creators.submit(() -> bed.run(name, agent));
            }
        }
    }

    private static long running(KubernetesClient client, Bed bed) {
        return client
                .resources(dev.wheelhouse.api.v1alpha1.Run.class)
                .inNamespace(bed.namespace)
                .withField("status.completionTime", "")
                .list()
                .getItems()
                .stream()
                .filter(run -> run.getStatus() != null
                        && run.getStatus().execution() != null
                        && run.getStatus().execution().holder() != null
                        && !run.getStatus().execution().holder().isEmpty())
                .count();
    }

    private static void rss(Report report, String what, String environment) throws IOException {
        for (long pid : Processes.withEnvironment(environment)) {
            report.line(what + ": " + Processes.residentMiB(pid) + " MiB resident");
        }
    }
}
