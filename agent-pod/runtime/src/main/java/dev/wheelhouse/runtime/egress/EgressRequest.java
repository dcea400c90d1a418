package dev.wheelhouse.runtime.egress;

/**
 * A request that a command made, as the journal keeps it: without query, headers and body, which may hold secrets.
 *
 * @param id unique in the run
 * @param path at most {@link #MAX_PATH} characters; {@code ?…} at its end stands for a query
 * @param allowed whether it is about to leave
 * @param reason why it is not allowed, or null
 */
public record EgressRequest(
        String id, String method, String scheme, String host, int port, String path, boolean allowed, String reason) {
    /** Most characters of a path in the journal. */
    public static final int MAX_PATH = 512;
}
