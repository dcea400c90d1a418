package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Execution;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** Runs for tests, as the operator leaves them. */
final class Runs {
    static final String NAMESPACE = "team";
    static final String PATH = "/apis/wheelhouse.dev/v1alpha1/namespaces/team/runs/";

    private Runs() {}

    static Run assigned(String name, String holder, long epoch) {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(name)
                .withUid("uid-" + name)
                .withGeneration(1L)
                .withResourceVersion("1")
                .build());
        run.setSpec(new RunSpec("agent", "hello", null, null, null, false, null, null, null, null, null));
        run.setStatus(new RunStatus(
                1L,
                RunPhase.Running,
                List.of(),
                new Execution(epoch, "pod-0", "pod-uid", holder),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "2026-01-01T00:00:00Z",
                null));
        return run;
    }

    /** The lines of its journal. */
    static String journal(KubernetesClient client, String name) throws StoreException {
        return String.join(
                "\n",
                new ConfigMapJournalStore(client, new ApiPermits(1)).read(new RunId(NAMESPACE, name, "uid-" + name)));
    }

    static Run get(KubernetesClient client, String name) {
        return client.resources(Run.class).inNamespace(NAMESPACE).withName(name).get();
    }

    /** As the operator takes a run away from a lost holder. */
    static void takeAway(FakeApiServer server, String name, String newHolder, long epoch) {
        server.store()
                .edit(
                        PATH + name,
                        run -> run.withObjectProperty("status")
                                .withObjectProperty("execution")
                                .put("holder", newHolder)
                                .put("epoch", epoch));
    }
}
