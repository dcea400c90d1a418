package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.api.v1alpha1.ScriptRule;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Model requests for tests. */
final class Requests {
    static final ObjectMapper JSON = new ObjectMapper();
    static final SecretKey KEY = new SecretKey("provider", "api-key");
    /** The first call loads the SDK, which takes long where other builds run too. */
    static final Duration PATIENT = Duration.ofMinutes(5);

    static final String CANARY = "sk-canary-0123456789abcdef";

    private Requests() {}

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void putKey(Path root, String value) throws IOException {
        Files.createDirectories(root.resolve(KEY.name()));
        Files.writeString(root.resolve(KEY.name()).resolve(KEY.key()), value);
    }

    static ModelRequest to(Provider provider, String endpoint, Duration timeout, List<Message> messages) {
        JsonNode binding = JSON.valueToTree(new ModelBinding(endpoint, "some-model", KEY, 50, null));
        PinnedModel model = new PinnedModel("m", provider.name(), null, 4096, timeout, 1, binding);
        return new ModelRequest(run(), model, "Be brief.", messages, 0, List.of(tool("lookup")), 1, 1, 1000);
    }

    static ModelRequest scripted(List<ScriptRule> script, int step, int attempt, List<Message> messages) {
        JsonNode binding = JSON.valueToTree(new ModelBinding(null, null, null, null, script));
        PinnedModel model = new PinnedModel("m", "scripted", null, 4096, Duration.ofSeconds(5), 1, binding);
        return new ModelRequest(run(), model, "Be brief.", messages, 0, List.of(), step, attempt, 1000);
    }

    static RunId run() {
        return new RunId("ns", "r", "uid");
    }

    static PinnedTool tool(String name) {
        return new PinnedTool(
                name,
                "looks things up",
                "server",
                "http",
                EffectClass.READ_ONLY,
                json("{'type':'object','properties':{'q':{'type':'string'}}}"),
                JSON.createObjectNode(),
                Duration.ofSeconds(5),
                65536,
                JSON.createObjectNode(),
                "sha256:0");
    }
}
