package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.journal.JournalRecord;
import java.util.List;

/**
 * Whether a journal can be believed.
 *
 * @param sound false if it was changed, cut or is incomplete
 * @param text one line that says why
 */
record Verdict(boolean sound, String text) {
    private static final int HASH_PART = 19;

    /** Compares what was read with the head that the Run's status anchors, if it does. */
    static Verdict of(StoredJournal.Reading reading, RunStatus status) {
        List<JournalRecord> records = reading.records();
        if (reading.damage() != null) {
            return new Verdict(
                    false,
                    "journal: DAMAGED after record " + records.size() + ": " + reading.damage()
                            + ". What follows it cannot be believed and is not shown.");
        }
        if (records.isEmpty()) {
            return new Verdict(true, "journal: empty, the run has not begun");
        }
        String sound = "journal: " + Amounts.count(records.size(), "record") + ", hash chain intact, head "
                + shown(records.getLast().hash());
        var anchor = status == null ? null : status.journal();
        if (anchor == null || anchor.head() == null || anchor.records() == null || anchor.records() < 1) {
            return new Verdict(true, sound + ", not yet anchored in the Run's status");
        }
        if (anchor.records() > records.size()) {
            return new Verdict(
                    false,
                    "journal: CUT: the Run's status knows of " + Amounts.count(anchor.records(), "record") + ", only "
                            + records.size() + " are there");
        }
        String there = records.get(Math.toIntExact(anchor.records() - 1)).hash();
        return there.equals(anchor.head())
                ? new Verdict(true, sound + (anchor.records() == records.size() ? " as in the Run's status" : ""))
                : new Verdict(
                        false,
                        "journal: REPLACED: record " + anchor.records() + " has hash " + shown(there)
                                + ", the Run's status says " + SafeText.line(shown(anchor.head())));
    }

    private static String shown(String hash) {
        return hash.length() <= HASH_PART ? hash : hash.substring(0, HASH_PART) + "...";
    }
}
