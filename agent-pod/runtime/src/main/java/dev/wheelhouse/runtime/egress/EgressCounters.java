package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec;

/**
 * Counts the requests of one run, whatever connection they come by. Refused ones count too: each of them is a record in
 * the journal, which must stay bounded. Thread-safe.
 */
public final class EgressCounters {
    private static final int CONNECTIONS = 64;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private long requests;
    private long minute;
    private int inMinute;
    private boolean told;
    private int open;
    private long connectionMinute;
    private int connectionsInMinute;

    /** @param before requests of the run that its journal already has */
    public EgressCounters(long before) {
        requests = before;
    }

    /** Another process may have driven the run in between: what the journal has counts. */
    public synchronized void atLeast(long journaled) {
        requests = Math.max(requests, journaled);
    }

    /** What becomes of one more request. */
    sealed interface Ruling {
        record Counted() implements Ruling {}

        /**
         * Too many.
         *
         * @param first whether it is the first of its kind and worth a record; the following ones get none
         */
        record TooMany(String reason, boolean first) implements Ruling {}
    }

    synchronized Ruling count(SandboxSpec.EgressLimits limits, long nanoTime) {
        int most = limits == null || limits.requests() == null ? 1000 : limits.requests();
        int perMinute = perMinute(limits);
        if (inMinute == 0 || nanoTime - minute >= MINUTE_NANOS) {
            minute = nanoTime;
            inMinute = 0;
        }
        if (requests >= most) {
            boolean first = !told;
            told = true;
            return new Ruling.TooMany(
                    "the run made " + most + " requests, as many as spec.sandbox.egressLimits.requests allows", first);
        }
        if (inMinute >= perMinute) {
            boolean first = inMinute == perMinute;
            inMinute = perMinute + 1;
            return new Ruling.TooMany(
                    "more than " + perMinute
                            + " requests in a minute, which spec.sandbox.egressLimits.requestsPerMinute allows",
                    first);
        }
        requests++;
        inMinute++;
        return new Ruling.Counted();
    }

    /**
     * Whether one more connection may be open. Also one without a request costs the handshake of its TLS, so there are
     * no more of them in a minute than may have a request, and as many again that are told that these were too many.
     */
    synchronized boolean enter(SandboxSpec.EgressLimits limits, long nanoTime) {
        if (connectionsInMinute == 0 || nanoTime - connectionMinute >= MINUTE_NANOS) {
            connectionMinute = nanoTime;
            connectionsInMinute = 0;
        }
        if (open >= CONNECTIONS || connectionsInMinute >= 2L * Math.max(CONNECTIONS, perMinute(limits))) {
            return false;
        }
        connectionsInMinute++;
        open++;
        return true;
    }

    private static int perMinute(SandboxSpec.EgressLimits limits) {
        return limits == null || limits.requestsPerMinute() == null ? 120 : limits.requestsPerMinute();
    }

    synchronized void leave() {
        open--;
    }
}
