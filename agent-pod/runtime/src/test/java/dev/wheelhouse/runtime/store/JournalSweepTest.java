package dev.wheelhouse.runtime.store;

import static dev.wheelhouse.runtime.store.ConfigMapJournalStoreTest.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSweepTest {
    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client("team");

    @TempDir
    Path root;

    @BeforeEach
    void twoJournalsOneRun() throws Exception {
        FileJournalStore store = new FileJournalStore(root);
        store.open(new RunId("team", "kept", "uid-kept"), 1).append(List.of(line(1, "a")));
        store.open(new RunId("team", "gone", "uid-gone"), 1).append(List.of(line(1, "a")));
        Files.createDirectory(root.resolve("lost+found"));
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team")
                .withName("kept")
                .withUid("uid-kept")
                .build());
        run.setSpec(new RunSpec("agent", "x", null, null, null, false, null, null, null, null, null));
        server.store().put(run);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void files_of_a_run_that_is_gone_go_and_nothing_else() throws StoreException {
        sweep(Duration.ofHours(2)).sweep();
        assertFalse(Files.exists(root.resolve("uid-gone")));
        assertTrue(Files.exists(root.resolve("lost+found")));
        assertEquals(
                1,
                new FileJournalStore(root)
                        .read(new RunId("team", "kept", "uid-kept"))
                        .size());
    }

    @Test
    void young_files_are_left_alone() {
        sweep(Duration.ZERO).sweep();
        assertTrue(Files.exists(root.resolve("uid-gone")));
    }

    @Test
    void without_an_answer_nothing_is_deleted() {
        server.faults(r -> Fault.UNAVAILABLE);
        sweep(Duration.ofHours(2)).sweep();
        assertTrue(Files.exists(root.resolve("uid-gone")));
    }

    private JournalSweep sweep(Duration later) {
        return new JournalSweep(client, "team", root, () -> Instant.now().plus(later));
    }
}
