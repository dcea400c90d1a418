package dev.wheelhouse.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A burst of short runs, created as fast as the API server takes them: throughput, time to the first step, losses. */
record BurstBench(int runs) implements Bench.Measurement {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                Bed bed = new Bed(client, "bench-burst", runs);
                Completions completions = new Completions(client, bed.namespace)) {
            bed.agent("short", world.url("/now"));
            bed.run("first", "short");
            completions.await(1, Duration.ofMinutes(3));

            Map<String, Instant> created = new ConcurrentHashMap<>();
            long start = System.nanoTime();
            try (var creators = Executors.newFixedThreadPool(4)) {
                for (int i = 0; i < runs; i++) {
                    String name = "run-" + i;
                    creators.submit(() -> {
                        created.put(name, Instant.now());
                        bed.run(name, "short");
                    });
                }
            }
            double createSeconds = (System.nanoTime() - start) / 1e9;
            var ends = completions.await(runs + 1, Duration.ofMinutes(10));
            long last = ends.values().stream()
                    .mapToLong(Completions.End::nanoTime)
                    .max()
                    .orElseThrow();
            double seconds = (last - start) / 1e9;
            long succeeded = ends.values().stream()
                    .filter(end -> end.phase() == RunPhase.Succeeded)
                    .count();
            long keys =
                    world.calls("/now").stream().map(World.Call::key).distinct().count();

            report.heading("Burst of " + runs + " short runs");
            report.line(String.format(
                    Locale.ROOT,
                    "**%.1f runs per second** from the first creation to the last end (%.1f s, creating them took"
                            + " %.1f s; bar: 40)",
                    runs / seconds,
                    seconds,
                    createSeconds));
            if (report.jobsPerSecond > 0) {
                report.line(String.format(
                        Locale.ROOT, "%.1f times the throughput of plain Jobs", runs / seconds / report.jobsPerSecond));
            }
            report.line(succeeded + " of " + (runs + 1) + " succeeded; "
                    + world.calls("/now").size() + " tool calls with " + keys + " distinct idempotency keys");
            report.line("time to first step (creation sent to first model call journaled): "
                    + Percentiles.of(firstSteps(client, bed.namespace, created)).row("s"));
        }
    }

    private static List<Double> firstSteps(KubernetesClient client, String namespace, Map<String, Instant> created) {
        Map<String, Instant> first = new HashMap<>();
        client.configMaps().inNamespace(namespace).withLabel("wheelhouse.dev/journal").list().getItems().stream()
                .filter(map -> map.getMetadata().getName().endsWith("-j0"))
                .forEach(map -> map.getData()
                        .get("records")
                        .lines()
                        .map(BurstBench::parse)
                        .filter(record -> record.path("type").asText().equals("ModelRequested"))
                        .findFirst()
                        .ifPresent(record -> first.put(
                                map.getMetadata().getName().replaceFirst("-j0$", ""),
                                Instant.parse(record.path("at").asText()))));
        List<Double> seconds = new ArrayList<>();
        created.forEach((run, at) -> {
            if (first.containsKey(run)) {
                seconds.add(Duration.between(at, first.get(run)).toNanos() / 1e9);
            }
        });
        return seconds;
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
