package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.Retention;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.kube.RunCommands;
import dev.wheelhouse.operator.kube.RunViews;
import dev.wheelhouse.operator.kube.Times;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes finished runs after {@code ttlSecondsAfterFinished}: a few at a time, so that work goes first. Those that
 * somebody wants kept stay, and those about which somebody is still asked.
 */
public final class Reaper {
    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final int AT_ONCE = 20;
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final Retention retention = new Retention();
    private final RunCommands commands;
    private final ApprovalBook approvals;
    private final Gate gate;
    private final Clockwork clock;

    public Reaper(RunCommands commands, ApprovalBook approvals, Gate gate, Clockwork clock) {
        this.commands = commands;
        this.approvals = approvals;
        this.gate = gate;
        this.clock = clock;
    }

    /** A watch shows a finished run. */
    public void seen(Run run) {
        Long ttl = run.getSpec() == null ? null : run.getSpec().ttlSecondsAfterFinished();
        Instant end =
                run.getStatus() == null ? null : Times.parse(run.getStatus().completionTime());
        if (ttl == null || end == null || run.isMarkedForDeletion() || RunViews.kept(run)) {
            retention.forget(run.getMetadata().getUid());
        } else {
            retention.keepUntil(RunViews.id(run), end.plusSeconds(ttl));
        }
    }

    /** A finished run is gone. */
    public void gone(Run run) {
        retention.forget(run.getMetadata().getUid());
    }

    /** Deletes what is due. Call it every second or so. */
    public void tick() {
        if (!gate.leading()) {
            return;
        }
        Instant now = clock.now().get();
        for (RunId run : retention.due(now, AT_ONCE)) {
            // First, so that what a watch says meanwhile is not forgotten.
            retention.forget(run.uid());
            try {
                RunCommands.Deletion deletion =
                        approvals.asks(run.uid()) ? RunCommands.Deletion.CHANGED : commands.delete(run);
                switch (deletion) {
                    // A watch tells once it need not be kept.
                    case GONE, KEPT -> {}
                    case CHANGED -> retention.keepUntil(run, now.plus(RETRY));
                }
            } catch (KubernetesClientException e) {
                LOG.warn(
                        "Run {}/{} could not be deleted after its time: {}", run.namespace(), run.name(), e.toString());
                retention.keepUntil(run, now.plus(RETRY));
            }
        }
    }
}
