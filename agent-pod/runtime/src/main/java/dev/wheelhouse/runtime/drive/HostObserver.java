package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.core.drive.Observer;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Spend;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** Passes on what core sees of runs: to their progress, to the meters and to the log. */
final class HostObserver implements Observer {
    private static final Logger LOG = Logger.getLogger(HostObserver.class);

    private final RunDriver driver;
    private final RunMeters meters;
    private final RunEvents events;

    HostObserver(RunDriver driver, RunMeters meters, RunEvents events) {
        this.events = events;
        this.driver = driver;
        this.meters = meters;
    }

    @Override
    public void recorded(RunId run, List<JournalRecord> records, Summary summary) {
        HeldRun held = driver.held(run.uid());
        if (held != null && held.recorded(summary) && held.baton().epoch() > 1) {
            meters.recovered(Duration.ofNanos(System.nanoTime() - held.since()));
        }
        for (JournalRecord record : records) {
            if (record.entry() instanceof Entry.ApprovalConsumed used) {
                used(run, held, record, used);
            }
        }
    }

    /** From the moment the decision was seen to the moment its use was durable; the effect follows at once. */
    private void used(RunId run, HeldRun held, JournalRecord record, Entry.ApprovalConsumed used) {
        Duration latency = used.decidedAt() == null ? null : Duration.between(used.decidedAt(), record.at());
        if (latency != null && !latency.isNegative()) {
            meters.decisionUsed(used.verdict(), latency);
        }
        String note = used.decidedBy() + " said " + used.verdict() + " at " + used.decidedAt() + " (Approval "
                + used.name() + "); used at " + record.at()
                + (latency == null ? "" : ", " + latency.toMillis() + " ms later");
        LOG.infof("%s: %s", run, note);
        if (held != null) {
            // The effect does not wait for an Event.
            Thread.ofVirtual()
                    .start(() -> events.normal(held.seen(), held.baton().epoch(), "DecisionUsed", used.name(), note));
        }
    }

    @Override
    public void modelCalled(RunId run, PinnedModel model, Duration took, Spend spent, ModelException failure) {
        meters.modelCalled(model, took, spent, failure);
    }

    @Override
    public void toolCalled(RunId run, PinnedTool tool, Duration took, ToolResult result) {
        meters.toolCalled(tool, took, result);
    }

    @Override
    public void storeUnavailable(RunId run, String message) {
        meters.journalUnavailable();
        LOG.warnf("%s: journal not available, the run waits: %s", run, message);
    }
}
