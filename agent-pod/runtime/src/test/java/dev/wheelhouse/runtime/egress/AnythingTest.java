package dev.wheelhouse.runtime.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.EgressLimits;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever bytes a client sends, nothing leaves that a rule does not allow. */
class AnythingTest {
    private static final String HOST = "HOST";
    private static final List<String> SEEDS = List.of(
            "GET http://HOST/open/a HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "POST http://HOST/open/a?b=c HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\n\r\nabc",
            "POST http://HOST/open/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "GET http://HOST/shut HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "DELETE http://HOST/open/a HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "GET http://HOST/open/%2e%2e/shut HTTP/1.1\r\nHost: HOST\r\n\r\n");
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            "\0",
            ":",
            "/",
            "//",
            "..",
            "%2e",
            "%2f",
            "%",
            "?",
            "#",
            "@",
            "\\",
            ";",
            "0",
            "Host: evil.test\r\n",
            "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: x\r\n",
            "HTTP/1.1",
            "HTTP/1.0",
            "GET ",
            "DELETE ",
            "CONNECT ",
            "http://",
            "HOST",
            "/shut",
            "/open/",
            "GET http://HOST/shut HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "X-HTTP-Method-Override: DELETE\r\n",
            "Connection: Host\r\n",
            "Upgrade: h2c\r\n",
            "\u00e9",
            "Expect: 100-continue\r\n",
            "ffffffffffffffff\r\n",
            "0\r\n\r\n");

    private static Rig rig;
    private static Upstream web;

    @BeforeContainer
    static void start() throws Exception {
        rig = new Rig(Files.createTempDirectory("egress"));
        web = rig.http("web.test", request -> Upstream.ok("ok"));
        rig.allow(Scheme.http, "web.test", web.port(), List.of("GET", "POST"), "/open/*");
        rig.counters = new EgressCounters(Long.MIN_VALUE / 2);
        rig.limits = new EgressLimits(100_000, Integer.MAX_VALUE, null, null);
    }

    @AfterContainer
    static void stop() throws IOException {
        rig.close();
    }

    @Property(tries = 1500)
    void nothing_leaves_that_no_rule_allows(@ForAll long seed) throws IOException {
        int before = rig.left().size();
        String raw = mutated(new Random(seed)).replace(HOST, "web.test:" + web.port());

        rig.clear(raw);

        List<String> left = rig.left();
        for (String request : left.subList(before, left.size())) {
            String line = request.split("\r\n", 2)[0];
            assertTrue(line.isEmpty() || line.matches("(GET|POST) /open/[!-~]* HTTP/1\\.1"), line);
            String path = line.isEmpty() ? "" : line.split(" ")[1].split("\\?")[0].toLowerCase(Locale.ROOT);
            assertTrue(!List.of(path.split("/")).contains("..") && !path.contains("%2f"), line);
            assertEquals(request.isEmpty() ? 0 : 1, count(request, "\r\nHost: "), request);
            assertTrue(request.isEmpty() || request.contains("\r\nHost: web.test:" + web.port() + "\r\n"), request);
            assertEquals(0, count(request, "\r\nX-HTTP-Method-Override:"), request);
        }
        long recorded = rig.requested.stream().filter(EgressRequest::allowed).count();
        assertTrue(left.size() <= recorded, left.size() + " left, " + recorded + " recorded");
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private static String mutated(Random random) {
        StringBuilder raw = new StringBuilder();
        int requests = 1 + random.nextInt(2);
        for (int i = 0; i < requests; i++) {
            raw.append(SEEDS.get(random.nextInt(SEEDS.size())));
        }
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(raw.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> raw.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> raw.delete(at, Math.min(raw.length(), at + 1 + random.nextInt(6)));
                case 2 -> raw.replace(at, Math.min(raw.length(), at + 1), PIECES.get(random.nextInt(PIECES.size())));
                default -> raw.insert(at, raw.substring(at, Math.min(raw.length(), at + random.nextInt(40))));
            }
        }
        return new String(raw.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
    }
}
