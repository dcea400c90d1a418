package dev.wheelhouse.runtime.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApprovalsTest {
    private static final RunId RUN = new RunId("ns", "r1", "uid-r1");
    private static final String NAME = "r1-0a1b2c3d";
    private static final String PATH = "/apis/wheelhouse.dev/v1alpha1/namespaces/ns/approvals/" + NAME;

    private final FakeApiServer server = new FakeApiServer();
    private final List<String> made = new ArrayList<>();
    private final Approvals approvals =
            new Approvals(server.client("ns"), new ApiPermits(4), (namespace, name) -> made.add(name));

    @AfterEach
    void close() {
        server.close();
    }

    static Request request(String arguments) {
        return new Request(
                        Request.Kind.ToolCall,
                        new Request.RunRef("r1", "uid-r1"),
                        "agent",
                        "call-1",
                        new Request.ToolRef("bank", "pay", "sha256:" + "0".repeat(64)),
                        "pay(to=\"bob\")",
                        arguments,
                        Request.Risk.High,
                        "I will pay",
                        "alice",
                        List.of("alice"),
                        null,
                        null,
                        null,
                        null,
                        1,
                        1,
                        List.of(Verdict.Approve, Verdict.Reject, Verdict.Edit, Verdict.Respond),
                        "{\"type\":\"object\"}",
                        null,
                        "2026-01-01T01:00:00Z",
                        Request.OnExpiry.Reject,
                        "0123456789abcdef",
                        null,
                        null,
                        "root")
                .hashed();
    }

    private static final Request PAY = request("{\"to\":\"bob\"}");

    private void status(Consumer<ObjectNode> change) {
        server.store().edit(PATH, approval -> change.accept(approval.withObjectProperty("status")));
    }

    private void approve() {
        server.store()
                .edit(
                        PATH,
                        approval -> approval.withObjectProperty("spec")
                                .withObjectProperty("decisions")
                                .putObject("bob,cn=x")
                                .put("verdict", "Approve")
                                .put("reason", "fine"));
        status(s -> {
            s.put("phase", "Approved").put("verdict", "Approve").put("decidedBy", "bob,cn=x");
            s.put("decidedAt", "2026-01-01T00:30:00Z");
            s.putArray("conditions")
                    .addObject()
                    .put("type", "IdentityVerified")
                    .put("status", "True")
                    .put("reason", "x")
                    .put("message", "")
                    .put("lastTransitionTime", "2026-01-01T00:30:00Z");
        });
    }

    @Test
    void what_is_asked_is_read_back_with_the_same_hash() throws Exception {
        String uid = approvals.create(RUN, NAME, PAY).orElseThrow();
        Standing seen = approvals.look(RUN, NAME).orElseThrow();
        assertEquals(uid, seen.uid());
        assertEquals(PAY.payloadHash(), seen.requestHash());
        assertEquals(Standing.Phase.Pending, seen.phase());
        assertFalse(seen.identityVerified());
        assertEquals(List.of(NAME), made);
        ObjectNode stored = server.store().get(PATH);
        assertEquals(
                "uid-r1",
                stored.at("/metadata/labels").get("wheelhouse.dev/run-uid").asText());
        assertEquals("uid-r1", stored.at("/metadata/ownerReferences/0/uid").asText());
        assertFalse(stored.at("/spec").has("decisions"));
    }

    @Test
    void the_same_question_is_put_once_and_another_of_its_name_is_told() throws Exception {
        String uid = approvals.create(RUN, NAME, PAY).orElseThrow();
        assertEquals(uid, approvals.create(RUN, NAME, PAY).orElseThrow());
        assertTrue(approvals.create(RUN, NAME, request("{}")).isEmpty());
        assertEquals(1, made.size());
    }

    @Test
    void a_changed_argument_changes_the_hash() throws Exception {
        approvals.create(RUN, NAME, PAY);
        server.store().edit(PATH, a -> ((ObjectNode) a.at("/spec/request")).put("arguments", "{\"to\":\"mallory\"}"));
        Standing seen = approvals.look(RUN, NAME).orElseThrow();
        assertFalse(PAY.payloadHash().equals(seen.requestHash()), "the object still claims the old hash");
    }

    @Test
    void a_decision_is_used_up_once_and_only_as_it_was_seen() throws Exception {
        approvals.create(RUN, NAME, PAY);
        Standing pending = approvals.look(RUN, NAME).orElseThrow();
        approve();
        assertFalse(approvals.consume(RUN, pending, 3), "it changed since");
        Standing approved = approvals.look(RUN, NAME).orElseThrow();
        assertEquals(Verdict.Approve, approved.verdict());
        assertEquals("fine", approved.reason());
        assertTrue(approved.identityVerified());
        assertTrue(approvals.consume(RUN, approved, 3));
        assertFalse(approvals.consume(RUN, approved, 3));
        Standing used = approvals.look(RUN, NAME).orElseThrow();
        assertEquals(Standing.Phase.Consumed, used.phase());
        assertEquals(3L, used.consumedEpoch());
        assertEquals("bob,cn=x", used.decidedBy(), "what the operator wrote stays");
    }

    @Test
    void a_lost_reply_is_found_out_by_looking() throws Exception {
        approvals.create(RUN, NAME, PAY);
        approve();
        Standing approved = approvals.look(RUN, NAME).orElseThrow();
        server.faults(r -> r.method().equals("PUT") ? Fault.LOSE_REPLY : Fault.NONE);
        assertThrows(ApprovalPort.Unavailable.class, () -> approvals.consume(RUN, approved, 3));
        assertFalse(approvals.consume(RUN, approved, 3));
        assertEquals(3L, approvals.look(RUN, NAME).orElseThrow().consumedEpoch());
    }

    @Test
    void a_deleted_one_is_gone_and_cannot_be_used() throws Exception {
        approvals.create(RUN, NAME, PAY);
        approve();
        Standing approved = approvals.look(RUN, NAME).orElseThrow();
        server.store().delete(PATH);
        assertTrue(approvals.look(RUN, NAME).isEmpty());
        assertFalse(approvals.consume(RUN, approved, 3));
    }

    @Test
    void an_api_server_that_does_not_answer_is_no_answer() {
        server.faults(r -> Fault.UNAVAILABLE);
        assertThrows(ApprovalPort.Unavailable.class, () -> approvals.look(RUN, NAME));
        assertThrows(ApprovalPort.Unavailable.class, () -> approvals.create(RUN, NAME, PAY));
    }

    @Test
    void the_end_of_a_run_takes_back_what_is_open() throws Exception {
        approvals.create(RUN, NAME, PAY);
        approvals.create(RUN, "r1-second", request("{\"n\":1}"));
        server.store()
                .edit(
                        PATH.replace(NAME, "r1-second"),
                        a -> a.withObjectProperty("status").put("phase", "Rejected"));
        approvals.withdrawAll(RUN);
        assertEquals("Withdrawn", server.store().get(PATH).at("/status/phase").asText());
        assertEquals(
                "Rejected",
                server.store()
                        .get(PATH.replace(NAME, "r1-second"))
                        .at("/status/phase")
                        .asText());
    }
}
