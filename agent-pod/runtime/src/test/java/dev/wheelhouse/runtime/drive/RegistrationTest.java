package dev.wheelhouse.runtime.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistrationTest {
    private static final String LEASE = "/apis/coordination.k8s.io/v1/namespaces/team/leases/pod-0";

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client("team");
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger drawn = new AtomicInteger();
    private final List<Holder> registered = new ArrayList<>();
    private final List<Holder> lost = new ArrayList<>();
    private final Registration registration = registration();

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void the_first_tick_creates_a_lease_owned_by_the_pod() {
        assertEquals(Registration.RENEW_EVERY, registration.tick());
        JsonNode lease = lease();
        assertEquals("uid-0.1", lease.at("/spec/holderIdentity").asText());
        assertEquals(8, lease.at("/spec/leaseDurationSeconds").asInt());
        assertEquals(
                "runtime",
                lease.at("/metadata/labels").get("wheelhouse.dev/role").asText());
        assertEquals("uid-0", lease.at("/metadata/ownerReferences/0/uid").asText());
        assertEquals("false", draining());
        assertEquals("uid-0.1", registered.getFirst().id());
    }

    @Test
    void a_renewal_is_one_locked_write_and_keeps_the_holder_alive() {
        registration.tick();
        server.forgetRequests();
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(5));
            registration.tick();
            assertTrue(registered.getFirst().mayAct());
        }
        assertEquals(10, server.requests().size());
        assertEquals("0", lease().at("/spec/leaseTransitions").asText());
    }

    @Test
    void without_renewals_the_holder_fences_itself_before_anybody_says_so() {
        registration.tick();
        Holder holder = registered.getFirst();
        server.faults(r -> Fault.LOSE_REQUEST);
        pass(Duration.ofSeconds(5));
        assertEquals(Registration.RETRY_EVERY, registration.tick());
        assertTrue(holder.mayAct());
        pass(Duration.ofMillis(1001));
        assertFalse(holder.mayAct());
        registration.tick();
        assertEquals(List.of(holder), lost);
    }

    @Test
    void the_time_counts_from_the_start_of_the_renewal_not_from_its_reply() {
        registration.tick();
        Holder holder = registered.getFirst();
        pass(Duration.ofSeconds(2));
        server.faults(r -> {
            pass(Duration.ofSeconds(3));
            return Fault.NONE;
        });
        registration.tick();
        pass(Duration.ofMillis(3001));
        assertFalse(holder.mayAct());
    }

    @Test
    void after_an_outage_the_process_comes_back_under_a_new_name() {
        registration.tick();
        server.faults(r -> Fault.UNAVAILABLE);
        pass(Duration.ofSeconds(60));
        registration.tick();
        registration.tick();
        server.faults(r -> Fault.NONE);
        registration.tick();
        assertEquals(2, registered.size());
        assertEquals(
                registered.getLast().id(), lease().at("/spec/holderIdentity").asText());
        assertEquals("1", lease().at("/spec/leaseTransitions").asText());
        assertFalse(registered.getFirst().mayAct());
        assertTrue(registered.getLast().mayAct());
    }

    @Test
    void a_lost_reply_does_not_lose_the_lease() {
        registration.tick();
        server.faults(r -> r.writes() ? Fault.LOSE_REPLY : Fault.NONE);
        pass(Duration.ofSeconds(2));
        registration.tick();
        server.faults(r -> Fault.NONE);
        registration.tick();
        registration.tick();
        assertTrue(lost.isEmpty());
        pass(Duration.ofSeconds(5));
        assertTrue(registered.getFirst().mayAct());
    }

    @Test
    void a_process_that_took_the_lease_fences_this_one_at_once() {
        registration.tick();
        registration().tick();
        registration.tick();
        assertEquals(registered.getFirst(), lost.getFirst());
        assertFalse(registered.getFirst().mayAct());
    }

    @Test
    void a_deleted_lease_is_made_anew_for_the_same_holder() {
        registration.tick();
        server.store().delete(LEASE);
        registration.tick();
        assertEquals("uid-0.1", lease().at("/spec/holderIdentity").asText());
        assertTrue(lost.isEmpty());
    }

    @Test
    void draining_is_written_on_the_lease_and_its_end_gives_it_back() {
        registration.tick();
        registration.drain();
        registration.tick();
        assertEquals("true", draining());
        registration.release();
        assertEquals("", lease().at("/spec/holderIdentity").asText());
        assertFalse(registered.getFirst().mayAct());
    }

    private Registration registration() {
        return new Registration(
                client,
                new PodIdentity("team", "pod-0", "uid-0"),
                now::get,
                () -> "uid-0." + drawn.incrementAndGet(),
                new HolderListener() {
                    @Override
                    public void registered(Holder holder) {
                        registered.add(holder);
                    }

                    @Override
                    public void lost(Holder holder) {
                        lost.add(holder);
                    }
                });
    }

    private JsonNode lease() {
        return server.store().get(LEASE);
    }

    private String draining() {
        return lease().at("/metadata/annotations")
                .get("wheelhouse.dev/draining")
                .asText();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
