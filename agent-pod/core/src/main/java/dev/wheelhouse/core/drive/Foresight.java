package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.State;

/** Has a place made ready for a run's first call that needs one, while the model is about to ask for it. */
final class Foresight {
    private final Ports ports;
    private final Habits habits;
    private final Recorder recorder;
    /** What has been answered, and has called nothing with a place yet; or null. */
    private Habits.Moment pending;

    Foresight(Ports ports, Habits habits, Recorder recorder) {
        this.ports = ports;
        this.habits = habits;
        this.recorder = recorder;
    }

    /** The model is asked, and works on its answer. The run looks at it when the port is done. */
    void asked(int step) {
        settle();
        State state = recorder.state();
        if (state.place() != null) {
            return;
        }
        String tool = habits.expected(moment(step)).orElse(null);
        for (PinnedTool pinned : state.run().tools()) {
            if (pinned.name().equals(tool)) {
                try {
                    ports.tools().prepare(state.run().id(), pinned);
                } catch (RuntimeException e) {
                    // Nothing is lost: there will be another try when it is called.
                }
            }
        }
    }

    /** The model has answered. */
    void answered(int step) {
        if (recorder.state().place() == null) {
            pending = moment(step);
        }
    }

    /** A call of this tool has a place. */
    void placed(String tool) {
        if (pending != null) {
            habits.called(pending, tool);
            pending = null;
        }
    }

    /** What comes is not about the last answer any more. */
    void settle() {
        if (pending != null) {
            habits.calledNone(pending);
            pending = null;
        }
    }

    private Habits.Moment moment(int step) {
        PinnedRun run = recorder.state().run();
        return new Habits.Moment(run.id().namespace(), run.agent(), step);
    }
}
