package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Records requests in the journal of the run, as notes of the call whose command makes them.
 *
 * @param notes of that call's {@code ToolInvocation}
 */
public record JournaledEgress(String callId, Notes notes) implements EgressLog {
    /** The journal's store may be away for long; a command rather hears of it. */
    private static final int MOST_SECONDS = 60;

    @Override
    public void requested(EgressRequest r) throws InterruptedException, IOException {
        CompletableFuture<Boolean> durable = new CompletableFuture<>();
        var note = new Entry.EgressRequested(
                callId, r.id(), r.method(), r.scheme(), r.host(), r.port(), r.path(), r.allowed(), r.reason());
        notes.write(note, new Notes.Receipt() {
            @Override
            public void durable() {
                durable.complete(true);
            }

            @Override
            public void refused() {
                durable.complete(false);
            }
        });
        try {
            if (!durable.get(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the call that this request belongs to is over");
            }
        } catch (TimeoutException e) {
            throw new IOException("the journal could not be written within " + MOST_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a receipt does not fail", e);
        }
    }

    @Override
    public void ended(EgressEnd e) {
        notes.write(
                new Entry.EgressEnded(callId, e.id(), e.status(), e.requestBytes(), e.responseBytes(), e.error()),
                Notes.Receipt.NONE);
    }
}
