package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreContract;
import java.util.List;
import java.util.UUID;

/** The store of the simulator is held to what the real ones are held to. */
class MemoryStoreTest implements StoreContract {
    private final MemoryStore store = new MemoryStore();

    @Override
    public List<JournalStore> twoProcesses() {
        return List.of(store, store);
    }

    @Override
    public RunId newRun() {
        return new RunId("test", "run", UUID.randomUUID().toString());
    }
}
