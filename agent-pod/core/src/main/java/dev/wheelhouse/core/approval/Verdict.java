package dev.wheelhouse.core.approval;

/** What a person can say; spelled as in the API. */
public enum Verdict {
    Approve,
    Reject,
    Edit,
    Respond,
    Happened,
    DidNotHappen,
    Abort
}
