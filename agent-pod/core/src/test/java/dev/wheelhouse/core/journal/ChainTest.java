package dev.wheelhouse.core.journal;

import static dev.wheelhouse.core.sim.Specs.RUN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.wheelhouse.core.harness.Fold;
import dev.wheelhouse.core.harness.History;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Specs;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Single records, believed because of a hash that a status names; and what earlier runs said, in the journal. */
class ChainTest {
    private final MemoryStore store = new MemoryStore();

    private Journal open(long epoch) throws Exception {
        return Journal.open(store, RUN, epoch, InstantSource.fixed(Specs.START));
    }

    private List<JournalRecord> written(Entry... entries) throws Exception {
        Journal journal = open(1);
        for (Entry entry : entries) {
            journal.stage(entry);
        }
        journal.flush();
        return journal.records();
    }

    @Test
    void aSingleRecordIsFoundByItsHash() throws Exception {
        var records = written(new Entry.Input("a"), new Entry.Input("b".repeat(40_000)), new Entry.Input("c"));
        List<String> lines = store.read(RUN);
        for (JournalRecord record : records) {
            assertEquals(Optional.of(record), Chain.find(lines, record.hash(), digest -> store.blob(RUN, digest)));
        }
        assertEquals(Optional.empty(), Chain.find(lines, RecordCodec.ROOT, digest -> Optional.empty()));
        String hash = records.getLast().hash();
        List<String> forged = List.of(lines.get(2).replace("\"c\"", "\"d\""));
        assertThrows(DamagedJournalException.class, () -> Chain.find(forged, hash, digest -> Optional.empty()));
        assertThrows(
                DamagedJournalException.class,
                () -> Chain.find(lines, records.get(1).hash(), digest -> Optional.empty()),
                "its payload is missing");
    }

    @Test
    void theAnswerIsWhatTheHeadAnchors() throws Exception {
        var answered = written(new Entry.Input("a"), new Entry.Completed("yes"));
        List<String> lines = store.read(RUN);
        assertEquals(Optional.of("yes"), answer(lines, answered.getLast()));
        assertEquals(Optional.empty(), answer(lines, answered.getFirst()));
        Journal later = open(2);
        later.flush();
        var mark = later.records().getLast();
        assertInstanceOf(Entry.Epoch.class, mark.entry());
        assertEquals(Optional.of("yes"), answer(store.read(RUN), mark), "a process took over after the end");
        assertEquals(Optional.empty(), answer(store.read(RUN).subList(2, 3), mark), "the answer itself is gone");
    }

    private static Optional<String> answer(List<String> lines, JournalRecord head) throws Exception {
        return Chain.answer(lines, head.hash(), digest -> Optional.empty());
    }

    @Test
    void whatEarlierRunsSaidIsPartOfWhatARunIsHeldTo() throws Exception {
        List<PastTurn> turns = History.after(
                List.of(new PastTurn("a", "x", "y")), new PastTurn("b", "\u0001".repeat(30_000), "⚓".repeat(10_000)));
        var talking = new Entry.RunStarted(Specs.after(Specs.run(), turns));
        var records = written(talking);
        assertEquals(talking, records.getFirst().entry());
        var other = RecordCodec.encode(
                1,
                1,
                Specs.START,
                RecordCodec.ROOT,
                new Entry.RunStarted(Specs.after(Specs.run(), List.of())),
                1 << 20);
        assertNotEquals(records.getFirst().hash(), other.record().hash());
    }

    @Test
    void aJournalOfBeforeThereWereThreadsIsRead() throws Exception {
        String payload = Json.write(new Entry.RunStarted(Specs.run()));
        assertFalse(payload.contains("history") || payload.contains("thread"), payload);
        written(new Entry.RunStarted(Specs.run()));
        State state = Fold.all(Chain.read(store.read(RUN), digest -> Optional.empty()));
        assertNull(state.problem());
        assertEquals(Specs.run(), state.run());
        assertEquals(List.of(), state.run().history());
    }
}
