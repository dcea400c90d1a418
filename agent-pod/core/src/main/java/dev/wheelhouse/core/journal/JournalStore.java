package dev.wheelhouse.core.journal;

import dev.wheelhouse.core.harness.RunId;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the journal lines of runs, durably and in order. It knows nothing of their meaning but the epoch.
 *
 * <p>Contract, the same for every adapter and checked by one contract test: an append is atomic (all lines or none);
 * after it returned, the lines are durable and every later {@link #open} sees them; once a session of a higher epoch
 * has appended or been opened with lines of lower epochs present, no session of a lower epoch can append.
 */
public interface JournalStore {
    /**
     * Opens a run's journal for writing.
     *
     * @throws StoreException.Fenced if lines of a higher epoch exist
     * @throws StoreException.Unavailable if the store does not answer
     */
    Session open(RunId run, long epoch) throws StoreException;

    /** Reads a run's lines without the right to write. */
    List<String> read(RunId run) throws StoreException;

    /** One writer's view of one journal. Not thread-safe. */
    interface Session {
        /** The lines as of the opening plus what this session appended. */
        List<String> lines();

        /**
         * Appends lines in one write.
         *
         * @throws StoreException.Fenced if another session wrote since; nothing of ours was written
         * @throws StoreException.Unavailable if it is not known whether the lines were written: open again and look
         */
        void append(List<String> lines) throws StoreException;

        /**
         * Stores a payload under its digest. Storing the same one twice is harmless.
         *
         * @param digest {@code sha256:hex} of the content
         */
        void putBlob(String digest, String content) throws StoreException;

        Optional<String> getBlob(String digest) throws StoreException;
    }
}
