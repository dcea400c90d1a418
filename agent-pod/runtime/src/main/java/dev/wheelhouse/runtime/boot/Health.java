package dev.wheelhouse.runtime.boot;

import dev.wheelhouse.runtime.drive.RunHost;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Live while the Lease's thread lives; ready while registered and watching for runs. */
@ApplicationScoped
class Health {
    private final RunHost host;

    Health(RunHost host) {
        this.host = host;
    }

    @Produces
    @Liveness
    HealthCheck lease() {
        return () -> response("lease", host.live());
    }

    @Produces
    @Readiness
    HealthCheck watching() {
        return () -> response("assignments", host.ready());
    }

    private static HealthCheckResponse response(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
