package dev.wheelhouse.bench;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * From a person's decision, sent as a patch, to the effect's arrival at the service; and what many runs that wait for
 * people cost meanwhile.
 */
record ApprovalsBench(int decisions, int pending) implements Bench.Measurement {
    private static final String REQUESTER = "bench-requester";
    private static final String APPROVER = "bench-approver";
    private static final String APPROVE = "{\"spec\":{\"decisions\":{\"" + APPROVER + "\":{\"verdict\":\"Approve\"}}}}";

    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                Bed bed = new Bed(client, "bench-approvals", pending + decisions);
                KubernetesClient requester = as(client, REQUESTER);
                KubernetesClient approver = as(client, APPROVER)) {
            people(bed);
            bed.agent("gated", world.url("/act"), "{mode: Always, expiresAfterSeconds: 86400}");
            List<Double> seconds = decide(bed, world, requester, approver);
            report.heading("Approvals");
            report.line("decision (patch sent) to effect (call arrives), runtime warm: **"
                    + Percentiles.of(seconds).row("s") + "** (bar: p99 under 1 s)");
            long threads = threads(bed);
            int pods = pods(client, bed);
            wait(bed, client, requester);
            report.line(pending + " runs wait for people: runtime pods " + pods + " before, " + pods(client, bed)
                    + " with them; threads of the runtimes " + threads + " before, " + threads(bed)
                    + " with them; held by a runtime: " + held(client, bed));
            for (long pid : Processes.withEnvironment("POD_NAMESPACE=" + bed.namespace)) {
                report.line("runtime: " + Processes.residentMiB(pid) + " MiB resident");
            }
        }
    }

    private static KubernetesClient as(KubernetesClient client, String user) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withImpersonateUsername(user)
                        .build())
                .build();
    }

    private static void people(Bed bed) {
        bed.apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: requester}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: approver}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: wheelhouse-approver}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                """.formatted(REQUESTER, APPROVER));
    }

    private List<Double> decide(Bed bed, World world, KubernetesClient requester, KubernetesClient approver) {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < decisions; i++) {
            String name = "decide-" + i;
            int before = world.calls("/act").size();
            create(requester, bed, name);
            Bed.await(name + " waits for a person", Duration.ofMinutes(1), () -> waits(requester, bed, name));
            String approval =
                    run(requester, bed, name).getStatus().waitingFor().names().getFirst();
            long sent = System.nanoTime();
            approver.genericKubernetesResources(Api.GROUP + "/" + Api.VERSION, "Approval")
                    .inNamespace(bed.namespace)
                    .withName(approval)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), APPROVE);
            Bed.await(
                    "the call of " + name,
                    Duration.ofMinutes(1),
                    () -> world.calls("/act").size() > before);
            long arrived = List.copyOf(world.calls("/act")).get(before).nanoTime();
            seconds.add((arrived - sent) / 1e9);
        }
        return seconds;
    }

    private static Run run(KubernetesClient client, Bed bed, String name) {
        return client.resources(Run.class)
                .inNamespace(bed.namespace)
                .withName(name)
                .get();
    }

    private static boolean waits(KubernetesClient client, Bed bed, String name) {
        return waits(run(client, bed, name));
    }

    private static boolean waits(Run run) {
        return run.getStatus() != null
                && run.getStatus().phase() == RunPhase.Waiting
                && run.getStatus().waitingFor() != null
                && !run.getStatus().waitingFor().names().isEmpty();
    }

    private void wait(Bed bed, KubernetesClient client, KubernetesClient requester) {
        try (var creators = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < pending; i++) {
                String name = "wait-" + i;
                creators.submit(() -> create(requester, bed, name));
            }
        }
        Bed.await(
                pending + " runs wait for people",
                Duration.ofMinutes(10),
                () -> unfinished(client, bed).stream()
                                .filter(ApprovalsBench::waits)
                                .count()
                        == pending);
    }

    private static void create(KubernetesClient requester, Bed bed, String name) {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(bed.namespace)
                .build());
        run.setSpec(new RunSpec("gated", "go", REQUESTER, null, null, null, null, null, null, null, null));
        requester.resource(run).create();
    }

    private static List<Run> unfinished(KubernetesClient client, Bed bed) {
        return client.resources(Run.class)
                .inNamespace(bed.namespace)
                .withField(Api.FIELD_COMPLETION_TIME, "")
                .list()
                .getItems();
    }

    private static long held(KubernetesClient client, Bed bed) {
        return unfinished(client, bed).stream()
                .filter(run -> run.getStatus().execution() != null
                        && !run.getStatus().execution().holder().isEmpty())
                .count();
    }

    private static int pods(KubernetesClient client, Bed bed) {
        return client.pods()
                .inNamespace(bed.namespace)
                .withLabel(Api.LABEL_ROLE, "runtime")
                .list()
                .getItems()
                .size();
    }

    private static long threads(Bed bed) throws IOException {
        long threads = 0;
        for (long pid : Processes.withEnvironment("POD_NAMESPACE=" + bed.namespace)) {
            threads += Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("Threads:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
        return threads;
    }
}
