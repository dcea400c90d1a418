package dev.wheelhouse.core.approval;

import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.journal.Entry;

/** What a question's standing means for the call it is about. */
public sealed interface Ruling {
    /** Nobody has decided. */
    record Open() implements Ruling {}

    /**
     * It may be used, once.
     *
     * @param consumed whether an earlier process of this run used it up and was lost before it wrote so
     */
    record Granted(boolean consumed) implements Ruling {}

    /** It can never be used; the entry says why. */
    record Closed(Entry.ApprovalResolved entry) implements Ruling {}

    /** It must not be used: it is taken back, then asked anew. */
    record Unusable(String why) implements Ruling {}

    /**
     * Rules on an open question.
     *
     * @param seen null if nothing of its name is there
     */
    static Ruling of(State.Consent consent, Standing seen, String runUid, long epoch) {
        if (seen == null || !seen.uid().equals(consent.uid())) {
            return new Closed(Entry.ApprovalResolved.deleted(consent));
        }
        return switch (seen.phase()) {
            case Pending -> new Open();
            case Rejected -> closed(consent, seen, Entry.ApprovalResolved.How.REJECTED);
            case Expired -> closed(consent, seen, Entry.ApprovalResolved.How.EXPIRED);
            case Withdrawn ->
                seen.verdict() == Verdict.Edit && seen.text() != null && mayEdit(consent)
                        ? closed(consent, seen, Entry.ApprovalResolved.How.EDITED)
                        : closed(consent, seen, Entry.ApprovalResolved.How.ASK_ANEW);
            case Approved, Consumed -> decided(consent, seen, runUid, epoch);
        };
    }

    private static Ruling decided(State.Consent consent, Standing seen, String runUid, long epoch) {
        boolean consumed = seen.phase() == Standing.Phase.Consumed;
        if (!seen.runUid().equals(runUid)
                || !seen.requestHash().equals(consent.request().payloadHash())) {
            return new Unusable("it does not say what was asked");
        }
        if (!seen.identityVerified()) {
            return new Unusable("who decided is not verified");
        }
        if (seen.verdict() == null || !consent.request().verdicts().contains(seen.verdict())) {
            return new Unusable("its verdict is none of those asked for");
        }
        if (seen.verdict() == Verdict.Respond && seen.text() == null) {
            return new Unusable("it has no answer");
        }
        if (consumed && (seen.consumedEpoch() == null || seen.consumedEpoch() > epoch)) {
            return new Unusable("it was used by somebody else");
        }
        return new Granted(consumed);
    }

    private static boolean mayEdit(State.Consent consent) {
        return consent.request().verdicts().contains(Verdict.Edit);
    }

    private static Ruling closed(State.Consent consent, Standing seen, Entry.ApprovalResolved.How how) {
        return new Closed(new Entry.ApprovalResolved(
                consent.request().callId(),
                consent.name(),
                how,
                seen.decidedBy(),
                seen.decidedAt(),
                seen.reason(),
                how == Entry.ApprovalResolved.How.EDITED ? seen.text() : null,
                null));
    }
}
