package dev.wheelhouse.core.journal;

import dev.wheelhouse.core.harness.RunId;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One process's hold on one run's journal. Entries are staged (they get their place in the chain) and flushed (they
 * become durable, as many as fit in one write). Not thread-safe.
 */
public final class Journal {
    /** Most bytes of one append. */
    public static final int MAX_BATCH_BYTES = 48 * 1024;

    /** Payloads above this are kept beside the journal. */
    public static final int INLINE_BYTES = 32 * 1024;

    /** In a batch that is already large, payloads above this are kept beside the journal too. */
    private static final int SMALL_BYTES = 2 * 1024;

    private final JournalStore store;
    private final RunId run;
    private final long epoch;
    private final InstantSource clock;
    private final List<JournalRecord> records = new ArrayList<>();
    private final Deque<RecordCodec.Encoded> staged = new ArrayDeque<>();
    private final List<JournalRecord> unreported = new ArrayList<>();
    private JournalStore.Session session;
    private List<RecordCodec.Encoded> unanswered = List.of();
    private String head = RecordCodec.ROOT;
    private long written;

    private Journal(JournalStore store, RunId run, long epoch, InstantSource clock) {
        this.store = store;
        this.run = run;
        this.epoch = epoch;
        this.clock = clock;
    }

    /**
     * Opens a run's journal and checks the whole chain. If a lower epoch wrote it, an {@link Entry.Epoch} is staged:
     * flush it before anything else, it fences the earlier process.
     *
     * @throws StoreException.Fenced if a higher epoch wrote
     * @throws DamagedJournalException if the journal is not what was written
     */
    public static Journal open(JournalStore store, RunId run, long epoch, InstantSource clock)
            throws StoreException, DamagedJournalException {
        Journal journal = new Journal(store, run, epoch, clock);
        journal.session = store.open(run, epoch);
        journal.records.addAll(Chain.read(journal.session.lines(), journal.session::getBlob));
        journal.written = journal.records.size();
        if (!journal.records.isEmpty()) {
            JournalRecord last = journal.records.getLast();
            journal.head = last.hash();
            if (last.epoch() > epoch) {
                throw new StoreException.Fenced("epoch " + last.epoch() + " writes this journal");
            }
            if (last.epoch() < epoch) {
                journal.stage(new Entry.Epoch(last.epoch()));
            }
        }
        return journal;
    }

    /** All records, those that are only staged included. */
    public List<JournalRecord> records() {
        return List.copyOf(records);
    }

    /** Number of records that are durable. */
    public long written() {
        return written;
    }

    /** Gives an entry its place. It is not durable yet. */
    public JournalRecord stage(Entry entry) {
        var at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        int inline = stagedBytes() > MAX_BATCH_BYTES / 2 ? SMALL_BYTES : INLINE_BYTES;
        var encoded = RecordCodec.encode(records.size() + 1L, epoch, at, head, entry, inline);
        if (stagedBytes() + encoded.bytes() > MAX_BATCH_BYTES) {
            encoded = RecordCodec.encode(records.size() + 1L, epoch, at, head, entry, SMALL_BYTES);
        }
        staged.add(encoded);
        records.add(encoded.record());
        head = encoded.record().hash();
        return encoded.record();
    }

    private int stagedBytes() {
        return staged.stream().mapToInt(RecordCodec.Encoded::bytes).sum();
    }

    /**
     * Makes everything staged durable. After {@link StoreException.Unavailable} it may be called again, any number of
     * times: it first finds out whether the earlier write happened.
     *
     * @return the records that became durable since it last returned
     * @throws StoreException.Fenced if somebody else wrote; nothing more may be done for the run with this journal
     */
    public List<JournalRecord> flush() throws StoreException {
        while (!staged.isEmpty()) {
            if (unanswered.isEmpty() || !landed()) {
                write();
            }
            for (int i = unanswered.size(); i > 0; i--) {
                unreported.add(staged.remove().record());
            }
            written += unanswered.size();
            unanswered = List.of();
        }
        List<JournalRecord> done = List.copyOf(unreported);
        unreported.clear();
        return done;
    }

    private void write() throws StoreException {
        if (unanswered.isEmpty()) {
            unanswered = firstBatch();
        }
        for (var record : unanswered) {
            for (var blob : record.blobs().entrySet()) {
                session.putBlob(blob.getKey(), blob.getValue());
            }
        }
        try {
            session.append(unanswered.stream().map(RecordCodec.Encoded::line).toList());
        } catch (StoreException.Fenced e) {
            // It may be our own request that was faster: an earlier one, or this one sent twice on the way.
            if (!landed()) {
                throw e;
            }
        }
    }

    private List<RecordCodec.Encoded> firstBatch() {
        List<RecordCodec.Encoded> batch = new ArrayList<>();
        int bytes = 0;
        for (var encoded : staged) {
            bytes += encoded.bytes();
            if (!batch.isEmpty() && bytes > MAX_BATCH_BYTES) {
                break;
            }
            batch.add(encoded);
        }
        return batch;
    }

    /** Opens again and looks whether the write without an answer is there. */
    private boolean landed() throws StoreException {
        session = store.open(run, epoch);
        List<String> lines = session.lines();
        List<String> ours = unanswered.stream().map(RecordCodec.Encoded::line).toList();
        int before = Math.toIntExact(written);
        if (lines.size() == before) {
            return false;
        }
        if (lines.size() == before + ours.size()
                && lines.subList(before, lines.size()).equals(ours)) {
            return true;
        }
        throw new StoreException.Fenced("somebody else wrote " + (lines.size() - before) + " records");
    }
}
