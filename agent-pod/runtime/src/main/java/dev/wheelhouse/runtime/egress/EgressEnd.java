package dev.wheelhouse.runtime.egress;

/**
 * How an allowed request ended.
 *
 * @param id of its {@link EgressRequest}
 * @param status of the answer that the command got, or 0 if there was none
 * @param requestBytes of the body that was sent
 * @param responseBytes of the body that was passed on
 * @param error what went wrong, or null
 */
public record EgressEnd(String id, int status, long requestBytes, long responseBytes, String error) {}
