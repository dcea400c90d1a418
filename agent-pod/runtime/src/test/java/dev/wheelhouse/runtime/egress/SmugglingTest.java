package dev.wheelhouse.runtime.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two readers could understand differently are refused: nothing of them leaves. */
class SmugglingTest {
    @TempDir
    Path folder;

    private Rig rig;
    private Upstream web;
    private String host;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig(folder);
        web = rig.http("web.test", request -> Upstream.ok("got " + request.split(" ")[1]));
        host = "web.test:" + web.port();
        rig.allow(Scheme.http, "web.test", web.port(), List.of("GET", "POST"), "/open/*");
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    /** H stands for the host and the line ends are CR LF. */
    private String raw(String text) {
        return text.replace("H!", host).replace("|", "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://H!/open/a HTTP/1.1|Host: evil.test||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|Host: H!||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|host: evil.test||",
                "GET http://H!/open/a HTTP/1.1||",
                "GET http://H!/open/a HTTP/1.1|Host: H!@evil.test||",
                "GET http://evil.test@H!/open/a HTTP/1.1|Host: H!||",
                "GET http://H!@evil.test/open/a HTTP/1.1|Host: H!||",
                "GET http://H!\\@evil.test/open/a HTTP/1.1|Host: H!||",
                "GET http://web.test/open/a HTTP/1.1|Host: H!||",
                "GET http://web.test:99999/open/a HTTP/1.1|Host: web.test:99999||",
                "GET http://[::1]/open/a HTTP/1.1|Host: [::1]||",
                "GET http://web.test.:80/open/a HTTP/1.1|Host: web.test.:80||",
                "GET ftp://H!/open/a HTTP/1.1|Host: H!||",
                "GET //H!/open/a HTTP/1.1|Host: H!||",
                "GET * HTTP/1.1|Host: H!||",
                "TRACE http://H!/open/a HTTP/1.1|Host: H!||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|Upgrade: h2c|Connection: Upgrade||",
                "PRI * HTTP/2.0||SM||",
                "GET http://H!/open/a HTTP/2.0|Host: H!||",
                "GET http://H!/open/a|Host: H!||",
                "GET  http://H!/open/a HTTP/1.1|Host: H!||",
                "GET http://H!/open/a HTTP/1.1 |Host: H!||",
                "GET http://H!/open/a b HTTP/1.1|Host: H!||",
                "GET\thttp://H!/open/a HTTP/1.1|Host: H!||",
                "|GET http://H!/open/a HTTP/1.1|Host: H!||",
                "GET http://H!/open/a HTTP/1.1|Host: H!| folded: yes||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|X: a|\tfolded||",
                "GET http://H!/open/a HTTP/1.1|Host : H!||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|X y: z||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|: z||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|no colon||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|X: a\0b||",
                "GET http://H!/open/a HTTP/1.1\nHost: H!\n\n",
                "GET http://H!/open/a HTTP/1.1|Host: H!|X: a\nY: b||",
                "GET http://H!/open/a HTTP/1.1|Host: H!|X: a\rY: b||",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 3|Transfer-Encoding: chunked||0||",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 3|Content-Length: 3||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 3, 3||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: +3||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 0x3||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: -1||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length:||abc",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Transfer-Encoding: gzip, chunked||0||",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Transfer-Encoding: xchunked||0||",
                "POST http://H!/open/a HTTP/1.1|Host: H!|Transfer-Encoding: chunked|Transfer-Encoding: identity||0||",
                "POST http://H!/open/a HTTP/1.0|Host: H!|Transfer-Encoding: chunked||0||",
                "GET http://H!/open/../shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/%2e%2e/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/.%2E/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/..;/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/..%2fshut HTTP/1.1|Host: H!||",
                "GET http://H!/open/%252e%252e/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/%25%32%65%25%32%65/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/%c0%ae%c0%ae/shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/..\\shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/%5c..%5cshut HTTP/1.1|Host: H!||",
                "GET http://H!/open//../shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/./a HTTP/1.1|Host: H!||",
                "GET http://H!//shut HTTP/1.1|Host: H!||",
                "GET http://H!/open/a%00 HTTP/1.1|Host: H!||",
                "GET http://H!/open/a%0d%0aX:%20y HTTP/1.1|Host: H!||",
                "GET http://H!/open/a%zz HTTP/1.1|Host: H!||",
                "GET http://H!/open/a#b HTTP/1.1|Host: H!||",
                "GET http://H!/OPEN/a HTTP/1.1|Host: H!||",
                "GET http://H!/open HTTP/1.1|Host: H!||",
                "GET http://H!?/open/a HTTP/1.1|Host: H!||",
                "get http://H!/open/a HTTP/1.1|Host: H!||",
                "CONNECT H! HTTP/1.1|Host: H!||",
                "CONNECT web.test HTTP/1.1|Host: H!||",
                "CONNECT http://H!/ HTTP/1.1|Host: H!||",
                "CONNECT 0x7f000001:443 HTTP/1.1|Host: 0x7f000001:443||",
                "CONNECT 2130706433:443 HTTP/1.1|Host: 2130706433:443||",
                "CONNECT 169.254.169.254:80 HTTP/1.1|Host: 169.254.169.254:80||",
                "CONNECT [::ffff:169.254.169.254]:80 HTTP/1.1|Host: [::ffff:169.254.169.254]:80||",
                "CONNECT kubernetes.default.svc:443 HTTP/1.1|Host: kubernetes.default.svc:443||",
                "GET http://169.254.169.254/latest HTTP/1.1|Host: 169.254.169.254||",
                "\u0016\u0003\u0001\u0002garbage",
            })
    void it_is_refused(String text) throws IOException {
        String answer = rig.clear(raw(text));
        assertTrue(answer.isEmpty() || answer.matches("(?s)HTTP/1.1 4[0-9][0-9] .*"), answer);
        assertTrue(rig.left().isEmpty(), rig.left().toString());
        assertTrue(rig.requested.stream().noneMatch(EgressRequest::allowed), rig.requested.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"g|abc|0||", "-1|abc|0||", "3|abcd|0||", "3|ab", "3|abc|", "|0||", "ffffffffffffffffff|a|0||"})
    void a_body_in_bad_chunks_never_looks_whole(String body) throws IOException {
        String answer = rig.clear(raw("POST http://H!/open/a HTTP/1.1|Host: H!|Transfer-Encoding: chunked||" + body));
        assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 400 "), answer);
        assertTrue(web.requests.isEmpty(), web.requests.toString());
    }

