package dev.wheelhouse.core.journal;

/** A journal write or read that did not succeed. */
public abstract sealed class StoreException extends Exception {
    private StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Somebody else writes this journal now: drop the run, write and call nothing more. */
    public static final class Fenced extends StoreException {
        public Fenced(String message) {
            super(message, null);
        }
    }

    /** The store did not answer; whether a write happened is not known. */
    public static final class Unavailable extends StoreException {
        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The run, and with it its journal, was deleted: drop the run. */
    public static final class Gone extends StoreException {
        public Gone(String message) {
            super(message, null);
        }
    }
}
