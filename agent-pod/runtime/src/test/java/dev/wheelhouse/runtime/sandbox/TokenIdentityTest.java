package dev.wheelhouse.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in: only the sandbox pod that a live, audience-bound token is bound to, from its own address. */
class TokenIdentityTest {
    private static final String TOKEN = "canary-token";
    private static final InetAddress HERE = InetAddress.ofLiteral("10.1.2.3");

    private final KubernetesMockServer server =
            new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), false);
    private final AtomicLong clock = new AtomicLong();
    private Identity identity;

    @BeforeEach
    void start() {
        server.init();
        identity = new TokenIdentity(server.createClient(), new ApiPermits(4), "team", clock::get, 3);
    }

    @AfterEach
    void stop() {
        server.destroy();
    }

    @Test
    void a_sandbox_of_the_namespace_at_its_own_address_is_let_in() throws Exception {
        expect(review(), pod());
        assertEquals("key", identity.of(TOKEN, "p1", HERE).key());
    }

    @Test
    void a_pod_whose_address_is_not_reported_yet_is_looked_at_again() throws Exception {
        Pod young = pod(p -> p.editStatus().withPodIP(null).endStatus());
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/team/pods/p1")
                .andReturn(200, young)
                .once();
        expect(review(), pod());
        assertEquals("10.1.2.3", identity.of(TOKEN, "p1", HERE).address());
    }

    @Test
    void the_token_must_be_right() {
        refused(
                "not that of a sandbox",
                edit(r -> r.editStatus().withAuthenticated(false).endStatus()),
                pod());
        refused(
                "not that of a sandbox",
                edit(r -> r.editStatus().withAudiences("other").endStatus()),
                pod());
        refused(
                "not that of a sandbox",
                edit(r -> r.editStatus().withAudiences().endStatus()),
                pod());
        refused("not that of a sandbox", edit(r -> user(r, "system:serviceaccount:other:wheelhouse-sandbox")), pod());
        refused("not that of a sandbox", edit(r -> user(r, "system:serviceaccount:team:default")), pod());
        refused(
                "not bound to a pod",
                edit(r ->
                        r.editStatus().editUser().withExtra(Map.of()).endUser().endStatus()),
                pod());
    }

    @Test
    void the_pod_must_be_the_tokens_own_and_a_sandbox_and_alive() {
        refused("does not exist any more", review(), null);
        refused(
                "does not exist any more",
                review(),
                pod(p -> p.editMetadata().withUid("new").endMetadata()));
        refused(
                "is no sandbox",
                review(),
                pod(p -> p.editMetadata().addToLabels(Api.LABEL_ROLE, "runtime").endMetadata()));
        refused(
                "is no sandbox",
                review(),
                pod(p -> p.editSpec().withServiceAccountName("default").endSpec()));
        refused(
                "being ended",
                review(),
                pod(p -> p.editMetadata()
                        .withDeletionTimestamp("2026-11-26T00:00:00Z")
                        .endMetadata()));
        refused(
                "being ended",
                review(),
                pod(p -> p.editStatus().withPhase("Failed").endStatus()));
        refused(
                "does not come from",
                review(),
                pod(p -> p.editStatus().withPodIP("10.1.2.4").endStatus()));
        refused(
                "does not come from",
                review(),
                pod(p -> p.editStatus().withPodIP(null).endStatus()));
    }

    @Test
    void a_pod_does_not_pass_for_another_one() {
        expect(review(), pod());
        var e = assertThrows(Identity.NotAdmitted.class, () -> identity.of(TOKEN, "p2", HERE));
        assertTrue(e.getMessage().contains("or another one"), e.getMessage());
    }

    @Test
    void no_token_is_no_question() {
        assertThrows(Identity.NotAdmitted.class, () -> identity.of(null, "p1", HERE));
        assertThrows(Identity.NotAdmitted.class, () -> identity.of("x".repeat(20_000), "p1", HERE));
        assertEquals(0, server.getRequestCount());
    }

    @Test
    void a_failure_does_not_tell_the_token() {
        server.expect()
                .post()
                .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
                .andReturn(403, TOKEN)
                .always();
        var e = assertThrows(Identity.NotAdmitted.class, () -> identity.of(TOKEN, "p1", HERE));
        assertFalse(e.getMessage().contains(TOKEN), e.getMessage());
    }

    @Test
    void a_review_is_good_for_ten_seconds_but_the_pod_is_looked_at_each_time() throws Exception {
        server.expect()
                .post()
                .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
                .andReturn(201, review())
                .times(2);
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/team/pods/p1")
                .andReturn(200, pod())
                .always();
        identity.of(TOKEN, "p1", HERE);
        identity.of(TOKEN, "p1", HERE);
        assertEquals(3, server.getRequestCount());
        clock.addAndGet(11_000_000_000L);
        identity.of(TOKEN, "p1", HERE);
        assertEquals(5, server.getRequestCount());
    }

    @Test
    void who_connects_without_end_causes_one_request_a_second_and_others_do_not_notice() throws Exception {
        expect(review(), pod(p -> p.editStatus().addNewPodIP("10.1.2.4").endStatus()));
        for (int i = 0; i < 10; i++) {
            identity.of(TOKEN, "p1", HERE);
        }
        String why = "";
        for (int i = 0; i < 200; i++) {
            why = admitted(HERE);
        }
        assertEquals("this address connects too often", why);
        assertEquals(60, server.getRequestCount());
        assertEquals("", admitted(InetAddress.ofLiteral("10.1.2.4")));
        int before = server.getRequestCount();
        int in = 0;
        for (int second = 0; second < 100; second++) {
            clock.addAndGet(1_000_000_000L);
            for (int i = 0; i < 20; i++) {
                in += admitted(HERE).isEmpty() ? 1 : 0;
            }
        }
        assertEquals(100, server.getRequestCount() - before);
        assertTrue(in >= 80, in + " of 100: the others were for reviews of the token");
    }

    @Test
    void nonsense_is_bounded_as_well() {
        expect(edit(r -> r.editStatus().withAuthenticated(false).endStatus()), pod());
        for (int i = 0; i < 200; i++) {
            String token = "nonsense " + i;
            assertThrows(Identity.NotAdmitted.class, () -> identity.of(token, "p1", HERE));
        }
        assertEquals(60, server.getRequestCount());
    }

    private String admitted(InetAddress from) {
        try {
            identity.of(TOKEN, "p1", from);
            return "";
        } catch (Identity.NotAdmitted e) {
            return e.getMessage();
        }
    }

    private void refused(String why, TokenReview review, Pod pod) {
        server.clearExpectations();
        clock.addAndGet(11_000_000_000L);
        expect(review, pod);
        var e = assertThrows(Identity.NotAdmitted.class, () -> identity.of(TOKEN, "p1", HERE));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    private void expect(TokenReview review, Pod pod) {
        server.expect()
                .post()
                .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
                .andReturn(201, review)
                .always();
        if (pod != null) {
            server.expect()
                    .get()
                    .withPath("/api/v1/namespaces/team/pods/p1")
                    .andReturn(200, pod)
                    .always();
        }
    }

    private static TokenReview review() {
        return new TokenReviewBuilder()
                .withNewStatus()
                .withAuthenticated(true)
                .withAudiences(Api.SANDBOX_AUDIENCE)
                .withNewUser()
                .withUsername("system:serviceaccount:team:wheelhouse-sandbox")
                .withExtra(Map.of(
                        "authentication.kubernetes.io/pod-name", List.of("p1"),
                        "authentication.kubernetes.io/pod-uid", List.of("uid-p1")))
                .endUser()
                .endStatus()
                .build();
    }

    private static TokenReview edit(Consumer<TokenReviewBuilder> change) {
        TokenReviewBuilder builder = new TokenReviewBuilder(review());
        change.accept(builder);
        return builder.build();
    }

    private static void user(TokenReviewBuilder review, String name) {
        review.editStatus().editUser().withUsername(name).endUser().endStatus();
    }

    private static Pod pod() {
        return pod(p -> {});
    }

    private static Pod pod(Consumer<PodBuilder> change) {
        PodBuilder builder = new PodBuilder()
                .withNewMetadata()
                .withName("p1")
                .withNamespace("team")
                .withUid("uid-p1")
                .addToLabels(Api.LABEL_ROLE, "sandbox")
                .addToLabels(Api.LABEL_SANDBOX_KEY, "key")
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(Api.SANDBOX_SERVICE_ACCOUNT)
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.1.2.3")
                .endStatus();
        change.accept(builder);
        return builder.build();
    }
}
