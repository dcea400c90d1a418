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
