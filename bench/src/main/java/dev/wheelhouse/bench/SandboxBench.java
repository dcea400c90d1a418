package dev.wheelhouse.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How long a command waits for its sandbox, cold and from the warm pool, one at a time and many at one moment, and what
 * a sandbox costs in API writes. The time begins with the model's answer that calls the tool, as the journal has it or, for
 * many, as the model gave it to all of them; it ends with what the command itself says, which tells the time, by the clock
 * of this machine, and does nothing else.
 */
record SandboxBench(AuditLog audit, int cold, int single, int rounds) implements Bench.Measurement {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TIME = Pattern.compile("\\b(\\d{10})\\.(\\d{9})\\b");
    private static final int AT_ONCE = 20;
    /**
     * What is not counted of many at once: a runtime compiles what it has done a few hundred times, and takes sandboxes
     * beforehand for runs whose like used theirs. The first round is told.
     */
    private static final int RUNS_BEFORE = 1_000;

    private static final int COMMANDS_BEFORE = 1_000;
    private static final int COMMANDS_OF_A_RUN = 25;
    private static final int ROUNDS_BEFORE = 10;

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Between two looks at a run: they must not take the processors from what is measured. */
    private static final Duration LOOK = Duration.ofMillis(500);

    @Override
    public void measure(KubernetesClient client, Report report) throws Exception {
        report.heading("Sandboxes");
        cold(client, report);
        warm(client, report);
    }

