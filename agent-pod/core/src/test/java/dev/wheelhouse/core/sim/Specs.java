package dev.wheelhouse.core.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.money.Prices;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Runs, models and tools for tests. */
public final class Specs {
    public static final RunId RUN = new RunId("test", "run", "7d1f7a3e-0000-4000-8000-000000000001");
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final String ANY = "{\"type\":\"object\"}";

    private Specs() {}

    public static JsonNode json(String text) {
        try {
            return Json.parse(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    public static PinnedTool tool(String name, EffectClass effect) {
        return tool(name, effect, ANY, "{}");
    }

    public static PinnedTool tool(String name, EffectClass effect, String schema, String bound) {
        return new PinnedTool(
                name,
                "does " + name,
                "server",
                effect == EffectClass.RECONCILABLE ? "delegate" : "http",
                effect,
                json(schema),
                (ObjectNode) json(bound),
                Duration.ofSeconds(30),
                64 * 1024,
                json("{}"),
                "sha256:0");
    }

    public static PinnedModel model(String name, int attempts) {
        return new PinnedModel(
                name,
                "scripted",
                new Prices(1_000_000, 100_000, 2_000_000),
                1000,
                Duration.ofSeconds(60),
                attempts,
                json("{}"));
    }

    public static PinnedRun run(List<PinnedModel> models, List<PinnedTool> tools, Limits limits, String outputSchema) {
        return new PinnedRun(
                RUN,
                "agent",
                "Be brief.",
                "Do it.",
                models,
                tools,
                outputSchema == null ? null : json(outputSchema),
                limits,
                "alice",
                0,
                START);
    }

    /** The run in a thread, after these turns. */
    public static PinnedRun after(PinnedRun run, List<PastTurn> history) {
        return new PinnedRun(
                run.id(),
                run.agent(),
                run.instructions(),
                run.input(),
                run.models(),
                run.tools(),
                run.outputSchema(),
                run.limits(),
                run.requester(),
                run.depth(),
                run.startedAt(),
                run.inDoubt(),
                run.root(),
                "talk",
                history);
    }

    public static PinnedRun run(PinnedTool... tools) {
        return run(List.of(model("m", 3)), List.of(tools), Limits.DEFAULT, null);
    }
}
