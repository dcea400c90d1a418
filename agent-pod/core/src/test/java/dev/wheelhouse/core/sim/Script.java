package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import java.util.ArrayList;
import java.util.List;

/** A model that answers by the number of the step, so that it says the same again to the same conversation. */
public final class Script implements ModelPort {
    /** One answer, or failure, of the model. */
    @FunctionalInterface
    public interface Line {
        ModelReply answer(ModelRequest request) throws ModelException, InterruptedException;
    }

    private final List<Line> lines;
    private final List<ModelRequest> requests = new ArrayList<>();

    public Script(Line... lines) {
        this.lines = List.of(lines);
    }

    public static Line says(String text) {
        return request -> new ModelReply(text, List.of(), usage(request), null);
    }

    public static Line calls(ToolCall... calls) {
        return request -> new ModelReply("", List.of(calls), usage(request), null);
    }

    public static ToolCall call(String id, String tool, String arguments) {
        return new ToolCall(id, tool, arguments);
    }

    private static TokenUsage usage(ModelRequest request) {
        return new TokenUsage(100, 0, Math.min(20, request.maxOutputTokens()));
    }

    /** Every request so far. */
    public synchronized List<ModelRequest> requests() {
        return List.copyOf(requests);
    }

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        synchronized (this) {
            requests.add(request);
        }
        return lines.get(Math.min(request.step(), lines.size()) - 1).answer(request);
    }
}
