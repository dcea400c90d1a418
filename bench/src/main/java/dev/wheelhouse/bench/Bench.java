package dev.wheelhouse.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures what the project claims, on the cluster of the current context, and writes one Markdown page.
 *
 * <p>Arguments: the page to write, the API server's audit log, and the names of the measurements (default: all).
 */
public final class Bench {
    private Bench() {}

    /** One measurement: talks to the cluster, adds its lines to the report. */
    interface Measurement {
        void measure(KubernetesClient client, Report report) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path page = Path.of(arguments[0]);
        AuditLog audit = new AuditLog(Path.of(arguments[1]));
        Map<String, Measurement> all = new LinkedHashMap<>();
        all.put("writes", new WritesBench(audit));
        all.put("jobs", new JobsBench(audit));
        all.put("burst", new BurstBench(2000));
        all.put("crash", new CrashBench(30));
        all.put("schedules", new SchedulesBench(audit, 10_000, 1_000));
        all.put("approvals", new ApprovalsBench(100, 1_000));
        all.put("sandboxes", new SandboxBench(audit, 20, 100, 5));
        all.put("memory", new MemoryBench(10_000, 1_000));
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            Report report = new Report(client.getKubernetesVersion().getGitVersion());
            for (var measurement : all.entrySet()) {
                if (arguments.length <= 2 || java.util.List.of(arguments).contains(measurement.getKey())) {
                    System.out.println("measuring: " + measurement.getKey());
                    measurement.getValue().measure(client, report);
                }
            }
            report.write(page);
        }
    }
}
