package dev.wheelhouse.runtime.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class JournaledEgressTest {
    private static final EgressRequest REQUEST =
            new EgressRequest("id", "GET", "https", "api.test", 443, "/a?…", true, null);

    private final List<Entry.Note> written = new ArrayList<>();
    private final BlockingQueue<Notes.Receipt> receipts = new LinkedBlockingQueue<>();
    private final Notes notes = new Notes() {
        @Override
        public void write(Entry.Note note, Receipt receipt) {
            written.add(note);
            receipts.add(receipt);
        }

        @Override
        public int requests() {
            return 0;
        }
    };

    @Test
    void a_request_waits_until_its_record_is_durable() throws Exception {
        FutureTask<Boolean> waits = new FutureTask<>(() -> {
            new JournaledEgress("call", notes).requested(REQUEST);
            return true;
        });
        Thread.ofVirtual().start(waits);
        Notes.Receipt receipt = receipts.take();
        assertTrue(!waits.isDone());
        receipt.durable();
        assertTrue(waits.get());
        assertEquals(
                List.of(new Entry.EgressRequested("call", "id", "GET", "https", "api.test", 443, "/a?…", true, null)),
                written);
    }

    @Test
    void a_request_of_a_call_that_is_over_is_refused() {
        assertThrows(IOException.class, () -> new JournaledEgress("call", Notes.CLOSED).requested(REQUEST));
    }

    @Test
    void an_end_does_not_wait() {
        new JournaledEgress("call", notes).ended(new EgressEnd("id", 200, 1, 2, null));
        assertEquals(List.of(new Entry.EgressEnded("call", "id", 200, 1, 2, null)), written);
    }
}
