package dev.wheelhouse.operator.boot;

import dev.wheelhouse.operator.domain.Admission;
import dev.wheelhouse.operator.kube.ClockSkew;
import dev.wheelhouse.operator.kube.Informers;
import dev.wheelhouse.operator.reconcile.ApprovalBook;
import dev.wheelhouse.operator.reconcile.ApprovalReconciler;
import dev.wheelhouse.operator.reconcile.Engine;
import dev.wheelhouse.operator.reconcile.Gate;
import dev.wheelhouse.operator.reconcile.NamespaceRuntimes;
import dev.wheelhouse.operator.reconcile.OwnRuntimes;
import dev.wheelhouse.operator.reconcile.Reaper;
import dev.wheelhouse.operator.reconcile.RunBook;
import dev.wheelhouse.operator.reconcile.RunReconciler;
import dev.wheelhouse.operator.reconcile.SandboxWatch;
import dev.wheelhouse.operator.reconcile.ScheduleChildren;
import dev.wheelhouse.operator.reconcile.ScheduleTrust;
import dev.wheelhouse.operator.reconcile.Sentinel;
import dev.wheelhouse.operator.reconcile.Trust;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigUtils;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Start and stop, around the SDK's own. */
@Singleton
public final class Lifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
    private static final Duration API_RETRY = Duration.ofSeconds(1);
    private static final int FIRST = 1;
    private static final int LAST = 10_000;

    private final Operator operator;
    private final Engine engine;
    private final Informers informers;
    private final ScheduleChildren scheduleChildren;
    private final ScheduleTrust scheduleTrust;
    private final Leadership leadership;
    private final ClockSkew clockSkew;
    private final KubernetesClient client;
    private final RunBook book;
    private final ApprovalBook approvalBook;
    private final Trust trust;
    private final MeterRegistry metrics;

    Lifecycle(
            Operator operator,
            Informers informers,
            RunBook book,
            RunReconciler runs,
            NamespaceRuntimes namespaceRuntimes,
            OwnRuntimes ownRuntimes,
            SandboxWatch sandboxes,
            Reaper reaper,
            ApprovalReconciler approvals,
            ApprovalBook approvalBook,
            Trust trust,
            Gate gate,
            Sentinel sentinel,
            ScheduleChildren scheduleChildren,
            ScheduleTrust scheduleTrust,
            Leadership leadership,
            KubernetesClient client,
            MeterRegistry metrics) {
        this.engine = new Engine(
                informers, book, runs, namespaceRuntimes, ownRuntimes, sandboxes, reaper, approvals, gate, sentinel);
        this.operator = operator;
        this.informers = informers;
        this.scheduleChildren = scheduleChildren;
        this.scheduleTrust = scheduleTrust;
        this.leadership = leadership;
        this.clockSkew = new ClockSkew(client, Instant::now, System::nanoTime);
        this.client = client;
        this.book = book;
        this.approvalBook = approvalBook;
        this.trust = trust;
        this.metrics = metrics;
    }

    void start(@Observes @Priority(FIRST) StartupEvent event) {
        metrics.gauge("wheelhouse.runs", Tags.of("state", "active"), this, l -> l.sum(Admission.Counts::active));
        metrics.gauge("wheelhouse.runs", Tags.of("state", "queued"), this, l -> l.sum(Admission.Counts::queued));
        metrics.gauge("wheelhouse.approvals.pending", approvalBook, ApprovalBook::size);
        metrics.gauge("wheelhouse.approvals.identity.verified", trust, t -> t.sound() ? 1 : 0);
        metrics.gauge("wheelhouse.clock.skew.seconds", clockSkew, ClockSkew::seconds);
        leadership.onLeading(() -> {
            engine.leads();
            Thread.ofVirtual().name("schedule-survey").start(scheduleTrust::survey);
        });
        scheduleChildren.watch(informers);
        engine.start();
        if (!ConfigUtils.isProfileActive("prod")) {
            leadership.leadAlone(); // The election is for production, see the SDK's setting.
        }
        Thread.ofVirtual().name("start").start(this::startController);
    }

    /**
     * The SDK's start gives up for good if the API server is away, so it is awaited; should the start fail all the same,
     * the process ends and is started anew.
     */
    private void startController() {
        try {
            while (!answers()) {
                Thread.sleep(API_RETRY);
            }
            operator.start();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The controllers could not be started", e);
            Quarkus.asyncExit(1);
        }
    }

    private boolean answers() {
        try {
            return client.getKubernetesVersion() != null;
        } catch (KubernetesClientException e) {
            LOG.warn("Waiting for the API server: {}", e.toString());
            return false;
        }
    }

    private int sum(ToIntFunction<Admission.Counts> part) {
        return book.namespaces().stream()
                .map(namespace -> book.admission(namespace).counts())
                .mapToInt(part)
                .sum();
    }

    void stopping(@Observes @Priority(FIRST) ShutdownEvent event) {
        leadership.stopping();
        engine.close();
        operator.stop();
    }

    void stopped(@Observes @Priority(LAST) ShutdownEvent event) {
        leadership.release(client);
        client.close();
    }
}
