package dev.wheelhouse.runtime.store;

import static dev.wheelhouse.runtime.store.ConfigMapJournalStoreTest.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore.Session;
import dev.wheelhouse.core.journal.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalStoreTest {
    private static final RunId RUN = new RunId("team", "r1", "uid-1");

    @TempDir
    Path root;

    private FileJournalStore store;

    @BeforeEach
    void open() {
        store = new FileJournalStore(root);
    }

    @Test
    void lines_are_found_again_in_every_epoch() throws StoreException {
        Session first = store.open(RUN, 1);
        first.append(List.of(line(1, "a"), line(1, "b")));
        Session third = store.open(RUN, 3);
        third.append(List.of(line(3, "c")));
        List<String> all = List.of(line(1, "a"), line(1, "b"), line(3, "c"));
        assertEquals(all, third.lines());
        assertEquals(all, store.read(RUN));
        assertEquals(all, store.open(RUN, 3).lines());
        assertEquals(List.of(), store.read(new RunId("team", "r2", "uid-2")));
    }

    @Test
    void opening_a_higher_epoch_fences_the_lower_one_and_what_it_wrote_late_never_counts() throws StoreException {
        Session old = store.open(RUN, 1);
        old.append(List.of(line(1, "a")));
        Session young = store.open(RUN, 2);
        assertThrows(StoreException.Fenced.class, () -> old.append(List.of(line(1, "b"))));
        assertThrows(StoreException.Fenced.class, () -> store.open(RUN, 1));
        young.append(List.of(line(2, "c")));
        assertEquals(List.of(line(1, "a"), line(2, "c")), store.open(RUN, 3).lines());
    }

    @Test
    void bytes_of_a_zombie_behind_the_accepted_part_are_ignored() throws Exception {
        store.open(RUN, 1).append(List.of(line(1, "a")));
        store.open(RUN, 2).append(List.of(line(2, "b")));
        Files.write(wal(1), Wal.frame(List.of(line(1, "late"))), StandardOpenOption.APPEND);
        assertEquals(List.of(line(1, "a"), line(2, "b")), store.read(RUN));
        assertEquals(List.of(line(1, "a"), line(2, "b")), store.open(RUN, 5).lines());
    }

    @Test
    void a_torn_tail_does_not_count_at_any_length() throws Exception {
        store.open(RUN, 1).append(List.of(line(1, "a")));
        byte[] whole = Files.readAllBytes(wal(1));
        byte[] torn = Wal.frame(List.of(line(1, "torn")));
        for (int length = 0; length < torn.length; length++) {
            Files.write(wal(1), whole);
            Files.write(wal(1), Arrays.copyOf(torn, length), StandardOpenOption.APPEND);
            assertEquals(List.of(line(1, "a")), store.read(RUN), "cut at " + length);
        }
        Session again = store.open(RUN, 1);
        again.append(List.of(line(1, "b")));
        assertEquals(List.of(line(1, "a"), line(1, "b")), store.open(RUN, 2).lines());
    }

    @Test
    void an_opening_that_died_before_its_header_neither_counts_nor_hides_lines() throws Exception {
        store.open(RUN, 1).append(List.of(line(1, "a")));
        Files.createFile(wal(2));
        assertEquals(List.of(line(1, "a")), store.open(RUN, 3).lines());
        assertThrows(StoreException.Fenced.class, () -> store.open(RUN, 2));
    }

    @Test
    void an_earlier_session_of_the_same_epoch_is_fenced_by_a_later_one() throws StoreException {
        Session earlier = store.open(RUN, 1);
        Session later = store.open(RUN, 1);
        later.append(List.of(line(1, "a")));
        assertThrows(StoreException.Fenced.class, () -> earlier.append(List.of(line(1, "b"))));
    }

    @Test
    void a_changed_accepted_part_is_refused_not_read() throws Exception {
        store.open(RUN, 1).append(List.of(line(1, "a")));
        store.open(RUN, 2);
        byte[] bytes = Files.readAllBytes(wal(1));
        bytes[bytes.length - 5] ^= 1;
        Files.write(wal(1), bytes);
        assertThrows(StoreException.Unavailable.class, () -> store.read(RUN));
    }

    @Test
    void deleted_files_are_gone() throws Exception {
        Session session = store.open(RUN, 1);
        Files.delete(wal(1));
        assertThrows(StoreException.Gone.class, () -> session.append(List.of(line(1, "a"))));
    }

    @Test
    void blobs_are_found_by_digest() throws StoreException, IOException {
        Session session = store.open(RUN, 1);
        assertEquals(Optional.empty(), session.getBlob("sha256:ab"));
        session.putBlob("sha256:ab", "content\nmore");
        session.putBlob("sha256:ab", "content\nmore");
        assertEquals(Optional.of("content\nmore"), store.open(RUN, 2).getBlob("sha256:ab"));
    }

    private Path wal(long epoch) {
        return root.resolve("uid-1").resolve("wal-" + epoch);
    }
}