    private void cold(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                Bed bed = new Bed(client, "bench-sandbox-cold", 200)) {
            bed.agent("plain", world.url("/now"));
            shell(bed);
            List<Double> first = runs(client, bed, "first", "shell", 1, 1);
            runs(client, bed, "plain-first", "plain", 1, 1);
            Map<String, Long> start = audit.writes(bed.namespace);
            runs(client, bed, "plain", "plain", cold, 1);
            Map<String, Long> between = audit.writes(bed.namespace);
            List<Double> times = runs(client, bed, "cold", "shell", cold, 1);
            awaitPods(client, bed, 0);
            Map<String, Long> end = audit.writes(bed.namespace);
            report.line("tool call to first byte of output: cold start, one at a time: "
                    + Percentiles.of(times).row("s")
                    + String.format(Locale.ROOT, "; the very first one in a namespace %.2f s", first.getFirst()));
            writes(report, "cold", start, between, end, cold);
            long began = System.nanoTime();
            List<Double> many = runs(client, bed, "many", "shell", AT_ONCE, AT_ONCE);
            double seconds = (System.nanoTime() - began) / 1e9;
            report.line("cold start, " + AT_ONCE + " at once: "
                    + Percentiles.of(many).row("s")
                    + String.format(Locale.ROOT, "; %.2f pods made, used and ended per second", AT_ONCE / seconds));
        }
    }

    private void warm(KubernetesClient client, Report report) throws Exception {
        try (World world = new World();
                TogetherModel model = new TogetherModel(AT_ONCE, COMMANDS_OF_A_RUN);
                Bed bed = new Bed(client, "bench-sandbox-warm", 200)) {
            bed.apply("""
                    apiVersion: wheelhouse.dev/v1alpha1
                    kind: Tenant
                    metadata: {name: default}
                    spec: {maxConcurrentRuns: 200, runtime: {replicas: 2, idleSeconds: 0, cpu: 250m}, sandbox: {warm: {replicas: %d, resources: {cpu: 400m, memory: 256Mi}}}}
                    """.formatted(AT_ONCE));
            bed.agent("plain", world.url("/now"));
            shell(bed);
            runs(client, bed, "first", "shell", 1, 1);
            runs(client, bed, "plain-first", "plain", 1, 1);
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < single; i++) {
                awaitWarm(client, bed);
                times.addAll(runs(client, bed, "single-" + i, "shell", 1, 1));
            }
            report.line("warm start, one at a time: " + Percentiles.of(times).row("s") + " (bar: p99 at most 0.10 s)");
            awaitWarm(client, bed);
            Map<String, Long> start = audit.writes(bed.namespace);
            runs(client, bed, "plain", "plain", AT_ONCE, AT_ONCE);
            Map<String, Long> between = audit.writes(bed.namespace);
            runs(client, bed, "shell", "shell", AT_ONCE, AT_ONCE);
            awaitPods(client, bed, AT_ONCE);
            awaitWarm(client, bed);
            writes(report, "warm, refill included", start, between, audit.writes(bed.namespace), AT_ONCE);
            agent(bed, model, TogetherModel.TOGETHER, TogetherModel.TOGETHER);
            agent(bed, model, TogetherModel.BUSY, TogetherModel.BUSY);
            Round first = round(client, bed, model, TogetherModel.TOGETHER, "first-");
            runs(client, bed, "before", "plain", RUNS_BEFORE, RUNS_BEFORE);
            runs(client, bed, "busy", TogetherModel.BUSY, COMMANDS_BEFORE / COMMANDS_OF_A_RUN, AT_ONCE);
            for (int i = 0; i < ROUNDS_BEFORE; i++) {
                round(client, bed, model, TogetherModel.TOGETHER, "warm-up-" + i + "-");
            }
            rounds(client, bed, model, report, false);
            rounds(client, bed, model, report, true);
            report.line("the very first " + AT_ONCE + " at once, from the answer, before " + RUNS_BEFORE
                    + " short runs, " + COMMANDS_BEFORE
                    + " commands and " + ROUNDS_BEFORE + " rounds: "
                    + Percentiles.of(first.sinceGiven()).row("s"));
        }
    }

    /** Many at once, all by one Agent, or each time by one that is new, so that nobody knows what its runs will do. */
    private void rounds(KubernetesClient client, Bed bed, TogetherModel model, Report report, boolean newAgents)
            throws IOException {
        List<Double> sinceGiven = new ArrayList<>();
        List<Double> sinceAsked = new ArrayList<>();
        StringBuilder worst = new StringBuilder();
        for (int i = 0; i < rounds; i++) {
            String agent = newAgents ? "new-" + i : TogetherModel.TOGETHER;
            if (newAgents) {
                agent(bed, model, agent, TogetherModel.TOGETHER);
            }
            Round round = round(client, bed, model, agent, agent + "-" + i + "-");
            sinceGiven.addAll(round.sinceGiven());
            sinceAsked.addAll(seconds(round.calls(), Call::asked));
            worst.append(String.format(Locale.ROOT, " %.2f", Collections.max(round.sinceGiven())));
        }
        report.line("warm start, " + AT_ONCE + " at once"
                + (newAgents
                        ? ", the first runs of an Agent, which take theirs when they are called: "
                        : ", of an Agent whose runs always use theirs: ")
                + Percentiles.of(sinceGiven).row("s")
                + " (bar: p99 at most 0.30 s); the slowest of each round:" + worst);
        report.line("the same, from when a runtime had read the answer: "
                + Percentiles.of(sinceAsked).row("s"));
    }

    private static Round round(KubernetesClient client, Bed bed, TogetherModel model, String agent, String prefix)
            throws IOException {
        List<Call> calls = calls(client, bed, prefix, agent, AT_ONCE);
        awaitWarm(client, bed);
        return new Round(model.answered(), calls);
    }

    /** An agent whose runs do what this model says. */
    private static void agent(Bed bed, TogetherModel model, String name, String says) {
        bed.apply("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Model
                metadata: {name: %1$s}
                spec: {provider: openai, model: %2$s, endpoint: "%3$s", timeoutSeconds: 600}
                ---
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Agent
                metadata: {name: %1$s}
                spec: {model: %1$s, instructions: Say a word., sandbox: {resources: {cpu: 400m, memory: 256Mi}}}
                """.formatted(name, says, model.url()));
    }

    private static void shell(Bed bed) {
        bed.apply("""
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Model
                metadata: {name: shell}
                spec:
                  provider: scripted
                  script:
                  - when: {step: 1}
                    then: {calls: [{tool: shell, arguments: {command: "date +%s.%N"}}]}
                  - then: {text: done}
                ---
                apiVersion: wheelhouse.dev/v1alpha1
                kind: Agent
                metadata: {name: shell}
                spec: {model: shell, instructions: Say a word., sandbox: {resources: {cpu: 400m, memory: 256Mi}}}
                """);
    }

    /** The last call of a tool in a run: when the runtime had read it, and the command's time. */
    private record Call(Instant asked, Instant told) {}

    /** Calls that a model gave to as many runs at one moment. */
    private record Round(Instant given, List<Call> calls) {
        List<Double> sinceGiven() {
            return seconds(calls, call -> given);
        }
    }

    /** Seconds that the calls of so many runs took, of which so many are there at once. */
    private static List<Double> runs(
            KubernetesClient client, Bed bed, String prefix, String agent, int count, int atOnce) throws IOException {
        List<Call> calls = new ArrayList<>();
        for (int begun = 0; begun < count; begun += atOnce) {
            calls.addAll(calls(client, bed, prefix + "-" + begun + "-", agent, Math.min(atOnce, count - begun)));
        }
        return seconds(calls, Call::asked);
    }

    /** The calls of so many runs that begin together, when all have ended. */
    private static List<Call> calls(KubernetesClient client, Bed bed, String prefix, String agent, int count)
            throws IOException {
        for (int i = 0; i < count; i++) {
            bed.run(prefix + i, agent);
        }
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(ended(client, bed, prefix + i));
        }
        return calls;
    }

    private static List<Double> seconds(List<Call> calls, Function<Call, Instant> from) {
        return calls.stream()
                .map(call -> Duration.between(from.apply(call), call.told()).toNanos() / 1e9)
                .toList();
    }

    private static Call ended(KubernetesClient client, Bed bed, String name) throws IOException {
        Run[] run = {null};
        Bed.await(name + " has ended", PATIENCE, LOOK, () -> {
            run[0] = client.resources(Run.class)
                    .inNamespace(bed.namespace)
                    .withName(name)
                    .get();
            return run[0].getStatus() != null && run[0].getStatus().completionTime() != null;
        });
        return call(client, bed, run[0]);
    }

    private static Call call(KubernetesClient client, Bed bed, Run run) throws IOException {
        Instant answered = null;
        Call call = null;
        var maps = client.configMaps()
                .inNamespace(bed.namespace)
                .withLabel(Api.LABEL_JOURNAL, run.getMetadata().getUid())
                .list()
                .getItems();
        for (var map : maps) {
            for (String line : map.getData().getOrDefault("records", "").lines().toList()) {
                JsonNode record = JSON.readTree(line);
                Instant at = Instant.parse(record.path("at").asText());
                switch (record.path("type").asText()) {
                    case "ModelResponded" -> answered = at;
                    case "ToolIntent" -> call = new Call(answered, null);
                    case "ToolOutcome" -> {
                        if (record.path("payload").path("error").asBoolean()) {
                            throw new IllegalStateException("the call failed: " + line);
                        }
                        String content = record.path("payload").path("content").asText();
                        call = new Call(call.asked(), told(content).orElse(at));
                    }
                    default -> {
                        // Of no interest here.
                    }
                }
            }
        }
        return call;
    }

    /** The time that a command told; none if another tool was called. */
    private static Optional<Instant> told(String content) {
        var time = TIME.matcher(content);
        return time.find()
                ? Optional.of(Instant.ofEpochSecond(Long.parseLong(time.group(1)), Long.parseLong(time.group(2))))
                : Optional.empty();
    }

    private static List<Pod> pods(KubernetesClient client, Bed bed) {
        return client.pods()
                .inNamespace(bed.namespace)
                .withLabel(Api.LABEL_ROLE, "sandbox")
                .list()
                .getItems();
    }

    private static void awaitPods(KubernetesClient client, Bed bed, int count) {
        Bed.await(
                count + " sandbox pods",
                PATIENCE,
                () -> pods(client, bed).stream()
                                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                .count()
                        == count);
    }

    /** All warm ones are there, and have had time to connect: their containers run for a while. */
    private static void awaitWarm(KubernetesClient client, Bed bed) {
        Instant[] since = {null};
        Bed.await("the warm pool is full", PATIENCE, () -> {
            Set<String> taken =
                    client
                            .leases()
                            .inNamespace(bed.namespace)
                            .withLabels(SandboxClaim.SELECTOR)
                            .list()
                            .getItems()
                            .stream()
                            .map(claim -> claim.getMetadata().getName())
                            .collect(Collectors.toSet());
            boolean full = pods(client, bed).stream()
                            .filter(pod -> !taken.contains(pod.getMetadata().getName()))
                            .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                            .count()
                    >= AT_ONCE;
            since[0] = full ? since[0] == null ? Instant.now() : since[0] : null;
            return full && Duration.between(since[0], Instant.now()).toSeconds() >= 2;
        });
    }

    /** What runs with a sandbox cost more than runs that call another tool. */
    private static void writes(
            Report report,
            String what,
            Map<String, Long> start,
            Map<String, Long> between,
            Map<String, Long> end,
            int runs) {
        double total = 0;
        StringBuilder parts = new StringBuilder();
        for (String key : end.keySet()) {
            boolean ours = key.startsWith("operator ") || key.startsWith("runtime ");
            // Signs of life are not a sandbox's; the creation of its claim is.
            if (!ours || key.endsWith(" update leases") || key.contains("tokenreviews")) {
                continue;
            }
            long plain = between.getOrDefault(key, 0L) - start.getOrDefault(key, 0L);
            long sandboxed = end.get(key) - between.getOrDefault(key, 0L);
            double more = (sandboxed - plain) / (double) runs;
            if (Math.abs(more) >= 0.005) {
                parts.append(String.format(Locale.ROOT, "%s %.2f, ", key, more));
                total += more;
            }
        }
        report.line(String.format(
                Locale.ROOT,
                "**%.2f of our API writes per sandbox** (%s; bar: at most 5): %sbeyond those of a run that calls"
                        + " another tool; token reviews are questions, nothing is stored",
                total,
                what,
                parts));
    }
}
