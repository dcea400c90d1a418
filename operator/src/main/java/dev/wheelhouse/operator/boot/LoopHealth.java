package dev.wheelhouse.operator.boot;

import dev.wheelhouse.operator.reconcile.Sentinel;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive means: the clock ticks, and a leader looks at new runs. A restart is cheap and loses nothing. */
@Liveness
@Singleton
public final class LoopHealth implements HealthCheck {
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration WAIT = Duration.ofMinutes(3);

    private final Sentinel sentinel;
    private final Leadership leadership;

    LoopHealth(Sentinel sentinel, Leadership leadership) {
        this.sentinel = sentinel;
        this.leadership = leadership;
    }

    @Override
    public HealthCheckResponse call() {
        boolean ticking = sentinel.silence().compareTo(SILENCE) < 0;
        boolean serving = !leadership.leading() || sentinel.longestWait().compareTo(WAIT) < 0;
        return HealthCheckResponse.named("reconcile loop")
                .status(ticking && serving)
                .withData("leading", leadership.leading())
                .withData("longestWaitMillis", sentinel.longestWait().toMillis())
                .build();
    }
}
