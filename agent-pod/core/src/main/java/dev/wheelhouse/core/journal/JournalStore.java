package dev.wheelhouse.core.journal;

import dev.wheelhouse.core.harness.RunId;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the journal lines of runs, durably and in order. It knows nothing of their meaning but the epoch.
 *
 * <p>Contract, the same for every adapter and checked by one contract test: an append is atomic (all lines or none);
 * after it returned, the lines are durable and every later {@link #open} sees them; once a session of a higher epoch
 * has appended, no session of a lower epoch can append (the journal appends a record right after opening when there are
 * lines of lower epochs, so that opening fences); a run may be opened again with the same epoch, which continues its
 * lines and makes the earlier session unusable.
 */
public interface JournalStore {
    /**
     * Opens a run's journal for writing.
     *
     * @throws StoreException.Fenced if lines of a higher epoch exist
     * @throws StoreException.Unavailable if the store does not answer
     */
    Session open(RunId run, long epoch) throws StoreException;

    /** Reads a run's lines without the right to write; empty if there are none. */
    List<String> read(RunId run) throws StoreException;

    /** A payload of a run's journal, read without the right to write; empty if there is none of that digest. */
    Optional<String> blob(RunId run, String digest) throws StoreException;

    /** One writer's view of one journal. Not thread-safe. */
    interface Session {
        /** The lines as of the opening plus what this session appended. */
        List<String> lines();

        /**
         * Appends lines in one write.
         *
         * @param lines at most {@link Journal#MAX_BATCH_BYTES} bytes of UTF-8 altogether, none with a line break
         * @throws StoreException.Fenced if another session wrote since; ours were not written, or that session has
         *     seen them
         * @throws StoreException.Gone if the run was deleted
         * @throws StoreException.Unavailable if it is not known whether the lines were written: open again and look
         */
        void append(List<String> lines) throws StoreException;

        /**
         * Stores a payload under its digest. Storing the same one twice is harmless.
         *
         * @param digest {@code sha256:hex} of the content
         * @param content at most {@link RecordCodec#BLOB_BYTES} bytes of UTF-8
         */
        void putBlob(String digest, String content) throws StoreException;

        /** A payload stored before, or empty if there is none of that digest. */
        Optional<String> getBlob(String digest) throws StoreException;
    }
}
