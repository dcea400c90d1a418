package dev.wheelhouse.runtime.egress;

/** Something does not go out. The text is for who wrote the command: what is wrong, and what would allow it. */
final class Refused extends Exception {
    private final int status;
    private final boolean recorded;

    Refused(int status, String reason) {
        this(status, reason, true);
    }

    /** @param recorded whether it is worth a record in the journal: not if there are too many */
    Refused(int status, String reason, boolean recorded) {
        super(reason, null, false, false);
        this.status = status;
        this.recorded = recorded;
    }

    int status() {
        return status;
    }

    boolean recorded() {
        return recorded;
    }
}
