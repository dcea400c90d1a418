package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every example does what it says when it is applied as it is. */
class ExamplesE2E {
    /** What the tests below apply; the last test sees to it that no example is left out. */
    private static final Set<String> APPLIED = Set.of(
            "hello",
            "structured-output",
            "delegation",
            "real-provider",
            "limits",
            "mcp-server",
            "mcp",
            "tool-server",
            "http-tools",
            "approval",
            "schedule",
            "csv-report",
            "demo");

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    /** Without a Tenant: the chart's contract applies, as for anybody who tries an example first. */
    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("examples");
    }

    @Test
    void hello() {
        apply(space, "hello");
        Runs.assertSucceeded(space.awaitComplete("hello"), "Hello! You said: Hello, wheelhouse.");
    }

    @Test
    void structured_output() {
        apply(space, "structured-output");
        Runs.assertSucceeded(space.awaitComplete("triage"), "{\"severity\":\"high\",\"component\":\"rudder\"}");
    }

    @Test
    void delegation() {
        apply(space, "delegation");
        var run = space.awaitComplete("voyage");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(run.getStatus().result().startsWith("We are ready to sail."), () -> Runs.describe(run));
    }

    @Test
    void real_provider_waits_for_its_secret_and_says_so() {
        apply(space, "real-provider");
        var run = space.awaitRun("haiku", "waiting", seen -> Runs.waits(seen, "MissingResource"));
        assertTrue(run.getStatus().waitingFor().names().contains("Secret/anthropic"), () -> Runs.describe(run));
    }

    @Test
    void mcp() {
        apply(space, "mcp-server", "mcp");
        var run = space.awaitComplete("passage");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(run.getStatus().result().contains("nauticalMiles"), () -> Runs.describe(run));
    }

    @Test
    void limits() {
        apply(space, "limits");
        Runs.assertEnded(space.awaitComplete("talkative"), RunPhase.Failed, "LimitReached", "steps");
        Runs.assertEnded(space.awaitComplete("stubborn"), RunPhase.Failed, "OutputSchemaMismatch");
        Runs.assertEnded(space.awaitComplete("frugal"), RunPhase.Failed, "LimitReached", "costMicros");
    }

    @Test
    void http_tools() {
        Space shop = SPACES.open("shop").tenant("runtime: {cpu: 10m, replicas: 1}");
        apply(shop, "tool-server", "http-tools");
        var run = shop.awaitComplete("two-orders");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(run.getStatus().result().contains("A-1001"), () -> Runs.describe(run));
    }

    @Test
    void approval() {
        Space shop = SPACES.open("approval").tenant("runtime: {cpu: 10m, replicas: 1}");
        apply(shop, "tool-server", "approval");
        var asked = shop.awaitRun("sails", "asks", seen -> Runs.waits(seen, "Approvals"))
                .getStatus()
                .waitingFor()
                .names();
        new Approvals(shop).decide("bob", asked.getFirst(), "Approve", "").orThrow();
        var run = shop.awaitComplete("sails");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(run.getStatus().result().contains("A-1001"), () -> Runs.describe(run));
    }

    @Test
    void demo() {
        Space shop = SPACES.open("demo").tenant("runtime: {cpu: 10m, replicas: 1}");
        apply(shop, "tool-server", "demo");
        var run = shop.awaitComplete("order");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertTrue(run.getStatus().result().contains("ship's wheel"), () -> Runs.describe(run));
    }

    @Test
    void csv_report() {
        apply(space, "csv-report");
        var run = space.awaitComplete("sales-report");
        assertEquals(RunPhase.Succeeded, Runs.phase(run), () -> Runs.describe(run));
        assertEquals(
                Set.of("chart.svg", "report.md"),
                run.getStatus().artifacts().stream().map(a -> a.name()).collect(Collectors.toSet()));
        assertTrue(Runs.is(run, "NetworkIsolated", "True"), () -> Runs.describe(run));
    }

    @Test
    void schedule() {
        apply(space, "schedule");
        var schedules = new Schedules(space);
        var status = schedules.await("morning-report", "ready", seen -> Schedules.is(seen, "Ready", "True", "Ready"));
        assertEquals(5, status.nextScheduleTimes().size(), status::toString);
    }

    @Test
    void no_example_is_left_out() throws IOException {
        try (var folders = Files.list(Cluster.repository().resolve("examples"))) {
            assertEquals(
                    APPLIED,
                    folders.filter(Files::isDirectory)
                            .map(Path::getFileName)
                            .map(Path::toString)
                            .collect(Collectors.toSet()));
        }
    }

    /** As the comment in each example says, and with what it needs ready first. */
    private static void apply(Space target, String... examples) {
        for (String example : examples) {
            String folder =
                    Cluster.repository().resolve("examples").resolve(example).toString();
            target.kubectl("apply", "-f", folder).orThrow();
            if (List.of("tool-server", "mcp-server").contains(example)) {
                target.kubectl("rollout", "status", "deployment/" + example, "--timeout=90s")
                        .orThrow();
            }
        }
    }
}
