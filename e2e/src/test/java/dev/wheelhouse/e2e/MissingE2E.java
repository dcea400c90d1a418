package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is missing is named in a condition; once it appears, the run proceeds by itself. */
class MissingE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer WORLD = new CountingServer();

    private static Space space;

    @BeforeAll
    static void open() {
        // Of its own: a Secret that appears changes the runtime's mounts, and so restarts it.
        space = SPACES.openForClass("missing");
        space.tenant("runtime: {cpu: 10m, replicas: 1}");
    }

    @Test
    void agent_model_tool_server_and_tool_are_each_named_until_they_appear() {
        space.run("chain");
        assertNamed("chain", "AgentNotFound", "Agent", "'chain'");
        space.create("Agent", "chain", "model: chain\ninstructions: x\ntools: [{server: chain, name: act}]");
        assertNamed("chain", "ModelNotFound", "Model", "'chain'");
        assertTrue(notReady("agent", "chain").contains("ModelNotFound"));
        space.create(
                "Model",
                "chain",
                Manifest.scripted(
                        "- {when: {step: 1}, then: {calls: [{tool: act, arguments: {}}]}}\n- {then: {text: done}}\n"));
        assertNamed("chain", "ToolServerNotFound", "ToolServer", "'chain'");
        space.create("ToolServer", "chain", "http: {tools: [" + tool("other") + "]}");
        assertNamed("chain", "ToolNotFound", "act", "'chain'");
        space.patch("ts", "chain", "spec: {http: {tools: [" + tool("act") + "]}}")
                .orThrow();
        Runs.assertSucceeded(space.awaitComplete("chain"), "done");
        assertEquals(1, WORLD.calls("missing").size());
        Space.await("the agent to be ready", () -> ready("agent", "chain"));
        assertTrue(ready("model", "chain") && ready("toolserver", "chain"));
    }

    @Test
    void delegate_and_fallback_model_are_named_until_they_appear() {
        space.create("Model", "team", Manifest.scripted("- {then: {text: done}}\n"));
        space.create(
                "Agent", "team", "model: team\ninstructions: x\nfallbackModels: [spare]\ndelegates: [{agent: helper}]");
        space.run("team");
        space.awaitRun("team", "not accepted", run -> Runs.is(run, "Accepted", "False"));
        space.create("Model", "spare", Manifest.scripted("- {then: {text: spare}}\n"));
        assertNamed("team", "DelegateNotFound", "'helper'");
        space.create("Agent", "helper", "model: team\ninstructions: x");
        Runs.assertSucceeded(space.awaitComplete("team"), "done");
    }

    @Test
    void instructions_from_a_config_map_are_awaited_and_read_once() {
        space.create("Model", "told", Manifest.scripted("- {then: {text: done}}\n"));
        space.create("Agent", "told", "model: told\ninstructionsFrom: {name: told, key: text}");
        space.run("told");
        assertWaits("told", "ConfigMap/told");
        space.kubectl("create", "configmap", "told", "--from-literal=other=x").orThrow();
        assertWaits("told", "ConfigMap/told", "text");
        space.patch("configmap", "told", "data: {text: 'Be kind.'}").orThrow();
        Runs.assertSucceeded(space.awaitComplete("told"), "done");
    }

    @Test
    void secret_is_named_until_it_appears_and_its_value_is_nowhere_but_in_the_call() {
        WORLD.answer("/act/secret", body -> "{\"fine\":true}");
        space.create(
                "Model",
                "secret",
                Manifest.scripted(
                        "- {when: {step: 1}, then: {calls: [{tool: act, arguments: {}}]}}\n- {then: {text: done}}\n"));
        space.create(
                "ToolServer",
                "secret",
                "http: {tools: [" + tool("act").replace("missing", "secret")
                        + "]}\nauth: {header: Authorization, prefix: 'Bearer ', secret: {name: key, key: token}}");
        space.create("Agent", "secret", "model: secret\ninstructions: x\ntools: [{server: secret, name: act}]");
        space.run("secret");
        assertWaits("secret", "Secret/key");
        assertEquals(0, WORLD.calls("secret").size());
        space.kubectl("create", "secret", "generic", "key", "--from-literal=token=CANARY-42")
                .orThrow();
        // The kubelet brings a new Secret into running pods in its own time.
        Runs.assertSucceeded(space.awaitRun("secret", "complete", Duration.ofMinutes(4), Runs::complete), "done");
        assertEquals("Bearer CANARY-42", WORLD.calls("secret").getLast().authorization());
        String seen = space.kubectl("get", "wheelhouse,configmaps,events,leases,deployments,pods", "-o", "yaml")
                .orThrow()
                .out();
        assertTrue(!seen.contains("CANARY-42"), "the secret value leaked into an object");
        for (var pod : space.runtimePods()) {
            String log = space.kubectl("logs", pod.getMetadata().getName()).out();
            assertTrue(!log.contains("CANARY-42"), "the secret value leaked into a log");
        }
    }

    /** Waits for Accepted=False with this reason and a message that says what is missing. */
    private static void assertNamed(String name, String reason, String... fragments) {
        Run run = space.awaitRun(name, "not accepted: " + reason, seen -> Runs.refused(seen, reason));
        String message = Runs.condition(run, "Accepted").getMessage();
        for (String fragment : fragments) {
            assertTrue(message.contains(fragment), () -> "'" + fragment + "' is not in: " + message);
        }
    }

    private static void assertWaits(String name, String resource, String... fragments) {
        Run run = space.awaitRun(
                name,
                "waiting for " + resource,
                seen -> Runs.waits(seen, "MissingResource")
                        && seen.getStatus().waitingFor().names().contains(resource)
                        && java.util.Arrays.stream(fragments)
                                .allMatch(fragment -> Runs.condition(seen, "Waiting")
                                        .getMessage()
                                        .contains(fragment)));
        String shown = space.kubectl("get", "arun", name).orThrow().out();
        assertTrue(shown.contains(run.getStatus().waitingFor().summary()), shown);
    }

    private static boolean ready(String kind, String name) {
        return space.kubectl("get", kind, name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}")
                .out()
                .equals("True");
    }

    private static String notReady(String kind, String name) {
        Space.await(
                kind + " " + name + " not ready",
                () -> space.kubectl("get", kind, name).out().contains("False"));
        return space.kubectl("get", kind, name).out();
    }

    private static String tool(String name) {
        return "{name: " + name + ", description: d, method: POST, effect: idempotent, url: '"
                + WORLD.url("/act/missing") + "'}";
    }
}
