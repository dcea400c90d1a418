package dev.wheelhouse.core.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.harness.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every {@link JournalStore} must do. Implement it in a test class per store; each test asks for one run.
 * Lines given to the store are real records, as a store may look at their epoch.
 */
public interface StoreContract {
    /** Two stores on the same storage, as in two processes. Asked anew, it may return the same storage. */
    List<JournalStore> twoProcesses() throws Exception;

    /** A run that exists and has no journal yet. */
    RunId newRun() throws Exception;

    @Test
    default void anEmptyJournalHasNoLines() throws Exception {
        RunId run = newRun();
        JournalStore store = twoProcesses().getFirst();
        assertEquals(List.of(), store.open(run, 1).lines());
        assertEquals(List.of(), store.read(run));
    }

    @Test
    default void whatWasAppendedIsThereInOrder() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        Lines lines = new Lines(1);
        var session = stores.get(0).open(run, 1);
        session.append(lines.next(3));
        session.append(lines.next(1));
        assertEquals(lines.all(), session.lines());
        assertEquals(lines.all(), stores.get(1).read(run));
        assertEquals(lines.all(), stores.get(1).open(run, 2).lines());
    }

    @Test
    default void linesKeepEveryCharacter() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        Lines lines = new Lines(1);
        List<String> written =
                lines.next("quotes \" \\ tab \t line \n nul \u0000 sep \u2028 emoji \uD83D\uDE80 ümlaut: # ---");
        stores.get(0).open(run, 1).append(written);
        assertEquals(written, stores.get(1).read(run));
    }

    @Test
    default void manyLargeAppendsKeepTheirOrder() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        Lines lines = new Lines(1);
        var session = stores.get(0).open(run, 1);
        for (int i = 0; i < 9; i++) {
            session.append(lines.next("x".repeat(21_000), "y".repeat(21_000)));
        }
        assertEquals(lines.all(), stores.get(1).read(run));
        var later = stores.get(1).open(run, 2);
        lines.epoch(2);
        later.append(lines.next("z".repeat(45_000)));
        assertEquals(lines.all(), stores.get(0).read(run));
    }

    @Test
    default void aHigherEpochThatWroteFencesTheLower() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        Lines lines = new Lines(1);
        var older = stores.get(0).open(run, 1);
        older.append(lines.next(1));
        var newer = stores.get(1).open(run, 2);
        List<String> zombie = new Lines(lines).next(1);
        lines.epoch(2);
        newer.append(lines.next(1));
        assertThrows(StoreException.Fenced.class, () -> older.append(zombie));
        assertThrows(StoreException.Fenced.class, () -> older.append(zombie), "fenced once is fenced for ever");
        assertEquals(lines.all(), stores.get(0).read(run));
        newer.append(lines.next(2));
        assertEquals(lines.all(), stores.get(0).read(run));
    }

    @Test
    default void aLowerEpochCannotOpenWhatAHigherWrote() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        stores.get(0).open(run, 3).append(new Lines(3).next(1));
        assertThrows(StoreException.Fenced.class, () -> stores.get(1).open(run, 2));
    }

    @Test
    default void ofTwoThatFoundItEmptyAtMostOneWins() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        var older = stores.get(0).open(run, 1);
        var newer = stores.get(1).open(run, 2);
        Lines lines = new Lines(2);
        newer.append(lines.next(1));
        assertThrows(StoreException.Fenced.class, () -> older.append(new Lines(1).next(1)));
        assertEquals(lines.all(), stores.get(0).read(run));
    }

    @Test
    default void aSessionNeverWritesPastWhatItHasNotSeen() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        Lines lines = new Lines(1);
        stores.get(0).open(run, 1).append(lines.next(1));
        var older = stores.get(0).open(run, 1);
        var newer = stores.get(1).open(run, 2);
        boolean zombieWrote;
        try {
            older.append(lines.next(1));
            zombieWrote = true;
        } catch (StoreException.Fenced e) {
            zombieWrote = false;
            lines.dropLast();
        }
        // Either the zombie was still in time and the newer one has to look again, or opening fenced it.
        lines.epoch(2);
        if (zombieWrote) {
            List<String> blind = new Lines(lines).next(1);
            assertThrows(StoreException.Fenced.class, () -> newer.append(blind));
            stores.get(1).open(run, 2).append(lines.next(1));
        } else {
            newer.append(lines.next(1));
        }
        assertEquals(lines.all(), stores.get(0).read(run));
    }

    @Test
    default void theSameEpochMayOpenAgain() throws Exception {
        RunId run = newRun();
        JournalStore store = twoProcesses().getFirst();
        Lines lines = new Lines(1);
        var first = store.open(run, 1);
        first.append(lines.next(2));
        var second = store.open(run, 1);
        assertEquals(lines.all(), second.lines());
        second.append(lines.next(1));
        assertThrows(StoreException.Fenced.class, () -> first.append(new Lines(lines).next(1)));
        assertEquals(lines.all(), store.read(run));
    }

    @Test
    default void blobsAreKeptByDigest() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        String large = "é\u0001\"".repeat(150_000);
        var session = stores.get(0).open(run, 1);
        session.putBlob(Canonical.digest(large), large);
        session.putBlob(Canonical.digest(large), large);
        session.putBlob(Canonical.digest("other"), "other");
        session.append(new Lines(1).next(1));
        assertEquals(Optional.of(large), stores.get(1).blob(run, Canonical.digest(large)));
        assertEquals(Optional.empty(), stores.get(1).blob(run, Canonical.digest("never stored")));
        var later = stores.get(1).open(run, 2);
        assertEquals(Optional.of(large), later.getBlob(Canonical.digest(large)));
        assertEquals(Optional.of("other"), later.getBlob(Canonical.digest("other")));
        assertEquals(Optional.empty(), later.getBlob(Canonical.digest("never stored")));
    }

    @Test
    default void runsDoNotMix() throws Exception {
        RunId one = newRun();
        RunId two = newRun();
        JournalStore store = twoProcesses().getFirst();
        Lines lines = new Lines(1);
        store.open(one, 1).append(lines.next(1));
        assertEquals(List.of(), store.read(two));
        assertEquals(lines.all(), store.read(one));
    }

    @Test
    default void racingWritersLeaveOneUnbrokenJournal() throws Exception {
        RunId run = newRun();
        List<JournalStore> stores = twoProcesses();
        AtomicInteger written = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            JournalStore store = stores.get(i % 2);
            long epoch = i + 1;
            writers.add(Thread.ofVirtual().start(() -> written.addAndGet(writeUntilFenced(store, run, epoch))));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        List<String> lines = stores.getFirst().read(run);
        assertTrue(written.get() > 0);
        assertTrue(written.get() <= lines.size(), "every append that returned is there");
        assertEquals(Optional.empty(), Chain.verify(lines, digest -> Optional.empty()));
    }

    private static int writeUntilFenced(JournalStore store, RunId run, long epoch) {
        int count = 0;
        for (int i = 0; i < 20; i++) {
            try {
                var session = store.open(run, epoch);
                session.append(Lines.after(session.lines(), epoch));
                count++;
            } catch (StoreException.Fenced e) {
                // somebody was faster: look again
            } catch (StoreException | DamagedJournalException e) {
                throw new AssertionError(e);
            }
        }
        return count;
    }
}
