package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.drive.Ports;
import dev.wheelhouse.core.drive.RunLoop;
import dev.wheelhouse.core.drive.VirtualThreads;
import dev.wheelhouse.core.effect.PinCheck;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.runtime.approval.Approvals;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jboss.logging.Logger;

/** This process as a host of runs: registered, watching for its runs, driving them, until it is drained. */
public final class RunHost {
    private static final Logger LOG = Logger.getLogger(RunHost.class);
    private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);
    private static final Duration PROGRESS_LOOK = Duration.ofSeconds(1);
    /** Progress is for people: in a crowd of runs its writes must not crowd out the work. */
    private static final Duration PROGRESS_PACE = Duration.ofMillis(250);

    /** A run that ends before that says everything at once. */
    private static final Duration UNSAID = Duration.ofSeconds(1);

    private static final Duration RELEASE = Duration.ofSeconds(5);
    private static final int HOLDER_BYTES = 4;

    /**
     * What a host is made of.
     *
     * @param leases client with a short request timeout, used for the Lease only
     * @param permits bound of API requests under way, shared with the store
     * @param desk where the tools ask about runs; opened by the host
     */
    public record Parts(
            KubernetesClient client,
            KubernetesClient leases,
            ApiPermits permits,
            PodIdentity pod,
            JournalStore store,
            TenantSpec.Store storeKind,
            ModelPort models,
            ToolPort tools,
            HeldDesk desk,
            PinCheck pinCheck,
            Approvals approvals,
            Conditions conditions,
            Pinnings pinnings,
            MeterRegistry registry) {}

    private final Parts parts;
    private final RunDriver driver;
    private final Conclusion conclusion;
    private final LeaseLoop lease;
    private final Thread progress;
    private final Thread saying;
    private volatile Assignments assignments;

    public RunHost(Parts parts) {
        this.parts = parts;
        InstantSource clock = InstantSource.system();
        RunEvents events = new RunEvents(parts.client(), parts.pod());
        conclusion = new Conclusion(
                parts.client(),
                parts.store(),
                parts.storeKind(),
                parts.pinnings(),
                parts.approvals(),
                events,
                parts.permits(),
                clock,
                Pause.BACKOFF);
        RunMeters meters = new RunMeters(parts.registry());
        driver = new RunDriver(conclusion, meters);
        meters.active(driver::count);
        parts.desk().open(driver, conclusion);
        driver.loop(new RunLoop(new Ports(
                parts.store(),
                parts.models(),
                parts.tools(),
                parts.pinCheck(),
                parts.approvals(),
                parts.conditions(),
                clock,
                new VirtualThreads(),
                new HostObserver(driver, meters, events))));
        Registration registration = new Registration(
                parts.leases(), parts.pod(), System::nanoTime, this::newHolderId, new HolderListener() {
                    @Override
                    public void registered(Holder holder) {
                        watch(holder);
                    }

                    @Override
                    public void lost(Holder holder) {
                        drop(holder);
                    }
                });
        lease = new LeaseLoop(registration);
        progress = Thread.ofVirtual().name("progress").unstarted(this::showProgress);
        saying = Thread.ofVirtual().name("saying").unstarted(this::sayUnsaid);
    }

    /** Begins to register; returns at once. */
    public void start() {
        lease.start();
        progress.start();
        saying.start();
    }

    /** Whether new runs reach this process. */
    public boolean ready() {
        Assignments current = assignments;
        return current != null && current.watching();
    }

    /** Whether the thread that keeps the Lease lives: without it the process is of no use. */
    public boolean live() {
        return lease.alive();
    }

    /** Takes no new run, hands over those it has, and gives its Lease back. */
    public void drain(Duration atMost) throws InterruptedException {
        lease.drain();
        boolean all = driver.drain(atMost);
        LOG.infof(all ? "drained" : "not drained in time: the operator will take over what is left");
        Assignments current = assignments;
        if (current != null) {
            current.close();
        }
        progress.interrupt();
        saying.interrupt();
        lease.stop(RELEASE);
    }

    private void watch(Holder holder) {
        assignments = new Assignments(parts.client(), parts.pod().namespace(), holder, driver.receiver(holder));
    }

    private void drop(Holder holder) {
        Assignments current = assignments;
        assignments = null;
        if (current != null) {
            current.close();
        }
        driver.lost(holder);
    }

    private void showProgress() {
        try {
            while (true) {
                Thread.sleep(PROGRESS_LOOK);
                for (HeldRun run : driver.held()) {
                    if (conclusion.progress(run, System.nanoTime(), PROGRESS_EVERY.toNanos())) {
                        Thread.sleep(PROGRESS_PACE);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Not with the progress, which takes its time: what is unsaid is what the operator has to know. */
    private void sayUnsaid() {
        try {
            while (true) {
                Thread.sleep(PROGRESS_LOOK);
                for (HeldRun run : driver.held()) {
                    try {
                        conclusion.sayUnsaid(run, System.nanoTime(), UNSAID.toNanos());
                    } catch (RuntimeException e) {
                        LOG.warnf(e, "%s: its sandbox is not said", run.id());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String newHolderId() {
        byte[] random = new byte[HOLDER_BYTES];
        new SecureRandom().nextBytes(random);
        return parts.pod().uid() + "." + HexFormat.of().formatHex(random);
    }
}
