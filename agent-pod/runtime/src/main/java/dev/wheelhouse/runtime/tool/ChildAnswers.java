package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Chain;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import java.util.Optional;

/**
 * Answers of child runs. A status holds the beginning of a long one; the whole is in the child's journal.
 */
record ChildAnswers(JournalStore journals) {
    /** A status cuts at 4096 characters, its marker included. */
    private static final int MAYBE_CUT = 3_900;

    /** The whole answer if it can be had, else what the status holds, which says that it is cut. */
    String of(Run child) {
        RunStatus status = child.getStatus();
        String shown = status == null || status.result() == null ? "" : status.result();
        if (shown.length() < MAYBE_CUT || status.journal() == null) {
            return shown;
        }
        return whole(child, status.journal().head()).orElse(shown);
    }

    /** Only the record that the status anchors is believed. */
    private Optional<String> whole(Run child, String head) {
        RunId id = new RunId(
                child.getMetadata().getNamespace(),
                child.getMetadata().getName(),
                child.getMetadata().getUid());
        try {
            return head == null
                    ? Optional.empty()
                    : Chain.answer(journals.read(id), head, digest -> journals.blob(id, digest));
        } catch (StoreException | DamagedJournalException e) {
            return Optional.empty();
        }
    }
}
