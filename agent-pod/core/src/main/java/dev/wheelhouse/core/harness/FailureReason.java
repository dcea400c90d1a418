package dev.wheelhouse.core.harness;

/** Why a run failed. */
public enum FailureReason {
    FAILED("Failed"),
    LIMIT_REACHED("LimitReached"),
    OUTPUT_SCHEMA_MISMATCH("OutputSchemaMismatch"),
    MODEL_FAILED("ModelFailed"),
    LOOP_DETECTED("LoopDetected"),
    INVALID("Invalid"),
    APPROVAL_EXPIRED("ApprovalExpired"),
    ABORTED("Aborted");

    private final String condition;

    FailureReason(String condition) {
        this.condition = condition;
    }

    /** Reason of the condition {@code Succeeded=False}. */
    public String condition() {
        return condition;
    }
}
