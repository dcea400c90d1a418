package dev.wheelhouse.runtime.sandbox;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** What is counted of sandboxes. */
record SandboxMeters(MeterRegistry registry) {
    /** A connection was not accepted. */
    void refused(String why) {
        registry.counter("wheelhouse.sandbox.connections.refused", "reason", why)
                .increment();
    }

    /** A sandbox has a session. */
    void joined() {
        registry.counter("wheelhouse.sandbox.sessions").increment();
    }

    /** A call has its sandbox. */
    void acquired(boolean first, Duration took) {
        registry.timer("wheelhouse.sandbox.acquire", "first", Boolean.toString(first))
                .record(took);
    }

    /** A pod was lost that commands were sent to. */
    void lost() {
        registry.counter("wheelhouse.sandbox.lost").increment();
    }
}
