package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Entry;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tools as the author declares them, and what the model can and cannot do about it. */
class ToolE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static CountingServer world;

    @BeforeAll
    static void open() {
        space = SPACES.common().space();
        world = SPACES.common().world();
    }

    @Test
    void calls_of_one_step_run_at_the_same_time() {
        space.scripted("parallel", """
            - when: {step: 1}
              then:
                calls:
                - {tool: put, arguments: {what: parallel-a}}
                - {tool: put, arguments: {what: parallel-b}}
                - {tool: once, arguments: {what: parallel-c}}
            - then: {text: done}
            """);
        List<String> all = List.of("parallel-a", "parallel-b", "parallel-c");
        all.forEach(world::hold);
        space.run("parallel");
        // None is answered before all have arrived.
        all.forEach(what -> world.awaitCalls(what, 1));
        all.forEach(world::release);
        Runs.assertSucceeded(space.awaitComplete("parallel"), "done");
        all.forEach(what -> assertEquals(1, world.calls(what).size()));
        new Journal(space, "parallel").assertSound();
    }

    @Test
    void bound_arguments_are_hidden_from_the_model_and_enforced() {
        space.create("Model", "bound", Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: put, arguments: {n: 1}}]}
            - when: {step: 2}
              then: {calls: [{tool: put, arguments: {what: elsewhere, n: 2}}]}
            - then: {text: done}
            """));
        space.create(
                "Agent",
                "bound",
                "model: bound\ninstructions: x\ntools: [{server: world, name: put, bound: {what: fixed}}]");
        space.run("bound");
        Runs.assertSucceeded(space.awaitComplete("bound"), "done");
        assertEquals(0, world.calls("elsewhere").size(), "the author's argument wins");
        assertEquals(2, world.calls("fixed").size());
        PinnedTool pinned = new Journal(space, "bound")
                .entries(Entry.RunStarted.class)
                .getFirst()
                .run()
                .tools()
                .getFirst();
        assertEquals("fixed", pinned.bound().get("what").asText());
    }

    @Test
    void results_that_are_too_large_are_cut_and_say_so() {
        world.answer("/act/large", body -> "\"" + "x".repeat(200_000) + "\"");
        space.scripted("large", """
            - when: {step: 1}
              then: {calls: [{tool: look, arguments: {what: large}}]}
            - then: {text: done}
            """);
        space.run("large");
        Runs.assertSucceeded(space.awaitComplete("large"), "done");
        var outcome =
                new Journal(space, "large").entries(Entry.ToolOutcome.class).getFirst();
        String end = outcome.content().substring(outcome.content().length() - 200);
        assertTrue(end.contains("cut"), end);
        assertTrue(
                outcome.content().length() < 70_000,
                "length " + outcome.content().length());
        new Journal(space, "large").assertSound();
    }

    @Test
    void an_error_of_the_tool_goes_to_the_model() {
        space.create(
                "ToolServer",
                "broken",
                "http: {tools: [{name: gone, description: d, effect: readOnly, url: '" + world.url("/nothing/here")
                        + "'}]}");
        space.create("Model", "broken", Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: gone, arguments: {}}]}
            - then: {text: '{{lastMessage}}'}
            """));
        space.create("Agent", "broken", "model: broken\ninstructions: x\ntools: [{server: broken, name: gone}]");
        space.run("broken");
        String result = space.awaitComplete("broken").getStatus().result();
        assertTrue(result.contains("404"), result);
    }

    @Test
    void an_effect_class_may_be_stricter_than_declared_and_not_laxer() {
        space.create("Model", "strict", Manifest.scripted("- {then: {text: done}}\n"));
        space.create(
                "Agent",
                "strict",
                "model: strict\ninstructions: x\ntools: [{server: world, name: put, effect: atMostOnce}]");
        space.create(
                "Agent",
                "lax",
                "model: strict\ninstructions: x\ntools: [{server: world, name: once, effect: readOnly}]");
        space.run("strict").run("lax", "lax", "go", "");
        Runs.assertSucceeded(space.awaitComplete("strict"), "done");
        var lax = space.awaitRun("lax", "not accepted", run -> Runs.is(run, "Accepted", "False"));
        String message = Runs.condition(lax, "Accepted").getMessage();
        assertTrue(message.contains("once") && message.contains("atMostOnce"), message);
        assertFalse(Runs.complete(lax));
        space.cancel("lax");
    }
}
