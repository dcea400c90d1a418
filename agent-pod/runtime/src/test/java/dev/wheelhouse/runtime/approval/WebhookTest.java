package dev.wheelhouse.runtime.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalSpec;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.api.v1alpha1.TenantApprovals.Format;
import dev.wheelhouse.api.v1alpha1.TenantApprovals.Notify;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.runtime.outbound.Addresses;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    Path secrets;

    private final Map<String, String> heard = new ConcurrentHashMap<>();
    private HttpServer receiver;
    private volatile int answer = 204;

    @BeforeEach
    void listen() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            exchange.getRequestHeaders().forEach((name, values) -> heard.put(name.toLowerCase(), values.getFirst()));
            heard.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            if (answer == 302) {
                exchange.getResponseHeaders().add("Location", "/elsewhere");
            }
            heard.put("path", exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        receiver.start();
        Files.createDirectories(secrets.resolve("hook"));
        Files.writeString(secrets.resolve("hook/key"), KEY);
    }

    @AfterEach
    void close() {
        receiver.stop(0);
    }

    private static Approval approval() {
        Approval approval = new Approval();
        approval.setMetadata(new ObjectMetaBuilder()
                .withNamespace("ns")
                .withName("r1-0a1b2c3d")
                .withUid("uid-1")
                .build());
        approval.setSpec(new ApprovalSpec(
                new ObjectMapper()
                        .convertValue(Json.tree(ApprovalsTest.request("{\"to\":\"bob\"}")), ApprovalRequest.class),
                null));
        return approval;
    }

    private String post(String url, Format format, boolean arguments, boolean inside) {
        Notify to = new Notify(url, format, new SecretKey("hook", "key"), arguments, inside);
        return new Webhook(new SecretFiles(secrets), new Http()).post(to, approval(), NOW);
    }

    private String url() {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
    }

    @Test
    void a_signed_cloud_event_without_arguments() throws Exception {
        assertNull(post(url(), Format.CloudEvents, false, true));
        assertEquals("application/cloudevents+json", heard.get("content-type"));
        assertEquals("uid-1", heard.get("webhook-id"));
        assertEquals("1700000000", heard.get("webhook-timestamp"));
        assertEquals(Webhook.sign(KEY, "uid-1.1700000000." + heard.get("body")), heard.get("webhook-signature"));
        JsonNode event = new ObjectMapper().readTree(heard.get("body"));
        assertEquals("1.0", event.get("specversion").asText());
        assertEquals("dev.wheelhouse.approval.pending", event.get("type").asText());
        assertEquals("uid-1", event.get("id").asText());
        assertEquals("r1-0a1b2c3d", event.at("/data/approval").asText());
        assertFalse(heard.get("body").contains("bob"), "arguments may be secret");
    }

    @Test
    void arguments_only_if_the_tenant_says_so() {
        assertNull(post(url(), Format.CloudEvents, true, true));
        assertTrue(heard.get("body").contains("bob"));
    }

    @Test
    void slack_gets_a_text() throws Exception {
        assertNull(post(url(), Format.Slack, false, true));
        JsonNode body = new ObjectMapper().readTree(heard.get("body"));
        assertTrue(body.get("text").asText().contains("kubectl describe approval r1-0a1b2c3d -n ns"));
        assertFalse(heard.get("body").contains("bob"));
    }

    /** The example of the Standard Webhooks specification. */
    @Test
    void the_signature_is_that_of_the_specification() throws Exception {
        assertEquals(
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                Webhook.sign(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"));
    }

    @Test
    void redirects_are_not_followed_and_errors_are_told() {
        answer = 302;
        assertEquals("the receiver answered 302", post(url(), Format.CloudEvents, false, true));
        assertEquals("/hook", heard.get("path"));
        answer = 500;
        assertEquals("the receiver answered 500", post(url(), Format.CloudEvents, false, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/",
                "https://127.0.0.1/",
                "https://10.0.0.1/",
                "https://172.16.3.4/",
                "https://192.168.1.1/",
                "https://169.254.169.254/latest/meta-data",
                "https://100.64.0.1/",
                "https://0.0.0.0/",
                "https://[::1]/",
                "https://[fe80::1]/",
                "https://[fc00::1]/",
                "https://[::ffff:127.0.0.1]/",
                "https://[64:ff9b::a00:1]/",
                "https://[2002:7f00:1::]/",
                "https://localhost/",
                "https://2130706433/",
                "https://0x7f.1/",
                "not a url"
            })
    void nothing_inside_is_reached_unless_allowed(String url) {
        assertNotNull(post(url, Format.CloudEvents, false, false));
        assertTrue(heard.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"})
    void the_rest_of_the_world_is_public(String address) {
        assertTrue(Addresses.isPublic(InetAddress.ofLiteral(address)));
    }

    @Test
    void a_missing_key_is_told_and_nothing_is_sent() {
        Notify to = new Notify(url(), Format.CloudEvents, new SecretKey("none", "key"), false, true);
        String wrong = new Webhook(new SecretFiles(secrets), new Http()).post(to, approval(), NOW);
        assertTrue(wrong.contains("Secret 'none'"), wrong);
        assertTrue(heard.isEmpty());
    }
}
