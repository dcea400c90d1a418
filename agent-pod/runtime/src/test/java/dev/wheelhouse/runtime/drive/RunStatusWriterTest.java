package dev.wheelhouse.runtime.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.drive.RunStatusWriter.Outcome;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a status write does in each state of the world that it can meet. */
class RunStatusWriterTest {
    private static final Summary SUMMARY =
            new Summary(2, 2, 1, new Spend(new TokenUsage(10, 0, 5), 42L), 7, "sha256:head", "sha256:pinned");

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client(Runs.NAMESPACE);
    private final RunStatusWriter writer = new RunStatusWriter(client, new ApiPermits(4));
    private final AtomicLong now = new AtomicLong();
    private final Holder holder = new Holder("me", now::get, 0);
    private final RunStatuses to =
            new RunStatuses("r1", 1L, TenantSpec.Store.ConfigMap, Instant.parse("2026-01-01T00:01:00Z"));
    private Run seen;
    private Baton baton;

    @BeforeEach
    void assign() {
        server.store().put(Runs.assigned("r1", "me", 3));
        seen = Runs.get(client, "r1");
        baton = Baton.of(seen, holder);
        server.forgetRequests();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private Outcome complete() {
        return writer.write(seen, baton, this::completed);
    }

    private RunStatus completed(RunStatus status) {
        return to.completed(status, "done", SUMMARY);
    }

    @Test
    void nothing_moved_one_write() {
        assertInstanceOf(Outcome.Written.class, complete());
        assertEquals(1, server.requests().size());
        RunStatus status = Runs.get(client, "r1").getStatus();
        assertEquals(RunPhase.Succeeded, status.phase());
        assertEquals("", status.execution().holder());
        assertEquals("2026-01-01T00:01:00Z", status.completionTime());
    }

    @Test
    void the_spec_moved_so_it_is_written_on_the_new_version() {
        server.store()
                .edit(Runs.PATH + "r1", run -> run.withObjectProperty("spec").put("cancel", true));
        assertInstanceOf(Outcome.Written.class, complete());
        assertTrue(Runs.get(client, "r1").getSpec().cancel());
        assertEquals(RunPhase.Succeeded, Runs.get(client, "r1").getStatus().phase());
        assertEquals(2, server.writes().size());
    }

    @Test
    void another_holder_has_it_so_nothing_is_written() {
        Runs.takeAway(server, "r1", "other", 4);
        assertInstanceOf(Outcome.NotOurs.class, complete());
        assertEquals(RunPhase.Running, Runs.get(client, "r1").getStatus().phase());
    }

    @Test
    void the_same_holder_has_a_newer_epoch_so_nothing_is_written() {
        Runs.takeAway(server, "r1", "me", 4);
        assertInstanceOf(Outcome.NotOurs.class, complete());
    }

    @Test
    void the_run_was_deleted() {
        server.store().delete(Runs.PATH + "r1");
        assertInstanceOf(Outcome.NotOurs.class, complete());
    }

    @Test
    void another_run_of_the_same_name_is_left_alone() {
        server.store().delete(Runs.PATH + "r1");
        Run other = Runs.assigned("r1", "me", 3);
        other.getMetadata().setUid("another");
        server.store().put(other);
        assertInstanceOf(Outcome.NotOurs.class, complete());
        assertEquals(RunPhase.Running, Runs.get(client, "r1").getStatus().phase());
    }

    @Test
    void a_lost_reply_is_recognised_as_our_own_write() {
        server.faults(r -> r.writes() ? Fault.LOSE_REPLY : Fault.NONE);
        assertInstanceOf(Outcome.Unknown.class, complete());
        server.faults(r -> Fault.NONE);
        assertInstanceOf(Outcome.Written.class, complete());
    }

    @Test
    void an_api_server_that_does_not_answer_leaves_it_open() {
        server.faults(r -> Fault.UNAVAILABLE);
        assertInstanceOf(Outcome.Unknown.class, complete());
        server.faults(r -> Fault.LOSE_REQUEST);
        assertInstanceOf(Outcome.Unknown.class, complete());
    }

    @Test
    void a_lease_that_ran_out_stops_the_write_before_it_is_sent() {
        now.set(Holder.MAY_ACT.toNanos() + 1);
        assertInstanceOf(Outcome.NotOurs.class, complete());
        assertEquals(0, server.requests().size());
    }

    @Test
    void an_unchanged_status_is_not_written() {
        assertInstanceOf(Outcome.Written.class, writer.write(seen, baton, s -> s));
        assertEquals(0, server.requests().size());
    }

    @Test
    void somebody_who_never_stops_editing_does_not_hold_it_for_ever() {
        AtomicInteger edits = new AtomicInteger();
        server.faults(r -> {
            if (r.writes()) {
                server.store()
                        .edit(
                                Runs.PATH + "r1",
                                run -> run.withObjectProperty("metadata").put("note", edits.incrementAndGet()));
            }
            return Fault.NONE;
        });
        assertInstanceOf(Outcome.Unknown.class, complete());
    }
}
