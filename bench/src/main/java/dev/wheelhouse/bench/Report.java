package dev.wheelhouse.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The page of results. */
final class Report {
    private final List<String> lines = new ArrayList<>();
    /** Throughput of plain Jobs, for the ratio; 0 if not measured. */
    double jobsPerSecond;

    Report(String kubernetesVersion) throws IOException {
        long memory = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(l -> l.startsWith("MemTotal"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) / 1024 / 1024)
                .sum();
        lines.add("# Benchmark results");
        lines.add("");
        lines.add("Written by `make bench` on " + LocalDate.now(ZoneOffset.UTC) + ": "
                + Runtime.getRuntime().availableProcessors() + " cores, " + memory
                + " GiB, everything on this one machine (etcd without fsync, API server, kubelet, operator, runtimes,"
                + " the benchmark itself). Kubernetes " + kubernetesVersion + ", Java " + Runtime.version() + ".");
    }

    void heading(String title) {
        lines.add("");
        lines.add("## " + title);
        lines.add("");
        System.out.println(title);
    }

    void line(String text) {
        lines.add("- " + text);
        System.out.println("  " + text);
    }

    void write(Path page) throws IOException {
        Files.writeString(page, String.join("\n", lines) + "\n");
    }
}
