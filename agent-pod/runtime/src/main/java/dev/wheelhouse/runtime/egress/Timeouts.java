package dev.wheelhouse.runtime.egress;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param head from a request's first byte to the end of its head, and a TLS handshake
 * @param connect to the host, all its addresses together
 * @param idle without a byte in either direction
 * @param total one request and its answer
 */
record Timeouts(Duration head, Duration connect, Duration idle, Duration total) {
    static final Timeouts DEFAULT = new Timeouts(
            Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofMinutes(10));
}
