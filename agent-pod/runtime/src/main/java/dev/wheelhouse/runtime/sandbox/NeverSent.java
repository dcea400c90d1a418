package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.effect.ToolInvocation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Calls that this process gave back because there was no sandbox to send them to, so that they are not taken for lost
 * when their run comes back. It counts only if nobody had the run in between: the next assignment has the next epoch.
 */
final class NeverSent {
    private static final int MAX = 4096;

    private final Map<String, Long> epochs = new LinkedHashMap<>();

    synchronized void add(ToolInvocation call) {
        epochs.remove(call.idempotencyKey());
        epochs.put(call.idempotencyKey(), call.epoch());
        if (epochs.size() > MAX) {
            epochs.remove(epochs.keySet().iterator().next());
        }
    }

    /** Whether it was certainly not sent; from now on it may be. */
    synchronized boolean take(ToolInvocation call) {
        Long epoch = epochs.remove(call.idempotencyKey());
        return epoch != null && (call.epoch() == epoch || call.epoch() == epoch + 1);
    }
}
