package dev.wheelhouse.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Counts our own API writes for short runs with one tool call, from the API server's audit log. */
record WritesBench(AuditLog audit) implements Bench.Measurement {
    private static final int RUNS = 50;

    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                Bed bed = new Bed(client, "bench-writes", 100);
                Completions completions = new Completions(client, bed.namespace)) {
            bed.agent("short", world.url("/now"));
            bed.run("first", "short"); // brings up the runtime, whose own writes must not count
            completions.await(1, Duration.ofMinutes(3));
            Map<String, Long> before = audit.writes(bed.namespace);
            for (int i = 0; i < RUNS; i++) {
                bed.run("run-" + i, "short");
            }
            completions.await(RUNS + 1, Duration.ofMinutes(5));
            Map<String, Long> after = audit.writes(bed.namespace);

            report.heading("Our API writes per short run (two model calls, one tool call)");
            double total = 0;
            for (var count : after.entrySet()) {
                boolean ours =
                        count.getKey().startsWith("operator ") || count.getKey().startsWith("runtime ");
                boolean perRun = !count.getKey().endsWith(" leases");
                double each = (count.getValue() - before.getOrDefault(count.getKey(), 0L)) / (double) RUNS;
                if (ours && perRun && each > 0) {
                    total += each;
                    report.line(String.format(Locale.ROOT, "%s: %.2f", count.getKey(), each));
                }
            }
            report.line(String.format(
                    Locale.ROOT,
                    "**total %.2f** (bar: at most 6; heartbeats of the runtime pods, one Lease write each two seconds,"
                            + " are not per run)",
                    total));
        }
    }
}
