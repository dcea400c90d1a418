package dev.wheelhouse.core.journal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Makes chained journal lines for tests. */
final class Lines {
    private final List<String> all = new ArrayList<>();
    private long epoch;
    private String head = RecordCodec.ROOT;
    private String before = RecordCodec.ROOT;

    Lines(long epoch) {
        this.epoch = epoch;
    }

    /** Goes on from where another one is now. */
    Lines(Lines other) {
        all.addAll(other.all);
        epoch = other.epoch;
        head = other.head;
    }

    static List<String> after(List<String> lines, long epoch) throws DamagedJournalException, StoreException {
        Lines next = new Lines(epoch);
        next.all.addAll(lines);
        var records = Chain.read(lines, digest -> Optional.empty());
        next.head = records.isEmpty() ? RecordCodec.ROOT : records.getLast().hash();
        return next.next(1);
    }

    void epoch(long next) {
        epoch = next;
    }

    List<String> next(int count) {
        return next(IntStream.range(0, count).mapToObj(i -> "line " + i).toArray(String[]::new));
    }

    List<String> next(String... texts) {
        List<String> lines = new ArrayList<>();
        for (String text : texts) {
            var encoded = RecordCodec.encode(
                    all.size() + 1L, epoch, Instant.EPOCH, head, new Entry.Input(text), Integer.MAX_VALUE);
            before = head;
            head = encoded.record().hash();
            all.add(encoded.line());
            lines.add(encoded.line());
        }
        return lines;
    }

    void dropLast() {
        all.removeLast();
        head = before;
    }

    List<String> all() {
        return List.copyOf(all);
    }
}
