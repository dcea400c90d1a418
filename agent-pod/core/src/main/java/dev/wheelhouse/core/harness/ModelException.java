package dev.wheelhouse.core.harness;

import java.time.Duration;

/** A model call without a complete answer. */
public final class ModelException extends Exception {
    /** Why, as far as it decides what to do next. */
    public enum Kind {
        /** 429: try again later. */
        RATE_LIMITED,
        /** 5xx, overloaded, connection refused: not billed, try again. */
        SERVER_ERROR,
        /**
         * No complete answer, in time or because the connection was cut after the request was sent: try again. The
         * provider may bill the lost call, so it is charged at its upper bound.
         */
        TIMEOUT,
        /** The credential is missing where it should be: wait for it. */
        NO_CREDENTIAL,
        /** Refused for good (400, 401, 403, 404, malformed answer): trying again does not help; another model may. */
        REJECTED
    }

    private final Kind kind;
    private final transient Duration retryAfter;

    /**
     * @param message safe for journal and status: no credential, no header
     * @param retryAfter what the provider asked for, or null
     */
    public ModelException(Kind kind, String message, Duration retryAfter) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /** What the provider asked for, or null. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
