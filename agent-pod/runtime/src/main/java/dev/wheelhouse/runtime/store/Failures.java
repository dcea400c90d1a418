package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.client.KubernetesClientException;

/**
 * What a failed API request says. What it means for a journal, too; conflicts are not here: only a second look explains
 * them.
 */
public final class Failures {
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int INVALID = 422;

    private Failures() {}

    /**
     * Whether somebody else may have written: the version moved, the name is taken, or the segment was sealed (which
     * the API server reports as invalid, not as a conflict).
     */
    static boolean conflict(KubernetesClientException e) {
        return e.getCode() == CONFLICT || e.getCode() == INVALID;
    }

    static StoreException of(KubernetesClientException e, String what) {
        String message = what + ": " + reason(e);
        return switch (e.getCode()) {
            case NOT_FOUND -> new StoreException.Gone(message);
            case FORBIDDEN ->
                terminating(e) ? new StoreException.Gone(message) : new StoreException.Unavailable(message, e);
            default -> new StoreException.Unavailable(message, e);
        };
    }

    private static boolean terminating(KubernetesClientException e) {
        return reason(e).contains("being terminated");
    }

    /** The API server's own words, without the client's dump of the whole status. */
    public static String reason(KubernetesClientException e) {
        return e.getStatus() != null && e.getStatus().getMessage() != null
                ? e.getStatus().getMessage()
                : String.valueOf(e.getMessage());
    }
}
