package dev.wheelhouse.runtime.boot;

import dev.wheelhouse.runtime.approval.Notifier;
import dev.wheelhouse.runtime.drive.RunHost;
import dev.wheelhouse.runtime.sandbox.SandboxHost;
import dev.wheelhouse.runtime.store.JournalSweep;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
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
    private final SandboxHost sandboxes;

    HostLifecycle(
            RunHost host,
            Notifier notifier,
            RuntimeConfig config,
            Optional<JournalSweep> sweep,
            SandboxHost sandboxes) {
        this.sandboxes = sandboxes;
        this.notifier = notifier;
        this.host = host;
        this.config = config;
        this.sweep = sweep;
    }

    void start(@Observes StartupEvent event) {
        openForSandboxes();
        host.start();
        Thread.ofVirtual().name("notify").start(this::notifyPeople);
        sweep.ifPresent(s -> Thread.ofVirtual().name("sweep").start(() -> sweepNowAndThen(s)));
    }

    /** Runs without a sandbox need no port; those with one say what is wrong. */
    private void openForSandboxes() {
        try {
            sandboxes.start();
        } catch (IOException e) {
            LOG.errorf("port %d is not open, sandboxes cannot connect: %s", config.sandboxPort(), e.getMessage());
        }
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
        } finally {
            sandboxes.close();
        }
    }
}
