package dev.wheelhouse.runtime.tool;

import io.modelcontextprotocol.client.transport.McpHttpClientTransportAuthorizationException;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpTransportException;
import io.modelcontextprotocol.spec.McpTransportSessionNotFoundException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** What an exception of the MCP SDK says about the call. */
enum McpFailure {
    /**
     * The server forgot the session, as a restarted one does. The SDK fails every call of that session alike, so it is
     * not known of any of them whether it happened.
     */
    SESSION_GONE,
    /** The request never left. */
    NOT_SENT,
    /** The server answered with an error of the protocol. */
    ANSWERED,
    /** 401 or 403. */
    FORBIDDEN,
    /** Another 4xx: the server refused the request. */
    REFUSED,
    /** The answer is larger than is read. */
    TOO_LARGE,
    TIMEOUT,
    BROKEN;

    private static final int MAX_CAUSES = 12;
    private static final Pattern CLIENT_ERROR = Pattern.compile("(?i)status code: ?4\\d\\d");

    static McpFailure of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            McpFailure known = known(cause);
            if (known != null) {
                return known;
            }
        }
        return BROKEN;
    }

    private static McpFailure known(Throwable cause) {
        return switch (cause) {
            case McpTransportSessionNotFoundException e -> SESSION_GONE;
            case McpHttpClientTransportAuthorizationException e -> FORBIDDEN;
            case McpError e -> ANSWERED;
            case ConnectException e -> NOT_SENT;
            case HttpConnectTimeoutException e -> NOT_SENT;
            case javax.net.ssl.SSLHandshakeException e -> NOT_SENT;
            case TimeoutException e -> TIMEOUT;
            // The SDK tells these apart in words only.
            case McpTransportException e when text(e).contains("maximum allowed size") -> TOO_LARGE;
            case McpTransportException e when CLIENT_ERROR.matcher(text(e)).find() -> REFUSED;
            case RuntimeException e when text(e).contains("session with server terminated") -> SESSION_GONE;
            default -> null;
        };
    }

    private static String text(Throwable e) {
        return String.valueOf(e.getMessage());
    }

    /** Whether the server answered at all, in a session that it knows. */
    boolean answered() {
        return this == ANSWERED || this == FORBIDDEN || this == REFUSED;
    }

    /** For people and models; nothing of the exception but an answer of the protocol. */
    String words(Throwable failure) {
        return switch (this) {
            case SESSION_GONE -> "it does not know the session any more";
            case NOT_SENT -> "it cannot be reached";
            case ANSWERED -> McpContent.error(failure);
            case FORBIDDEN -> "it refuses the credential";
            case REFUSED -> "it refuses the request";
            case TOO_LARGE -> "its answer is too large";
            case TIMEOUT -> "it does not answer in time";
            case BROKEN -> "the connection broke off or the answer was not understood";
        };
    }
}
