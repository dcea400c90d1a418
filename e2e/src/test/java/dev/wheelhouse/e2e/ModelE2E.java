package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.core.journal.Entry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when a model fails, and that retries and fallbacks are in the journal. */
class ModelE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.common().space();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503, 0})
    void what_may_pass_is_tried_again(int status) {
        String name = "retry-" + status;
        space.scripted(name, "- then: {text: done, fail: {status: " + status + ", times: 2, retryAfterSeconds: 1}}\n");
        space.run(name);
        Runs.assertSucceeded(space.awaitComplete(name), "done");
        var journal = new Journal(space, name);
        assertEquals(2, journal.entries(Entry.ModelFailed.class).size());
        assertEquals(3, journal.entries(Entry.ModelRequested.class).size());
        assertEquals(1, space.get(name).getStatus().step(), "retries are no steps");
    }

    @Test
    void attempts_end_and_the_message_says_what_the_provider_said() {
        space.create(
                "Model",
                "down",
                "attempts: 2\n" + Manifest.scripted("- {then: {fail: {status: 500, retryAfterSeconds: 0}}}\n"));
        space.create("Agent", "down", "model: down\ninstructions: x");
        space.run("down");
        Runs.assertEnded(space.awaitComplete("down"), RunPhase.Failed, "ModelFailed", "down", "500");
        assertEquals(
                2, new Journal(space, "down").entries(Entry.ModelFailed.class).size());
    }

    @Test
    void the_next_model_takes_over_when_one_keeps_failing() {
        space.create("Model", "first", "attempts: 1\n" + Manifest.scripted("- {then: {fail: {status: 500}}}\n"));
        space.create("Model", "second", Manifest.scripted("- {then: {fail: {status: 404}}}\n"));
        space.create("Model", "third", Manifest.scripted("- {then: {text: third}}\n"));
        space.create("Agent", "fallback", "model: first\nfallbackModels: [second, third]\ninstructions: x");
        space.run("fallback");
        Runs.assertSucceeded(space.awaitComplete("fallback"), "third");
        var failed = new Journal(space, "fallback").entries(Entry.ModelFailed.class);
        assertEquals(
                java.util.List.of("first", "second"),
                failed.stream().map(Entry.ModelFailed::model).toList());
        assertTrue(new Journal(space, "fallback")
                .entries(Entry.ModelResponded.class)
                .getFirst()
                .model()
                .equals("third"));
    }

    @Test
    void an_answer_that_streams_arrives_whole() {
        space.scripted("stream", "- then: {text: 'one two three four five', chunks: 5}\n");
        space.run("stream");
        Runs.assertSucceeded(space.awaitComplete("stream"), "one two three four five");
    }
}
