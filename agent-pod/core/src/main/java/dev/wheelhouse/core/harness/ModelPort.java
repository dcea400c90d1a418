package dev.wheelhouse.core.harness;

/** Calls models. One adapter per provider behind it. Implementations are thread-safe and do not retry. */
public interface ModelPort {
    /**
     * Calls the model once and returns the complete answer.
     *
     * @throws ModelException if there is none
     * @throws InterruptedException if the run was cancelled or the process drains
     */
    ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException;

    /** Receives text as it streams. What it received is void if the call fails afterwards. */
    @FunctionalInterface
    interface TextSink {
        void text(String delta);
    }
}
