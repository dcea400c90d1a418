package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.RuntimeDirectory;
import dev.wheelhouse.operator.kube.Informers;
import dev.wheelhouse.operator.kube.Pruned;
import dev.wheelhouse.operator.kube.RuntimeFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What goes on beside the controllers: watches of runtimes and of finished runs, and the clock that drives the rest. */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long EXPIRY_MILLIS = 500;
    private static final long TICK_MILLIS = 1000;
    private static final long TEST_MILLIS = 60_000;
    private static final long RESYNC_MILLIS = 180_000;

    private final Informers informers;
    private final RunBook book;
    private final RunReconciler runs;
    private final NamespaceRuntimes namespaceRuntimes;
    private final OwnRuntimes ownRuntimes;
    private final SandboxWatch sandboxes;
    private final Reaper reaper;
    private final ApprovalReconciler approvals;
    private final Gate gate;
    private final Sentinel sentinel;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("engine-", 0).factory());

    public Engine(
            Informers informers,
            RunBook book,
            RunReconciler runs,
            NamespaceRuntimes namespaceRuntimes,
            OwnRuntimes ownRuntimes,
            SandboxWatch sandboxes,
            Reaper reaper,
            ApprovalReconciler approvals,
            Gate gate,
            Sentinel sentinel) {
        this.informers = informers;
        this.book = book;
        this.runs = runs;
        this.namespaceRuntimes = namespaceRuntimes;
        this.ownRuntimes = ownRuntimes;
        this.sandboxes = sandboxes;
        this.reaper = reaper;
        this.approvals = approvals;
        this.gate = gate;
        this.sentinel = sentinel;
    }

    /** Starts; does not wait for the API server. */
    public void start() {
        book.onTouched(
                namespace -> {
                    namespaceRuntimes.touch(namespace);
                    sandboxes.touch(namespace);
                },
                namespaceRuntimes::need);
        sandboxes.start(informers, namespaceRuntimes);
        RuntimeDirectory directory = book.directory();
        informers.watch(
                Pod.class,
                s -> s.withLabels(RuntimeFacts.SELECTOR),
                Pruned::pod,
                pod -> book.runtimeChanged(directory.pod(RuntimeFacts.of(pod), book.nanoTime())),
                pod -> book.runtimeChanged(directory.podGone(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        book.nanoTime())));
        informers.watch(
                Lease.class,
                s -> s.withLabels(RuntimeFacts.SELECTOR),
                UnaryOperator.identity(),
                lease -> book.runtimeChanged(directory.lease(RuntimeFacts.of(lease), book.nanoTime())),
                lease -> book.runtimeChanged(directory.leaseGone(
                        lease.getMetadata().getNamespace(), lease.getMetadata().getName(), book.nanoTime())));
        informers.watch(
                Deployment.class,
                s -> s.withLabels(RuntimeFacts.SELECTOR),
                UnaryOperator.identity(),
                deployment -> {
                    namespaceRuntimes.seen(deployment);
                    ownRuntimes.seen(deployment);
                    sandboxes.touch(deployment.getMetadata().getNamespace());
                },
                deployment -> {
                    namespaceRuntimes.gone(deployment);
                    ownRuntimes.gone(deployment);
                    sandboxes.touch(deployment.getMetadata().getNamespace());
                });
        informers.watch(
                Run.class,
                s -> s.withoutField(Api.FIELD_COMPLETION_TIME, ""),
                Pruned::finished,
                reaper::seen,
                reaper::gone);
        every(EXPIRY_MILLIS, () -> {
            book.runtimesChanged(directory.expire(book.nanoTime()));
            sentinel.tick();
            sandboxes.tick();
        });
        every(TICK_MILLIS, () -> {
            namespaceRuntimes.tick();
            reaper.tick();
        });
        every(TEST_MILLIS, approvals::test);
        every(RESYNC_MILLIS, this::resync);
    }

    /** This operator begins to lead. */
    public void leads() {
        sentinel.leads();
        timer.execute(guarded(namespaceRuntimes::resync));
        timer.execute(guarded(() -> sandboxes.resync(namespaceRuntimes)));
        timer.execute(guarded(approvals::test));
    }

    private void resync() {
        namespaceRuntimes.resync();
        if (gate.leading()) {
            Set<String> unfinished = runs.unfinished();
            ownRuntimes.sweep(unfinished::contains);
            sandboxes.resync(namespaceRuntimes);
        }
    }

    private void every(long millis, Runnable work) {
        timer.scheduleWithFixedDelay(guarded(work), millis, millis, TimeUnit.MILLISECONDS);
    }

    /** A timer forgets work that failed once. */
    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.warn("Regular work failed and will be tried again", e);
            }
        };
    }

    @Override
    public void close() {
        timer.shutdownNow();
        informers.close();
    }
}
