package dev.wheelhouse.core.journal;

/** A journal that is not what was written. Nothing may be decided from it. */
public final class DamagedJournalException extends Exception {
    private final long seq;

    /** @param seq place of the first bad record, from 1 */
    public DamagedJournalException(long seq, String message) {
        super("journal record " + seq + ": " + message);
        this.seq = seq;
    }

    /** Place of the first bad record, from 1. */
    public long seq() {
        return seq;
    }
}
