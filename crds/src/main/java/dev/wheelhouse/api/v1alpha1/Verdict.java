package dev.wheelhouse.api.v1alpha1;

/** What a person can say to an {@link Approval}. */
public enum Verdict {
    /** Do it, exactly as shown. */
    Approve,
    /** Do not do it; the model is told the reason. */
    Reject,
    /** Do it with other arguments. */
    Edit,
    /** Do not call the tool; the answer is its result. */
    Respond,
    /** For an effect of unknown outcome: it did happen; the reason is its result. */
    Happened,
    /** For an effect of unknown outcome: it did not happen; it is done now. */
    DidNotHappen,
    /** For an effect of unknown outcome: end the run. */
    Abort
}
