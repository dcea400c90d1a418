package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Records requests in the journal of the run, as notes of the call whose command makes them. Each that is allowed gets an
 * end as well, also one that was recorded so late that it does not leave.
 */
public final class JournaledEgress implements EgressLog {
    /** The journal's store may be away for long; a command rather hears of it. */
    private static final int MOST_SECONDS = 60;
    /** Connections that are cut end at once; more than that is a defect, for which no command waits. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String callId;
    private final Notes notes;
    /** Those that may have left and have no end yet. */
    private final Set<String> underWay = new HashSet<>();

    private boolean over;

    /** @param notes of that call's {@code ToolInvocation} */
    public JournaledEgress(String callId, Notes notes) {
        this.callId = callId;
        this.notes = notes;
    }

    @Override
    public void requested(EgressRequest r) throws InterruptedException, IOException {
        CompletableFuture<Boolean> mayLeave = new CompletableFuture<>();
        var note = new Entry.EgressRequested(
                callId, r.id(), r.method(), r.scheme(), r.host(), r.port(), r.path(), r.allowed(), r.reason());
        notes.write(note, new Notes.Receipt() {
            @Override
            public void durable() {
                recorded(r, mayLeave);
            }

            @Override
            public void refused() {
                mayLeave.complete(false);
            }
        });
        try {
            if (!mayLeave.get(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the call that this request belongs to is over");
            }
        } catch (TimeoutException e) {
            if (mayLeave.complete(false) || !mayLeave.join()) {
                throw new IOException("the journal could not be written within " + MOST_SECONDS + " s", e);
            }
        } catch (InterruptedException e) {
            if (!mayLeave.complete(false) && mayLeave.join()) {
                didNotLeave(r);
            }
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a receipt does not fail", e);
        }
    }

    private void recorded(EgressRequest r, CompletableFuture<Boolean> mayLeave) {
        if (!leaves(r, mayLeave)) {
            didNotLeave(r);
        }
    }

    private synchronized boolean leaves(EgressRequest r, CompletableFuture<Boolean> mayLeave) {
        if (!mayLeave.complete(!over) || over) {
            return false;
        }
        if (r.allowed()) {
            underWay.add(r.id());
        }
        return true;
    }

    private void didNotLeave(EgressRequest r) {
        if (r.allowed()) {
            ended(new EgressEnd(r.id(), 0, 0, 0, "it did not leave: it was recorded too late"));
        }
    }

    @Override
    public void ended(EgressEnd e) {
        notes.write(
                new Entry.EgressEnded(callId, e.id(), e.status(), e.requestBytes(), e.responseBytes(), e.error()),
                Notes.Receipt.NONE);
        told(e.id());
    }

    private synchronized void told(String id) {
        underWay.remove(id);
        notifyAll();
    }

    @Override
    public synchronized void over() {
        over = true;
        long deadline = System.nanoTime() + MOST_NANOS;
        try {
            for (long left = MOST_NANOS; left > 0 && !underWay.isEmpty(); left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
