package dev.wheelhouse.operator.domain.schedule;

/** A spec that cannot be scheduled. The reason is a condition's, the message names the field and the fix. */
public final class InvalidScheduleException extends RuntimeException {
    private final Reason reason;

    /** Why a spec cannot be scheduled. */
    public enum Reason {
        InvalidSchedule,
        UnknownTimeZone,
        NeverFires,
        InvalidTemplate
    }

    public InvalidScheduleException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Word for the condition. */
    public Reason reason() {
        return reason;
    }
}
