package dev.wheelhouse.runtime.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore.Session;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfigMapJournalStoreTest {
    private static final RunId RUN = new RunId("team", "r1", "uid-1");
    private static final String MAPS = "/api/v1/namespaces/team/configmaps/";

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client("team");
    private final ConfigMapJournalStore store = new ConfigMapJournalStore(client, new ApiPermits(8));

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void an_append_is_one_write_and_opening_only_reads() throws StoreException {
        Session session = store.open(RUN, 1);
        assertEquals(1, server.requests().size());
        session.append(List.of(line(1, "a"), line(1, "b")));
        session.append(List.of(line(1, "c")));
        assertEquals(2, server.writes().size());
        server.forgetRequests();

        assertEquals(
                List.of(line(1, "a"), line(1, "b"), line(1, "c")),
                store.open(RUN, 2).lines());
        assertEquals(2, server.requests().size(), "one for each segment");
        assertEquals(0, server.writes().size());
    }

    @Test
    void segments_are_labelled_and_owned_by_the_run() throws StoreException {
        store.open(RUN, 1).append(List.of(line(1, "a")));
        var meta = server.store().get(MAPS + "r1-j0").get("metadata");
        assertEquals("uid-1", meta.get("labels").get(Api.LABEL_JOURNAL).asText());
        assertEquals("uid-1", meta.at("/ownerReferences/0/uid").asText());
        assertEquals("Run", meta.at("/ownerReferences/0/kind").asText());
    }

    @Test
    void what_the_run_began_with_is_written_once() throws StoreException {
        Session session = store.open(RUN, 1);
        session.append(List.of(line(1, "pinned")));
        session.append(List.of(line(1, "a")));
        session.append(List.of(line(1, "b")));
        assertTrue(server.store().get(MAPS + "r1-j0").get("immutable").asBoolean());
        assertEquals(
                line(1, "a") + "\n" + line(1, "b") + "\n",
                server.store().get(MAPS + "r1-j1").at("/data/records").asText());
    }

    @Test
    void the_write_that_fills_a_segment_seals_it() throws StoreException {
        Session session = store.open(RUN, 1);
        String big = line(1, "x".repeat(20_000));
        for (int i = 0; i < 7; i++) {
            session.append(List.of(big));
        }
        assertEquals(7, server.writes().size());
        assertTrue(server.store().get(MAPS + "r1-j1").get("immutable").asBoolean());
        assertTrue(server.store().get(MAPS + "r1-j2").get("immutable").asBoolean());
        assertEquals(7, store.open(RUN, 1).lines().size());
    }

    @Test
    void a_higher_epoch_fences_the_lower_one() throws StoreException {
        Session old = store.open(RUN, 1);
        old.append(List.of(line(1, "a")));
        store.open(RUN, 2).append(List.of(line(2, "epoch")));
        assertThrows(StoreException.Fenced.class, () -> old.append(List.of(line(1, "b"))));
        assertThrows(StoreException.Fenced.class, () -> store.open(RUN, 1));
        assertEquals(List.of(line(1, "a"), line(2, "epoch")), store.read(RUN));
    }

    @Test
    void a_higher_epoch_fences_also_where_the_next_segment_begins() throws StoreException {
        Session old = store.open(RUN, 1);
        old.append(List.of(line(1, "x".repeat(50_000))));
        store.open(RUN, 2).append(List.of(line(2, "epoch")));
        assertThrows(StoreException.Fenced.class, () -> old.append(List.of(line(1, "b"))));
    }

    @Test
    void a_lower_epoch_that_slips_in_makes_the_higher_one_look_again() throws StoreException {
        Session old = store.open(RUN, 1);
        old.append(List.of(line(1, "a")));
        Session young = store.open(RUN, 2);
        old.append(List.of(line(1, "b")));
        assertThrows(StoreException.Fenced.class, () -> young.append(List.of(line(2, "epoch"))));
        assertEquals(List.of(line(1, "a"), line(1, "b")), store.open(RUN, 2).lines());
    }

    @Test
    void a_lost_reply_is_found_by_opening_again() throws StoreException {
        Session session = store.open(RUN, 1);
        server.faults(r -> r.writes() ? Fault.LOSE_REPLY : Fault.NONE);
        assertThrows(StoreException.Unavailable.class, () -> session.append(List.of(line(1, "a"))));
        assertThrows(StoreException.Unavailable.class, () -> session.append(List.of(line(1, "b"))));
        server.faults(r -> Fault.NONE);
        assertEquals(List.of(line(1, "a")), store.open(RUN, 1).lines());
    }

    @Test
    void a_lost_request_leaves_nothing() throws StoreException {
        Session session = store.open(RUN, 1);
        server.faults(r -> r.writes() ? Fault.LOSE_REQUEST : Fault.NONE);
        assertThrows(StoreException.Unavailable.class, () -> session.append(List.of(line(1, "a"))));
        server.faults(r -> Fault.UNAVAILABLE);
        assertThrows(StoreException.Unavailable.class, () -> store.open(RUN, 1));
        server.faults(r -> Fault.NONE);
        assertEquals(List.of(), store.open(RUN, 1).lines());
    }

    @Test
    void metadata_touched_by_others_costs_a_second_look_only() throws StoreException {
        Session session = store.open(RUN, 1);
        session.append(List.of(line(1, "a")));
        session.append(List.of(line(1, "b")));
        server.store()
                .edit(MAPS + "r1-j1", map -> map.withObjectProperty("metadata").put("note", "x"));
        session.append(List.of(line(1, "c")));
        assertEquals(3, store.read(RUN).size());
    }

    @Test
    void a_deleted_journal_is_gone() throws StoreException {
        Session session = store.open(RUN, 1);
        session.append(List.of(line(1, "a")));
        session.append(List.of(line(1, "b")));
        server.store().delete(MAPS + "r1-j1");
        assertThrows(StoreException.Gone.class, () -> session.append(List.of(line(1, "c"))));
    }

    @Test
    void the_journal_of_an_earlier_run_of_the_same_name_is_not_read() throws StoreException {
        store.open(new RunId("team", "r1", "uid-0"), 1).append(List.of(line(1, "old")));
        assertThrows(StoreException.Unavailable.class, () -> store.open(RUN, 1));
    }

    @Test
    void blobs_are_written_once_and_found_by_digest() throws StoreException {
        Session session = store.open(RUN, 1);
        String digest = "sha256:0123456789abcdef0123456789abcdef";
        assertEquals(Optional.empty(), session.getBlob(digest));
        session.putBlob(digest, "content");
        session.putBlob(digest, "content");
        assertEquals(Optional.of("content"), session.getBlob(digest));
        assertTrue(server.store()
                .get(MAPS + "r1-b-0123456789abcdef")
                .get("immutable")
                .asBoolean());
    }

    @Test
    void names_of_long_runs_stay_within_the_limit_and_apart() {
        String long253 = "r".repeat(253);
        String a = JournalMaps.segmentName(new RunId("n", long253, "aaaaaaaa-1"), 12);
        String b = JournalMaps.segmentName(new RunId("n", long253, "bbbbbbbb-1"), 12);
        assertEquals(253, a.length());
        assertTrue(!a.equals(b));
    }

    static String line(long epoch, String text) {
        return "{\"seq\":1,\"epoch\":" + epoch + ",\"payload\":{\"epoch\":99},\"type\":\"" + text + "\"}";
    }
}
