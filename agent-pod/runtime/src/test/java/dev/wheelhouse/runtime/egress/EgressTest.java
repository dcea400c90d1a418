package dev.wheelhouse.runtime.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is allowed goes out, with its credential and after its record; the rest does not. */
class EgressTest {
    private static final List<String> READ = List.of("GET", "HEAD");

    @TempDir
    Path folder;

    private Rig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new Rig(folder);
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    private static String get(String path, String host) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    @Test
    void an_allowed_request_goes_out_with_the_credential_and_is_in_the_journal() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
        String host = "api.test:" + api.port();
        rig.allowWithCredential("api.test", api.port(), "api", READ, "/repos/acme/*");

        String answer = rig.inside(
                "api.test",
                api.port(),
                "GET /repos/acme/%61?q=private HTTP/1.1\r\nHost: " + host
                        + "\r\nAuthorization: Bearer mine\r\nProxy-Authorization: Basic x\r\nX-Kept: yes\r\n\r\n");

        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.endsWith("\r\n\r\nhello"), answer);
        String sent = api.requests.getFirst();
        assertTrue(sent.startsWith("GET /repos/acme/a?q=private HTTP/1.1\r\nHost: " + host + "\r\n"), sent);
        assertTrue(sent.contains("\r\nAuthorization: Bearer " + Rig.SECRET + "\r\n"), sent);
        assertTrue(sent.contains("\r\nX-Kept: yes\r\n"), sent);
        assertFalse(sent.contains("mine") || sent.contains("Proxy-"), sent);
        EgressRequest record = rig.requested.getFirst();
        assertEquals(
                new EgressRequest(record.id(), "GET", "https", "api.test", api.port(), "/repos/acme/a?…", true, null),
                record);
        await().until(() -> !rig.ended.isEmpty());
        assertEquals(List.of(new EgressEnd(record.id(), 200, 0, 5, null)), rig.ended);
    }

    @Test
    void nothing_leaves_before_the_record_is_durable() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok(""));
        rig.allow(Scheme.https, "api.test", api.port(), READ, "/*");
        rig.beforeDurable = () -> assertTrue(rig.left().isEmpty());

        rig.inside("api.test", api.port(), get("/", "api.test:" + api.port()));

        assertEquals(1, api.requests.size());
        assertEquals(1, rig.requested.size());
    }

    @Test
    void nothing_leaves_if_it_cannot_be_recorded() throws Exception {
        Upstream web = rig.http("web.test", request -> Upstream.ok(""));
        rig.allow(Scheme.http, "web.test", web.port(), READ, "/*");
        rig.beforeDurable = () -> {
            throw new IllegalStateException("the call is over");
        };

        String url = "http://web.test:" + web.port() + "/";
        assertEquals("", rig.clear(get(url, "web.test:" + web.port())));
        assertTrue(rig.left().isEmpty());
    }

    @Test
    void what_no_rule_allows_is_refused_and_says_what_would_allow_it() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
        rig.allow(Scheme.https, "api.test", api.port(), READ, "/repos/acme/*");

        String path = rig.inside("api.test", api.port(), get("/gists", "api.test:" + api.port()));
        assertTrue(path.startsWith("HTTP/1.1 403 ") && path.contains("spec.sandbox.egress"), path);
        String method = rig.inside(
                "api.test",
                api.port(),
                "POST /repos/acme/x HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\nContent-Length: 6\r\n\r\nCANARY");
        assertTrue(method.startsWith("HTTP/1.1 403 "), method);
        IOException host = assertThrows(IOException.class, () -> rig.tunnel("evil.test", 443, "evil.test"));
        assertTrue(host.getMessage().startsWith("HTTP/1.1 403 "), host.getMessage());
        IOException port = assertThrows(IOException.class, () -> rig.tunnel("api.test", 443, "api.test"));
        assertTrue(port.getMessage().startsWith("HTTP/1.1 403 "), port.getMessage());

        assertTrue(rig.left().isEmpty());
        assertEquals(
                List.of("/gists", "/repos/acme/x", "", ""),
                rig.requested.stream().map(EgressRequest::path).toList());
        assertTrue(rig.requested.stream().noneMatch(EgressRequest::allowed));
        assertEquals(0, rig.lookups.get(), "not even a name is looked up");
    }

    @Test
    void several_requests_use_one_connection() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok(request.split(" ")[1]));
        rig.allow(Scheme.https, "api.test", api.port(), List.of("GET", "PUT"), "/*");
        String host = "api.test:" + api.port();

        String answers = rig.inside(
                "api.test",
                api.port(),
                "PUT /a HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 3\r\n\r\nabc"
                        + "PUT /b HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
                        + get("/c", host));

        assertEquals(4, answers.split("HTTP/1.1 200 OK").length, answers);
        assertTrue(answers.endsWith("/c"), answers);
        assertTrue(api.requests.getFirst().endsWith("\r\n\r\nabc"), api.requests.getFirst());
        String second = api.requests.get(1);
        assertTrue(second.endsWith("0\r\n\r\n") && second.contains("de"), second);
        await().until(() -> rig.ended.size() == 3);
        assertEquals(
                List.of(3L, 3L, 0L),
                rig.ended.stream().map(EgressEnd::requestBytes).toList());
    }

    @Test
    void a_tunnel_is_only_for_the_host_it_names() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
        rig.allow(Scheme.https, "api.test", api.port(), READ, "/*");

        assertThrows(IOException.class, () -> rig.tunnel("api.test", api.port(), "evil.test"));
        assertThrows(IOException.class, () -> rig.tunnel("api.test", api.port(), null));
        await().until(() -> rig.requested.size() == 2);
        assertTrue(rig.requested.stream().noneMatch(EgressRequest::allowed));
        assertTrue(rig.requested.getFirst().reason().contains("SNI"), rig.requested.toString());

        // Also not with a session that was begun for it.
        try (SSLSocket tls = rig.tunnel("api.test", api.port(), "API.test")) {
            assertEquals("api.test", name(tls));
        }
        assertTrue(rig.left().isEmpty());
    }

    @Test
    void a_client_shakes_hands_once() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
        rig.allow(Scheme.https, "api.test", api.port(), READ, "/*");
        rig.tlsVersion = "TLSv1.2";

        try (SSLSocket tls = rig.tunnel("api.test", api.port(), "api.test")) {
            byte[] request = Upstream.bytes(get("/", "api.test:" + api.port()));
            tls.getOutputStream().write(request);
            int length = 0;
            for (String text = ""; !text.endsWith("hello"); length++) {
                text += (char) tls.getInputStream().read();
            }
            int same = length;
            tls.getSession().invalidate();
            assertThrows(IOException.class, () -> {
                tls.startHandshake();
                tls.getOutputStream().write(request);
                if (tls.getInputStream().readNBytes(same).length < same) {
                    throw new IOException("it is over");
                }
            });
        }
    }

    private static String name(SSLSocket tls) throws Exception {
        var certificate = (X509Certificate) tls.getSession().getPeerCertificates()[0];
        return certificate.getSubjectAlternativeNames().iterator().next().get(1).toString();
    }

    @Test
    void a_host_that_is_not_who_it_says_is_not_spoken_to() throws Exception {
        Upstream other = rig.https("other.test", request -> Upstream.ok("hello"));
        rig.names.put("api.test", rig.names.get("other.test"));
        rig.allowWithCredential("api.test", other.port(), "api", READ, "/*");

        String answer = rig.inside("api.test", other.port(), get("/", "api.test:" + other.port()));

        assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("certificate"), answer);
        assertTrue(other.requests.isEmpty());
    }

    @Test
    void plain_http_is_for_rules_that_say_so() throws Exception {
        Upstream web = rig.http("web.test", request -> Upstream.ok("plain"));
        rig.allow(Scheme.http, "web.test", web.port(), READ, "/open");
        String host = "web.test:" + web.port();

        String answer = rig.clear(get("http://" + host + "/open", host));
        assertTrue(answer.endsWith("\r\n\r\nplain"), answer);
        assertTrue(rig.clear(get("https://" + host + "/open", host)).startsWith("HTTP/1.1 400 "));
        assertTrue(rig.clear(get("/open", host)).startsWith("HTTP/1.1 400 "));
        assertThrows(IOException.class, () -> rig.tunnel("web.test", web.port(), "web.test"));
        assertEquals(1, rig.left().size());
    }

    @Test
    void a_redirect_is_passed_on_and_not_followed() throws Exception {
        Upstream api = rig.https(
                "api.test",
                request -> Upstream.bytes(
                        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"));
        rig.allowWithCredential("api.test", api.port(), "api", READ, "/*");

        String answer = rig.inside("api.test", api.port(), get("/", "api.test:" + api.port()));

        assertTrue(answer.startsWith("HTTP/1.1 302 "), answer);
        assertTrue(answer.contains("Location: http://169.254.169.254/"), answer);
        assertEquals(1, rig.left().size());
        String next = rig.clear(get("http://169.254.169.254/", "169.254.169.254"));
        assertTrue(next.startsWith("HTTP/1.1 403 "), next);
    }

    @Test
    void a_missing_credential_is_told_and_nothing_is_sent() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok(""));
        rig.allowWithCredential("api.test", api.port(), "missing", READ, "/*");

        String answer = rig.inside("api.test", api.port(), get("/", "api.test:" + api.port()));

        assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("Secret 'missing'"), answer);
        assertTrue(rig.requested.getFirst().reason().contains("Secret 'missing'"));
        assertTrue(rig.left().isEmpty());
    }
}
