package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.money.Spend;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** The few series that say how the runtime does. Labels have few values: no run, no text. */
final class RunMeters {
    private final MeterRegistry registry;
    private final Timer recovery;
    private final Counter unavailable;

    RunMeters(MeterRegistry registry) {
        this.registry = registry;
        recovery = Timer.builder("wheelhouse.recovery")
                .description("From the assignment of a run that another process began to its first record here")
                .register(registry);
        unavailable = registry.counter("wheelhouse.journal.unavailable");
    }

    void active(Supplier<Number> count) {
        Gauge.builder("wheelhouse.runs.active", count)
                .description("Runs that this process drives")
                .register(registry);
    }

    void ended(RunEnd end) {
        registry.counter("wheelhouse.runs", "end", name(end)).increment();
    }

    void recovered(Duration took) {
        recovery.record(took);
    }

    void journalUnavailable() {
        unavailable.increment();
    }

    void decisionUsed(Verdict verdict, Duration latency) {
        registry.timer("wheelhouse.approval.latency", "verdict", verdict.name()).record(latency);
    }

    void modelCalled(PinnedModel model, Duration took, Spend spent, ModelException failure) {
        String outcome = failure == null ? "ok" : failure.kind().name().toLowerCase(Locale.ROOT);
        registry.timer("wheelhouse.model.calls", "provider", model.provider(), "outcome", outcome)
                .record(took);
        registry.counter("wheelhouse.tokens", "direction", "input")
                .increment(spent.tokens().input());
        registry.counter("wheelhouse.tokens", "direction", "output")
                .increment(spent.tokens().output());
        if (spent.costMicros() != null) {
            registry.counter("wheelhouse.cost.micros").increment(spent.costMicros());
        }
    }

    void toolCalled(PinnedTool tool, Duration took, ToolResult result) {
        registry.timer(
                        "wheelhouse.tool.calls",
                        "kind",
                        tool.kind(),
                        "effect",
                        tool.effect().name().toLowerCase(Locale.ROOT),
                        "outcome",
                        name(result))
                .record(took);
    }

    private static String name(Record outcome) {
        return outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String name(RunEnd end) {
        return name((Record) end);
    }

    private static String name(ToolResult result) {
        return name((Record) result);
    }
}
