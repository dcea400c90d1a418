package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Journal;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.journal.StoreException;
import java.util.List;
import java.util.Optional;

/**
 * Answers of child runs. A status holds the beginning of a long one; the whole is the last record of the child's
 * journal, unless it is so long (more than {@link Journal#INLINE_BYTES}) that it is kept beside it.
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
        return last(child)
                .flatMap(line -> completed(line, status.journal().head()))
                .orElse(shown);
    }

    private Optional<String> last(Run child) {
        RunId id = new RunId(
                child.getMetadata().getNamespace(),
                child.getMetadata().getName(),
                child.getMetadata().getUid());
        try {
            List<String> lines = journals.read(id);
            return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast());
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    /** Only the record that the status anchors is believed. */
    private static Optional<String> completed(String line, String head) {
        try {
            if (!(Json.parse(line) instanceof ObjectNode record)
                    || !record.path("type").asText().equals(Entry.Completed.class.getSimpleName())
                    || !record.path("hash").asText().equals(head)
                    || !Canonical.digest(record.deepCopy().without("hash")).equals(head)) {
                return Optional.empty();
            }
            JsonNode result = record.path("payload").path("result");
            return result.isTextual() ? Optional.of(result.textValue()) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
