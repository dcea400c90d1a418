package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.core.journal.Entry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each limit ends a run, says which one it was, and leaves what was reached so far readable. */
class LimitsE2E {
    /** Calls a tool with other arguments at each step, for ever; 1000 tokens and 1000 micro-dollars a step. */
    private static final String ENDLESS = """
        - when: {lastMessage: 'done":\\d*[13579]}'}
          then: {calls: [{tool: look, arguments: {what: NAME, n: 1}}], tokens: {input: 1000, output: 0}}
        - then: {calls: [{tool: look, arguments: {what: NAME, n: 2}}], tokens: {input: 1000, output: 0}}
        """;

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static CountingServer world;

    @BeforeAll
    static void open() {
        space = SPACES.common().space();
        world = SPACES.common().world();
    }

    @ParameterizedTest
    @CsvSource({
        "steps,      3,     3",
        "toolCalls,  2,     2",
        "tokens,     3500,  3",
        "costMicros, 3500,  3",
    })
    void reaching_a_limit_ends_the_run_and_names_the_limit(String limit, String value, int mostCalls) {
        String name = "limit-" + limit.toLowerCase();
        space.scripted(name, ENDLESS.replace("NAME", name), "maxOutputTokens: 1\n");
        space.run(name, name, "go", "limits: {" + limit + ": " + value + "}");
        Run run = space.awaitComplete(name);
        Runs.assertEnded(run, RunPhase.Failed, "LimitReached", limit, value);
        int calls = world.calls(name).size();
        assertTrue(calls >= 1 && calls <= mostCalls, calls + " calls");
        assertTrue(run.getStatus().step() >= 1 && run.getStatus().usage().inputTokens() >= 1000);
        var journal = new Journal(space, name);
        journal.assertSound();
        assertEquals(calls, journal.entries(Entry.ToolOutcome.class).size(), "what was done stays readable");
    }

    @Test
    void wall_time_counts() {
        space.scripted("limit-seconds", "- then: {text: late, delayMillis: 600000}\n");
        space.run("limit-seconds", "limit-seconds", "go", "limits: {seconds: 2}");
        Runs.assertEnded(space.awaitComplete("limit-seconds"), RunPhase.Failed, "LimitReached", "seconds", "2");
    }

    @Test
    void the_lowest_of_agent_and_run_counts() {
        space.scripted("limit-lowest", ENDLESS.replace("NAME", "limit-lowest"), "limits: {steps: 2}\n");
        space.run("limit-lowest", "limit-lowest", "go", "limits: {steps: 40}");
        Runs.assertEnded(space.awaitComplete("limit-lowest"), RunPhase.Failed, "LimitReached", "steps", "2");
        assertEquals(2, space.get("limit-lowest").getStatus().step());
    }

    @Test
    void malformed_calls_are_repaired_until_the_limit() {
        space.scripted("repaired", """
            - when: {step: 1}
              then: {calls: [{tool: put, rawArguments: '{"what": "repaired"'}]}
            - when: {step: 2}
              then: {calls: [{tool: put, arguments: {whom: repaired}}]}
            - when: {step: 3}
              then: {calls: [{tool: no_such_tool, arguments: {}}]}
            - when: {step: 4}
              then: {calls: [{tool: put, arguments: {what: repaired}}]}
            - then: {text: '{{lastMessage}}'}
            """);
        space.run("repaired");
        Runs.assertSucceeded(space.awaitComplete("repaired"), "{\"done\":1}");
        var rejected = new Journal(space, "repaired")
                .entries(Entry.ToolOutcome.class).stream()
                        .filter(Entry.ToolOutcome::rejected)
                        .toList();
        assertEquals(3, rejected.size());
        assertTrue(rejected.get(1).content().contains("what"), "the message says what is wrong: " + rejected.get(1));
        assertTrue(rejected.get(2).content().contains("put"), "the message says what there is: " + rejected.get(2));
        assertEquals(1, world.calls("repaired").size());

        space.scripted("limit-repairs", """
            - then: {calls: [{tool: put, rawArguments: '{{'}]}
            """, "limits: {repairs: 2, identicalCalls: 100}\n");
        space.run("limit-repairs");
        Runs.assertEnded(space.awaitComplete("limit-repairs"), RunPhase.Failed, "LimitReached", "repairs", "2");
    }

    @Test
    void identical_calls_are_a_loop() {
        space.scripted("loop", "- then: {calls: [{tool: put, arguments: {what: loop}}]}\n");
        space.run("loop", "loop", "go", "limits: {identicalCalls: 3}");
        Runs.assertEnded(space.awaitComplete("loop"), RunPhase.Failed, "LoopDetected", "put", "identicalCalls");
        int calls = world.calls("loop").size();
        assertTrue(calls >= 2 && calls <= 3, calls + " calls");
        assertEquals(calls, world.keys("loop").size(), "each call of the model has a key of its own");
    }

    @Test
    void a_cost_limit_without_a_price_is_refused() {
        space.create("Model", "unpriced", "provider: scripted\nscript: [{then: {text: done}}]");
        space.create("Agent", "unpriced", "model: unpriced\ninstructions: x");
        space.run("unpriced", "unpriced", "go", "limits: {costMicros: 5}");
        Run run = space.awaitRun("unpriced", "refused", seen -> Runs.refused(seen, "PriceUnknown"));
        String message = Runs.condition(run, "Accepted").getMessage();
        assertTrue(message.contains("'unpriced'") && message.contains("spec.prices"), message);
        space.patch("model", "unpriced", "spec: {prices: {input: 1, output: 1}}")
                .orThrow();
        Runs.assertSucceeded(space.awaitComplete("unpriced"), "done");
    }

    @Test
    void without_a_price_the_cost_is_unknown_and_not_zero() {
        space.create("Model", "no-price", "provider: scripted\nscript: [{then: {text: done}}]");
        space.create("Agent", "no-price", "model: no-price\ninstructions: x");
        space.run("no-price");
        assertEquals(
                "unknown", space.awaitComplete("no-price").getStatus().usage().cost());
    }

    @Test
    void an_answer_that_misses_the_output_schema_is_repaired_or_fails_saying_how() {
        String schema =
                "outputSchema: {type: object, properties: {total: {type: integer}}, required: [total]}\nlimits: {repairs: 2}\n";
        space.scripted("schema", """
            - when: {step: 1}
              then: {text: 'The total is 7.'}
            - when: {step: 2}
              then: {text: '{"total": "seven"}'}
            - then: {text: '{"total": 7}'}
            """, schema);
        space.scripted("schema-never", "- then: {text: '{\"total\": \"seven\"}'}\n", schema);
        space.run("schema").run("schema-never");
        Run run = space.awaitComplete("schema");
        Runs.assertSucceeded(run, "{\"total\":7}");
        assertEquals(3, run.getStatus().usage().modelCalls());
        Runs.assertEnded(space.awaitComplete("schema-never"), RunPhase.Failed, "OutputSchemaMismatch", "total");
    }
}
