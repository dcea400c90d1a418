package dev.wheelhouse.bench;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Locale;

/** The yardstick: plain Kubernetes Jobs that do nothing, on the same cluster. */
record JobsBench(AuditLog audit) implements Bench.Measurement {
    private static final int JOBS = 50;
    private static final String NAMESPACE = "bench-jobs";

    @Override
    public void measure(KubernetesClient client, Report report) {
        client.namespaces().withName(NAMESPACE).delete();
        Bed.await(
                "old namespace gone",
                Duration.ofMinutes(3),
                () -> client.namespaces().withName(NAMESPACE).get() == null);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        long start = System.nanoTime();
        for (int i = 0; i < JOBS; i++) {
            client.resource(job("job-" + i)).create();
        }
        Bed.await(
                "all jobs completed",
                Duration.ofMinutes(10),
                () -> client.batch().v1().jobs().inNamespace(NAMESPACE).list().getItems().stream()
                                .filter(job -> job.getStatus() != null
                                        && job.getStatus().getCompletionTime() != null)
                                .count()
                        == JOBS);
        double seconds = (System.nanoTime() - start) / 1e9;
        report.jobsPerSecond = JOBS / seconds;
        long writes = audit.writes(NAMESPACE).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        report.heading("Yardstick: plain Jobs (`/bin/true`) on the same cluster");
        report.line(String.format(
                Locale.ROOT,
                "%d Jobs in %.1f s: %.1f per second, %.1f API writes each",
                JOBS,
                seconds,
                report.jobsPerSecond,
                writes / (double) JOBS));
        client.namespaces().withName(NAMESPACE).delete();
    }

    private static Job job(String name) {
        return new JobBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withNewTemplate()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("true")
                .withImage("wheelhouse.local/sandbox:dev")
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/bin/true")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }
}
