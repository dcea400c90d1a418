package dev.wheelhouse.runtime.boot;

import dev.wheelhouse.runtime.approval.Notifier;
import dev.wheelhouse.runtime.drive.RunHost;
import dev.wheelhouse.runtime.store.JournalSweep;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Starts the host with the application and drains it before the application ends. */
@ApplicationScoped
class HostLifecycle {
    private static final Logger LOG = Logger.getLogger(HostLifecycle.class);

    private final RunHost host;
    private final Notifier notifier;
    private final RuntimeConfig config;
    private final Optional<JournalSweep> sweep;

    HostLifecycle(RunHost host, Notifier notifier, RuntimeConfig config, Optional<JournalSweep> sweep) {
        this.notifier = notifier;
        this.host = host;
        this.config = config;
        this.sweep = sweep;
    }

    void start(@Observes StartupEvent event) {
        host.start();
        Thread.ofVirtual().name("notify").start(this::notifyPeople);
        sweep.ifPresent(s -> Thread.ofVirtual().name("sweep").start(() -> sweepNowAndThen(s)));
    }

    private void notifyPeople() {
        try {
            notifier.work();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sweepNowAndThen(JournalSweep journals) {
        try {
            while (true) {
                Thread.sleep(config.sweepEvery());
                journals.sweep();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        try {
            host.drain(config.drainTimeout());
        } catch (InterruptedException e) {
            LOG.warn("interrupted while draining");
            Thread.currentThread().interrupt();
        }
    }
}
