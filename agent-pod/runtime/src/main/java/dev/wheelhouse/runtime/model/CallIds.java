package dev.wheelhouse.runtime.model;

import dev.wheelhouse.core.harness.ToolCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Ids as a provider knows them. The harness renames a repeated id to keep ids unique in the run; a raw message that
 * goes back unchanged still has the provider's, so its results must carry that one too.
 */
final class CallIds {
    private final Map<String, String> ofProvider = new HashMap<>();

    void learn(List<ToolCall> calls, List<String> rawIds) {
        for (int i = 0; i < Math.min(calls.size(), rawIds.size()); i++) {
            ofProvider.put(calls.get(i).id(), rawIds.get(i));
        }
    }

    String of(String callId) {
        return ofProvider.getOrDefault(callId, callId);
    }
}
