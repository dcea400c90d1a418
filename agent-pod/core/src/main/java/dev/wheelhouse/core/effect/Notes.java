package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.journal.Entry;

/**
 * The run's journal, open to one call while it is under way: what a call does on its way is recorded before it does it.
 * Thread-safe.
 */
public interface Notes {
    /** For a call that is not under way. */
    Notes CLOSED = new Notes() {
        @Override
        public void write(Entry.Note note, Receipt receipt) {
            receipt.refused();
        }

        @Override
        public int requests() {
            return 0;
        }
    };

    /**
     * Hands in a note and returns at once. The run's own thread writes it, together with others that wait.
     *
     * @param receipt told exactly once what became of the note
     */
    void write(Entry.Note note, Receipt receipt);

    /** Requests of this run that were in its journal when the call started. */
    int requests();

    /** Called from any thread; must be quick and must not throw. */
    interface Receipt {
        /** For who does not care. */
        Receipt NONE = new Receipt() {};

        /** The note is durable, and the process held the run a moment ago: what it announces may be done. */
        default void durable() {}

        /** The call is over, or the process does not hold the run any more: what it announces must not be done. */
        default void refused() {}
    }
}
