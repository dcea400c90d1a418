package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.journal.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Notes of calls under way on their way to the run's own thread, and the receipts that are still owed. */
final class NoteBox {
    /** More than that cannot wait if every adapter bounds what happens at the same time. */
    private static final int MOST = 1024;

    private final Runnable wake;
    private final Set<Integer> open = new HashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Notes.Receipt> owed = new ArrayList<>();

    private record Waiting(int flight, Entry.Note note, Notes.Receipt receipt) {}

    /** @param wake lets the run's own thread look here */
    NoteBox(Runnable wake) {
        this.wake = wake;
    }

    /** A way in for one call, until {@link #close(int)}. */
    synchronized Notes open(int flight, int requests) {
        open.add(flight);
        return new Notes() {
            @Override
            public void write(Entry.Note note, Receipt receipt) {
                if (add(new Waiting(flight, note, receipt))) {
                    wake.run();
                } else {
                    receipt.refused();
                }
            }

            @Override
            public int requests() {
                return requests;
            }
        };
    }

    private synchronized boolean add(Waiting one) {
        return open.contains(one.flight()) && waiting.size() < MOST && waiting.add(one);
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The notes that wait, to be staged; their receipts are owed from now on. */
    synchronized List<Entry.Note> take() {
        List<Entry.Note> notes = waiting.stream().map(Waiting::note).toList();
        waiting.forEach(one -> owed.add(one.receipt()));
        waiting.clear();
        return notes;
    }

    /** What was taken is durable. */
    void durable() {
        settled().forEach(Notes.Receipt::durable);
    }

    private synchronized List<Notes.Receipt> settled() {
        List<Notes.Receipt> receipts = List.copyOf(owed);
        owed.clear();
        return receipts;
    }

    /** The call is over: what it still announces does not happen; what it reports did. */
    void close(int flight) {
        announcedBy(flight).forEach(Notes.Receipt::refused);
    }

    private synchronized List<Notes.Receipt> announcedBy(int flight) {
        open.remove(flight);
        List<Notes.Receipt> refused = new ArrayList<>();
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            if (one.flight() == flight && announces(one.note())) {
                all.remove();
                refused.add(one.receipt());
            }
        }
        return refused;
    }

    static boolean announces(Entry.Note note) {
        return switch (note) {
            case Entry.EgressRequested _ -> true;
            case Entry.EgressEnded _ -> false;
        };
    }

    /** The run is let go. */
    void close() {
        everything().forEach(Notes.Receipt::refused);
    }

    private synchronized List<Notes.Receipt> everything() {
        open.clear();
        take();
        return settled();
    }
}