    @Test
    void a_body_that_ends_early_never_looks_whole() throws IOException {
        rig.clear(raw("POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 5||abc"));
        assertTrue(web.requests.isEmpty(), web.requests.toString());
    }

    @Test
    void what_follows_a_body_is_a_request_of_its_own_and_judged_as_such() throws IOException {
        String answer = rig.clear(raw("POST http://H!/open/a HTTP/1.1|Host: H!|Content-Length: 3||abc"
                + "GET http://H!/shut HTTP/1.1|Host: H!||"));
        assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.contains("HTTP/1.1 403 "), answer);
        assertEquals(1, rig.left().size());
    }

    @Test
    void after_a_refusal_the_connection_ends() throws IOException {
        String answer =
                rig.clear(raw("GET http://H!/shut HTTP/1.1|Host: H!||GET http://H!/open/a HTTP/1.1|Host: H!||"));
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
        assertFalse(answer.contains("200"), answer);
        assertTrue(rig.left().isEmpty());
    }

    @Test
    void headers_of_the_connection_and_those_that_rename_a_request_stay_here() throws IOException {
        rig.clear(raw("GET http://H!/open/a HTTP/1.1|Host: H!|Connection: X-Secret, close|X-Secret: 1"
                + "|Proxy-Connection: keep-alive|Proxy_Authorization: x|TE: trailers|Keep-Alive: 5|Trailer: X"
                + "|X-HTTP-Method-Override: DELETE|X-Original-URL: /shut|X_Rewrite_Url: /shut"
                + "|X-Forwarded-Host: evil.test|Forwarded: host=evil.test|X-Fine: yes||"));
        assertEquals(raw("GET /open/a HTTP/1.1|Host: H!|X-Fine: yes|Connection: close||"), web.requests.getFirst());
    }

    @Test
    void inside_of_a_tunnel_only_its_host_is_spoken_to() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
        rig.allow(Scheme.https, "api.test", api.port(), List.of("GET"), "/*");
        String to = "api.test:" + api.port();
        for (String request : List.of(
                "GET / HTTP/1.1|Host: evil.test||",
                "GET / HTTP/1.1|Host: api.test||",
                "GET https://evil.test/ HTTP/1.1|Host: " + to + "||",
                "GET https://" + to + "/ HTTP/1.1|Host: " + to + "||",
                "CONNECT evil.test:443 HTTP/1.1|Host: evil.test:443||",
                "CONNECT " + to + " HTTP/1.1|Host: " + to + "||",
                "GET / HTTP/1.1|Host: " + to + "|Upgrade: websocket|Connection: upgrade||")) {
            String answer = rig.inside("api.test", api.port(), raw(request));
            assertTrue(answer.matches("(?s)HTTP/1.1 4[0-9][0-9] .*"), request + " " + answer);
        }
        assertTrue(rig.left().isEmpty(), rig.left().toString());
        assertEquals(7, rig.requested.size());
    }
}
