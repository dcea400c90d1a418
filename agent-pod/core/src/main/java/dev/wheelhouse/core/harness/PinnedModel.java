package dev.wheelhouse.core.harness;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.money.Prices;
import java.time.Duration;

/**
 * A model as a run saw it at its start.
 *
 * @param name name of the Model object
 * @param provider {@code scripted}, {@code openai} or {@code anthropic}
 * @param prices null if unknown
 * @param attempts attempts per call, the first included
 * @param binding what the adapter needs (endpoint, model id, Secret key names, script; never a secret value)
 */
public record PinnedModel(
        String name,
        String provider,
        Prices prices,
        long maxOutputTokens,
        Duration timeout,
        int attempts,
        JsonNode binding) {
    PinnedModel priced(Prices now) {
        return new PinnedModel(name, provider, now, maxOutputTokens, timeout, attempts, binding);
    }
}
