package dev.wheelhouse.runtime.drive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AssignmentsTest {
    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client(Runs.NAMESPACE);
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Holder holder = new Holder("me", () -> 0, 0);

    private Assignments watch() {
        return new Assignments(client, Runs.NAMESPACE, holder, new Assignments.Receiver() {
            @Override
            public void assigned(Run run) {
                seen.add("+" + run.getMetadata().getName());
            }

            @Override
            public void unassigned(Run run) {
                seen.add("-" + run.getMetadata().getName());
            }
        });
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void only_this_holders_runs_are_seen_and_their_loss_too() {
        server.store().put(Runs.assigned("before", "me", 1));
        server.store().put(Runs.assigned("other", "somebody", 1));
        try (Assignments assignments = watch()) {
            await().until(assignments::watching);
            await().until(() -> seen.contains("+before"));
            server.store().put(Runs.assigned("after", "me", 1));
            await().until(() -> seen.contains("+after"));
            Runs.takeAway(server, "before", "somebody", 2);
            await().until(() -> seen.contains("-before"));
        }
        assertEquals(List.of("+before", "+after", "-before"), seen);
    }

    @Test
    void an_outage_is_survived_and_what_happened_meanwhile_is_seen() {
        server.store().put(Runs.assigned("lost", "me", 1));
        try (Assignments assignments = watch()) {
            await().until(() -> seen.contains("+lost"));
            server.faults(r -> Fault.UNAVAILABLE);
            await().until(() -> !assignments.watching());
            Runs.takeAway(server, "lost", "somebody", 2);
            server.store().put(Runs.assigned("new", "me", 1));
            server.faults(r -> Fault.NONE);
            await().until(() -> seen.contains("+new") && seen.contains("-lost"));
        }
    }

    @Test
    void it_waits_for_an_api_server_that_is_not_there_yet() {
        server.faults(r -> Fault.LOSE_REQUEST);
        try (Assignments assignments = watch()) {
            await().until(() -> server.requests().size() >= 2);
            server.store().put(Runs.assigned("r1", "me", 1));
            server.faults(r -> Fault.NONE);
            await().until(() -> seen.contains("+r1"));
            await().until(assignments::watching);
        }
    }
}
