package dev.wheelhouse.runtime.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class JournaledEgressTest {
    private static final EgressRequest REQUEST =
            new EgressRequest("id", "GET", "https", "api.test", 443, "/a?…", true, null);

    private final List<Entry.Note> written = new CopyOnWriteArrayList<>();
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

    @Test
    void a_request_that_is_recorded_after_its_command_does_not_leave_and_has_an_end() throws Exception {
        JournaledEgress log = new JournaledEgress("call", notes);
        FutureTask<Boolean> waits = new FutureTask<>(() -> {
            assertThrows(IOException.class, () -> log.requested(REQUEST));
            return true;
        });
        Thread.ofVirtual().start(waits);
        Notes.Receipt receipt = receipts.take();
        log.over();
        receipt.durable();
        assertTrue(waits.get());
        Entry.EgressEnded end = assertInstanceOf(Entry.EgressEnded.class, written.get(1));
        assertEquals("id", end.id());
        assertEquals(0, end.status());
        assertTrue(end.error().startsWith("it did not leave"), end.error());
    }

    @Test
    void who_is_interrupted_while_it_waits_leaves_no_record_without_an_end() throws Exception {
        JournaledEgress log = new JournaledEgress("call", notes);
        FutureTask<Boolean> waits = new FutureTask<>(() -> {
            assertThrows(InterruptedException.class, () -> log.requested(REQUEST));
            return true;
        });
        Thread thread = Thread.ofVirtual().start(waits);
        Notes.Receipt receipt = receipts.take();
        thread.interrupt();
        assertTrue(waits.get());
        receipt.durable();
        assertInstanceOf(Entry.EgressEnded.class, written.get(1));
    }

    @Test
    void the_end_of_the_command_waits_for_the_ends_of_what_left() throws Exception {
        JournaledEgress log = new JournaledEgress("call", notes);
        FutureTask<Boolean> leaves = new FutureTask<>(() -> {
            log.requested(REQUEST);
            return true;
        });
        Thread.ofVirtual().start(leaves);
        receipts.take().durable();
        assertTrue(leaves.get());
        FutureTask<Integer> over = new FutureTask<>(() -> {
            log.over();
            return written.size();
        });
        Thread waiting = Thread.ofVirtual().start(over);
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        log.ended(new EgressEnd("id", 200, 1, 2, null));
        assertEquals(2, over.get());
    }

    @Test
    void a_refused_request_needs_no_end() throws Exception {
        JournaledEgress log = new JournaledEgress("call", notes);
        FutureTask<Boolean> waits = new FutureTask<>(() -> {
            log.requested(new EgressRequest("id", "GET", "https", "api.test", 443, "/", false, "no rule"));
            return true;
        });
        Thread.ofVirtual().start(waits);
        receipts.take().durable();
        assertTrue(waits.get());
        log.over();
        assertEquals(1, written.size());
    }
}
