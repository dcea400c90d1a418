package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.core.drive.Observer;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
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

    HostObserver(RunDriver driver, RunMeters meters) {
        this.driver = driver;
        this.meters = meters;
    }

    @Override
    public void recorded(RunId run, List<JournalRecord> records, Summary summary) {
        HeldRun held = driver.held(run.uid());
        if (held != null && held.recorded(summary) && held.baton().epoch() > 1) {
            meters.recovered(Duration.ofNanos(System.nanoTime() - held.since()));
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
