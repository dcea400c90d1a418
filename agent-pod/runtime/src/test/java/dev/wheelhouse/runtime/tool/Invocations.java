package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Tool calls for tests. */
final class Invocations {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String KEY = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static final String CANARY = "canary-0123456789abcdef";
    static final ToolServerSpec.AuthHeader AUTH =
            new ToolServerSpec.AuthHeader("X-Api-Key", "Bearer ", new SecretKey("tools", "token"));

    private Invocations() {}

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ToolInvocation http(HttpBinding binding, EffectClass effect, ObjectNode arguments, Duration timeout) {
        return of("http", effect, arguments, timeout, JSON.valueToTree(binding), Limits.DEFAULT);
    }

    static ToolInvocation of(
            String kind, EffectClass effect, ObjectNode arguments, Duration timeout, JsonNode binding, Limits left) {
        PinnedTool tool = new PinnedTool(
                "tool",
                "a tool",
                "server",
                kind,
                effect,
                JSON.createObjectNode(),
                JSON.createObjectNode(),
                timeout,
                4096,
                binding,
                "sha256:0");
        return new ToolInvocation(
                new RunId("ns", "parent", "parent-uid"),
                tool,
                "call-1",
                arguments,
                KEY,
                3,
                "ada",
                0,
                null,
                left,
                timeout,
                null,
                null,
                Notes.CLOSED);
    }
}
