package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.Backoff;
import dev.wheelhouse.core.harness.Fold;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Journal;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.journal.StoreException;
import java.time.Instant;
import java.util.List;

/** The journal and the state that follows from it, in step. Waits as long as the store does not answer. */
final class Recorder {
    private final Ports ports;
    private final RunId run;
    private final Signals signals;
    private final Pause pause;
    private Journal journal;
    private State state = State.EMPTY;
    private boolean wrote;

    Recorder(Ports ports, RunId run, Signals signals, Pause pause) {
        this.ports = ports;
        this.run = run;
        this.signals = signals;
        this.pause = pause;
    }

    /** Opens the journal; if a lower epoch wrote it, fences that one before anything is decided. */
    void open(long epoch) throws LetGo, InterruptedException {
        journal = answered(() -> Journal.open(ports.store(), run, epoch, ports.clock()));
        state = Fold.all(journal.records());
        flush();
    }

    State state() {
        return state;
    }

    Instant now() {
        return ports.clock().instant();
    }

    Summary summary() {
        return new Summary(
                state.turns().size(),
                state.modelCalls(),
                state.toolCalls(),
                state.openConsents().size(),
                state.committed(),
                state.records(),
                state.head(),
                state.pinnedDigest());
    }

    /** Adds an entry to the state; it is durable only after the next {@link #flush}. */
    void stage(Entry entry) {
        state = Fold.next(state, journal.stage(entry));
    }

    /** Makes everything staged durable. When it returns, this process held the run a moment ago. */
    void flush() throws LetGo, InterruptedException {
        List<JournalRecord> written = answered(journal::flush);
        if (!written.isEmpty()) {
            wrote = true;
            ports.observer().recorded(run, written, summary());
        }
    }

    private <T> T answered(Attempt<T> attempt) throws LetGo, InterruptedException {
        for (int failures = 1; ; failures++) {
            if (signals.fenced()) {
                throw new LetGo(new RunEnd.Fenced());
            }
            try {
                return attempt.call();
            } catch (StoreException e) {
                switch (e) {
                    case StoreException.Unavailable unavailable -> {
                        if (journal == null && signals.draining()) {
                            throw new LetGo(new RunEnd.Drained(Summary.EMPTY));
                        }
                        ports.observer().storeUnavailable(run, unavailable.getMessage());
                        pause.sleep(Backoff.STORE.delay(run.uid(), failures, null));
                    }
                    case StoreException.Fenced _ -> throw new LetGo(new RunEnd.Fenced(), journal != null && !wrote);
                    case StoreException.Gone _ -> throw new LetGo(new RunEnd.Gone());
                }
            } catch (DamagedJournalException e) {
                throw new LetGo(new RunEnd.Paused(e.getMessage(), Summary.EMPTY));
            }
        }
    }

    private interface Attempt<T> {
        T call() throws StoreException, DamagedJournalException;
    }
}
