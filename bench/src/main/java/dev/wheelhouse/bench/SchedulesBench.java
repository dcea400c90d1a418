package dev.wheelhouse.bench;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Many Schedules, of which some are due at one minute: how late their Runs are created, what that costs in API writes,
 * what the operator's memory is, and whether anything fires twice or not at all.
 *
 * @param all Schedules, the due ones included; the others fire at new year
 * @param due how many have their time in the one minute
 */
record SchedulesBench(AuditLog audit, int all, int due) implements Bench.Measurement {
    /** Two: each has runtimes of its own, and all share this machine. */
    private static final int NAMESPACES = 2;

    private static final Duration POLL = Duration.ofSeconds(5);
    /** Time for the operator to have seen all Schedules before the minute comes. */
    private static final Duration SETTLE = Duration.ofSeconds(90);

    /** When a Run was first seen, by the clock of this machine, which is the API server's too. */
    private record Seen(String run, Instant at) {}

    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        List<Bed> beds = new ArrayList<>();
        try (World world = new World()) {
            for (int i = 0; i < NAMESPACES; i++) {
                Bed bed = new Bed(client, "bench-schedules-" + i, due);
                beds.add(bed);
                bed.agent("short", world.url("/now"));
                bed.run("first", "short");
            }
            double seconds = create(client, beds);
            Instant settled = Instant.now().plus(SETTLE);
            Bed.await(
                    "every Schedule has a status", Duration.ofMinutes(10), POLL, () -> withStatus(client, beds) == all);
            Bed.await(
                    "time to settle", Duration.ofMinutes(3), () -> Instant.now().isAfter(settled));
            long idle = resident();
            Map<String, Long> before = writes(beds);
            measure(client, report, beds, before, idle, seconds);
        } finally {
            beds.forEach(Bed::close);
        }
    }

    private void measure(
            KubernetesClient client, Report report, List<Bed> beds, Map<String, Long> before, long idle, double seconds)
            throws IOException {
        Instant slot = Instant.ofEpochSecond((Instant.now().getEpochSecond() / 60 + 3) * 60);
        Map<String, Map<String, Seen>> firings = new ConcurrentHashMap<>();
        List<io.fabric8.kubernetes.client.Watch> watches =
                beds.stream().map(bed -> watch(client, bed, firings)).toList();
        try {
            reschedule(client, beds, slot);
            Bed.await("the minute", Duration.ofMinutes(5), () -> Instant.now().isAfter(slot));
            Bed.await(due + " firings", Duration.ofMinutes(5), () -> firings.size() >= due);
            Bed.await("all ended and accounted for", Duration.ofMinutes(10), POLL, () -> settled(client, beds) == due);
        } finally {
            watches.forEach(io.fabric8.kubernetes.client.Watch::close);
        }
        List<Double> lags = firings.values().stream()
                .flatMap(runs -> runs.values().stream())
                .map(seen -> Duration.between(slot, seen.at()).toNanos() / 1e9)
                .toList();
        long twice = firings.values().stream().filter(runs -> runs.size() > 1).count();
        report.heading(all + " Schedules, " + due + " due at one minute");
        report.line(String.format(Locale.ROOT, "creating them took %.0f s, in %d namespaces", seconds, NAMESPACES));
        report.line("firing lag, minute to Run seen in a watch: "
                + Percentiles.of(lags).row("s") + " (bar: p99 under 5 s)");
        report.line("fired: " + firings.size() + " of " + due + ", twice: " + twice + ", missed: "
                + missed(client, beds) + " (bar: all, 0, 0)");
        report.line("operator: " + idle + " MiB resident before the minute, " + resident() + " MiB after it");
        writes(report, before, writes(beds));
    }

    private double create(KubernetesClient client, List<Bed> beds) throws InterruptedException {
        UserInfo me = client.resource(new SelfSubjectReviewBuilder().build())
                .create()
                .getStatus()
                .getUserInfo();
        long start = System.nanoTime();
        var failures = new java.util.concurrent.atomic.AtomicReference<RuntimeException>();
        try (var creators = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < all; i++) {
                String name = (i < due ? "due-" : "idle-") + i;
                Bed bed = beds.get(i % NAMESPACES);
                creators.submit(() -> {
                    try {
                        bed.schedule(name, "short", me);
                    } catch (RuntimeException e) {
                        failures.set(e);
                    }
                });
            }
        }
        if (failures.get() != null) {
            throw failures.get();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** The due ones get their minute only now, so that creating all of them may take as long as it does. */
    private void reschedule(KubernetesClient client, List<Bed> beds, Instant slot) {
        var utc = slot.atZone(ZoneOffset.UTC);
        String expression =
                utc.getMinute() + " " + utc.getHour() + " " + utc.getDayOfMonth() + " " + utc.getMonthValue() + " *";
        try (var patchers = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < due; i++) {
                String name = "due-" + i;
                Bed bed = beds.get(i % NAMESPACES);
                patchers.submit(() -> bed.reschedule(name, expression));
            }
        }
        if (Instant.now().isAfter(slot.minusSeconds(20))) {
            throw new IllegalStateException("rescheduling took too long for a measurement at " + slot);
        }
    }

    private static io.fabric8.kubernetes.client.Watch watch(
            KubernetesClient client, Bed bed, Map<String, Map<String, Seen>> firings) {
        return client.resources(Run.class)
                .inNamespace(bed.namespace)
                .withLabel(Api.LABEL_SCHEDULE_UID)
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Run run) {
                        String uid = run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID);
                        firings.computeIfAbsent(uid, u -> new ConcurrentHashMap<>())
                                .putIfAbsent(
                                        run.getMetadata().getUid(),
                                        new Seen(run.getMetadata().getName(), Instant.now()));
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                });
    }

    private static long withStatus(KubernetesClient client, List<Bed> beds) {
        return schedules(client, beds).stream()
                .filter(schedule ->
                        schedule.getStatus() != null && schedule.getStatus().decidedUntil() != null)
                .count();
    }

    private static long settled(KubernetesClient client, List<Bed> beds) {
        return schedules(client, beds).stream()
                .filter(schedule -> schedule.getStatus().counts().succeeded() == 1
                        && schedule.getStatus().activeRuns() == 0)
                .count();
    }

    private static long missed(KubernetesClient client, List<Bed> beds) {
        return schedules(client, beds).stream()
                .mapToLong(schedule -> schedule.getStatus().counts().missed())
                .sum();
    }

    private static List<Schedule> schedules(KubernetesClient client, List<Bed> beds) {
        return beds.stream()
                .flatMap(bed -> client.resources(Schedule.class).inNamespace(bed.namespace).list().getItems().stream())
                .toList();
    }

    private Map<String, Long> writes(List<Bed> beds) {
        return audit.writes(beds.stream().map(bed -> bed.namespace).collect(Collectors.toSet()));
    }

    /** Beyond the Run's own: what the operator writes to Schedules, and Runs that it deletes or cancels for them. */
    private void writes(Report report, Map<String, Long> before, Map<String, Long> after) {
        double total = 0;
        for (var count : after.entrySet()) {
            double each = (count.getValue() - before.getOrDefault(count.getKey(), 0L)) / (double) due;
            boolean schedule =
                    count.getKey().startsWith("operator ") && !count.getKey().endsWith(" runs/status");
            if (schedule && each > 0) {
                report.line(String.format(Locale.ROOT, "%s: %.2f per firing", count.getKey(), each));
            }
            if (count.getKey().startsWith("operator update schedules")) {
                total += each;
            }
        }
        // One write for each of the due ones was for the new expression that this benchmark gave it.
        report.line(String.format(
                Locale.ROOT,
                "**%.2f writes per firing beyond the Run's own** (bar: at most 2), and before it one for the change of"
                        + " its expression; localsubjectaccessreviews are questions, nothing is stored",
                total - 1));
    }

    private static long resident() throws IOException {
        long sum = 0;
        for (long pid : Processes.withEnvironment("WHEELHOUSE_ROLE=operator")) {
            sum = Math.max(sum, Processes.residentMiB(pid));
        }
        return sum;
    }
}
