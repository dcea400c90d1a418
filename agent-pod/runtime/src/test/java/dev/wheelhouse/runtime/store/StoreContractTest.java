package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreContract;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Both stores keep core's contract. */
class StoreContractTest {
    @Nested
    class InConfigMaps implements StoreContract {
        private final FakeApiServer server = new FakeApiServer();
        private final KubernetesClient one = server.client("team");
        private final KubernetesClient two = server.client("team");

        @AfterEach
        void stop() {
            one.close();
            two.close();
            server.close();
        }

        @Override
        public List<JournalStore> twoProcesses() {
            return List.of(
                    new ConfigMapJournalStore(one, new ApiPermits(8)),
                    new ConfigMapJournalStore(two, new ApiPermits(8)));
        }

        @Override
        public RunId newRun() {
            return someRun();
        }
    }

    @Nested
    class InFiles implements StoreContract {
        @TempDir
        Path root;

        @Override
        public List<JournalStore> twoProcesses() {
            return List.of(new FileJournalStore(root), new FileJournalStore(root));
        }

        @Override
        public RunId newRun() {
            return someRun();
        }
    }

    private static RunId someRun() {
        String uid = UUID.randomUUID().toString();
        return new RunId("team", "run-" + uid.substring(0, 8), uid);
    }
}
