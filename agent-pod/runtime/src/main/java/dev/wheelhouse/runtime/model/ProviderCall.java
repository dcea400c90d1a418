package dev.wheelhouse.runtime.model;

import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.runtime.outbound.Abandonable;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** The frame of a provider call: a limit for the whole of it, and every failure told apart. */
final class ProviderCall {
    private static final int MAX_CAUSES = 10;

    /** Tells what an SDK's exception means. */
    @FunctionalInterface
    interface Explainer {
        ModelException explain(Throwable failure, Access access);
    }

    private ProviderCall() {}

    static ModelReply within(Duration limit, Access access, Explainer explainer, Callable<ModelReply> call)
            throws ModelException, InterruptedException {
        try {
            return Abandonable.call(limit, call);
        } catch (TimeoutException e) {
            throw ProviderErrors.timeout(limit);
        } catch (ExecutionException e) {
            throw explained(e.getCause(), limit, access, explainer);
        }
    }

    private static ModelException explained(Throwable failure, Duration limit, Access access, Explainer explainer) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            switch (cause) {
                case ModelException e -> {
                    return e;
                }
                case AnswerCaps.TooLarge e -> {
                    return new ModelException(ModelException.Kind.REJECTED, e.getMessage(), null);
                }
                // OkHttp's way to say that one of its limits passed.
                case InterruptedIOException e -> {
                    return ProviderErrors.timeout(limit);
                }
                default -> {}
            }
        }
        return explainer.explain(failure, access);
    }
}
