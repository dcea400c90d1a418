package dev.wheelhouse.core.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and checks whole journals. */
public final class Chain {
    private Chain() {}

    /**
     * All records, payloads put back in.
     *
     * @throws DamagedJournalException names the first record that is not what was written or not in its place
     */
    public static List<JournalRecord> read(List<String> lines, RecordCodec.BlobSource blobs)
            throws DamagedJournalException, StoreException {
        List<JournalRecord> records = new ArrayList<>(lines.size());
        String prev = RecordCodec.ROOT;
        long epoch = 0;
        for (String line : lines) {
            long seq = records.size() + 1;
            JournalRecord record = RecordCodec.decode(seq, line, blobs);
            if (record.seq() != seq) {
                throw new DamagedJournalException(seq, "says it is record " + record.seq());
            }
            if (!record.prev().equals(prev)) {
                throw new DamagedJournalException(seq, "does not follow the record before it");
            }
            if (record.epoch() < epoch) {
                throw new DamagedJournalException(seq, "epoch " + record.epoch() + " after epoch " + epoch);
            }
            prev = record.hash();
            epoch = record.epoch();
            records.add(record);
        }
        return List.copyOf(records);
    }

    /**
     * One record of a journal, believed because its hash is known from elsewhere, such as the run's status; the others
     * are not looked at, nor are their payloads read.
     *
     * @return empty if there is none of that hash
     * @throws DamagedJournalException if it is there and not what was written
     */
    public static Optional<JournalRecord> find(List<String> lines, String hash, RecordCodec.BlobSource blobs)
            throws DamagedJournalException, StoreException {
        String mark = "\"" + hash + "\"";
        for (int i = lines.size() - 1; i >= 0; i--) {
            // The record after it has the hash as well.
            if (lines.get(i).contains(mark) && RecordCodec.isOf(hash, lines.get(i))) {
                return Optional.of(RecordCodec.decode(i + 1L, lines.get(i), blobs));
            }
        }
        return Optional.empty();
    }

    /**
     * The answer of a run that ended with one, from its journal's head as the status anchors it. A process that took
     * over after the end left its mark behind the answer.
     *
     * @throws DamagedJournalException if the records that lead to it are not what was written
     */
    public static Optional<String> answer(List<String> lines, String head, RecordCodec.BlobSource blobs)
            throws DamagedJournalException, StoreException {
        Optional<JournalRecord> record = find(lines, head, blobs);
        while (record.isPresent() && record.get().entry() instanceof Entry.Epoch) {
            record = find(lines, record.get().prev(), blobs);
        }
        return record.map(JournalRecord::entry)
                .filter(Entry.Completed.class::isInstance)
                .map(entry -> ((Entry.Completed) entry).result());
    }

    /** The first thing wrong with a journal, or empty if it is as it was written. */
    public static Optional<DamagedJournalException> verify(List<String> lines, RecordCodec.BlobSource blobs)
            throws StoreException {
        try {
            read(lines, blobs);
            return Optional.empty();
        } catch (DamagedJournalException e) {
            return Optional.of(e);
        }
    }
}
