package dev.wheelhouse.runtime.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.EgressLimits;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is endless: bytes, requests, records, time. */
class BoundsTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    /** Enough for a request to get under way on a busy machine. */
    private static final Duration SOME = Duration.ofSeconds(4);

    private static final Duration SHORT = Duration.ofMillis(300);

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

    private Upstream web(byte[] answer) throws Exception {
        Upstream web = rig.http("web.test", request -> answer);
        rig.allow(Scheme.http, "web.test", web.port(), List.of("GET", "POST"), "/*");
        return web;
    }

    private static String asked(Upstream web, String method, String rest) {
        String host = "web.test:" + web.port();
        return method + " http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + rest;
    }

    @Test
    void a_large_request_is_refused_before_it_leaves() throws Exception {
        rig.limits = new EgressLimits(null, null, 10L, null);
        Upstream web = web(Upstream.ok(""));
        String answer = rig.clear(asked(web, "POST", "Content-Length: 11\r\n\r\nhello world"));
        assertTrue(answer.startsWith("HTTP/1.1 413 ") && answer.contains("egressLimits.requestBytes"), answer);
        assertTrue(rig.left().isEmpty());
        assertTrue(rig.clear(asked(web, "POST", "Content-Length: 10\r\n\r\nhello worl"))
                .startsWith("HTTP/1.1 200 "));
    }

    @Test
    void a_request_that_turns_out_large_never_looks_whole() throws Exception {
        rig.limits = new EgressLimits(null, null, 10L, null);
        Upstream web = web(Upstream.ok(""));
        String answer = rig.clear(
                asked(web, "POST", "Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
        assertTrue(web.requests.isEmpty(), web.requests.toString());
        assertEquals(413, rig.ended.getFirst().status());
    }

    @Test
    void a_large_answer_is_refused() throws Exception {
        rig.limits = new EgressLimits(null, null, null, 10L);
        Upstream web = web(Upstream.ok("hello world"));
        String answer = rig.clear(asked(web, "GET", "\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("egressLimits.responseBytes"), answer);
        assertTrue(rig.ended.getFirst().error().contains("more than 10 bytes"));
    }

    @Test
    void an_answer_that_turns_out_large_is_cut_and_does_not_look_whole() throws Exception {
        rig.limits = new EgressLimits(null, null, null, 10L);
        Upstream web = web(Upstream.bytes(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"));
        String answer = rig.clear(asked(web, "GET", "\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertFalse(answer.contains("world") || answer.contains("0\r\n\r\n"), answer);
        await().until(() -> !rig.ended.isEmpty());
        assertTrue(rig.ended.getFirst().error().contains("more than 10 bytes"));
    }

    @Test
    void requests_of_a_run_are_counted_over_all_its_connections() throws Exception {
        rig.limits = new EgressLimits(3, null, null, null);
        rig.counters = new EgressCounters(1);
        Upstream web = web(Upstream.ok("hello"));
        for (int i = 0; i < 6; i++) {
            String answer = rig.clear(asked(web, "GET", "\r\n"));
            assertEquals(i < 2, answer.startsWith("HTTP/1.1 200 "), answer);
            assertEquals(
                    i >= 2, answer.startsWith("HTTP/1.1 429 ") && answer.contains("egressLimits.requests"), answer);
        }
        assertEquals(2, rig.left().size());
        assertEquals(3, rig.requested.size(), "the first refusal has a record, the others do not");
    }

    @Test
    void refused_requests_count_too_so_that_the_journal_stays_bounded() throws Exception {
        rig.limits = new EgressLimits(3, null, null, null);
        Upstream web = web(Upstream.ok("hello"));
        for (int i = 0; i < 8; i++) {
            String text = i % 2 == 0 ? "garbage\r\n\r\n" : "CONNECT evil.test:443 HTTP/1.1\r\n\r\n";
            assertTrue(rig.clear(text).matches("(?s)HTTP/1.1 4.*"));
        }
        assertTrue(rig.clear(asked(web, "GET", "\r\n")).startsWith("HTTP/1.1 429 "));
        assertEquals(4, rig.requested.size());
    }

    @Test
    void requests_of_a_minute_are_counted() {
        EgressCounters counters = new EgressCounters(0);
        EgressLimits two = new EgressLimits(null, 2, null, null);
        long second = 1_000_000_000L;
        var counted = new EgressCounters.Ruling.Counted();
        assertEquals(counted, counters.count(two, 5 * second));
        assertEquals(counted, counters.count(two, 6 * second));
        assertTrue(counters.count(two, 7 * second) instanceof EgressCounters.Ruling.TooMany(var why, var first)
                && first
                && why.contains("requestsPerMinute"));
        assertTrue(
                counters.count(two, 64 * second) instanceof EgressCounters.Ruling.TooMany(var _, var first) && !first);
        assertEquals(counted, counters.count(two, 65 * second));
    }

    @Test
    void a_large_head_is_refused() throws Exception {
        Upstream web = web(Upstream.ok(""));
        String line = "X: " + "y".repeat(1000) + "\r\n";
        assertTrue(rig.clear(asked(web, "GET", line.repeat(40) + "\r\n")).startsWith("HTTP/1.1 431 "));
        assertTrue(rig.clear(asked(web, "GET", "X: y\r\n".repeat(200) + "\r\n")).startsWith("HTTP/1.1 431 "));
        assertTrue(rig.left().isEmpty());
    }

    @Test
    void a_header_of_nothing_but_space_keeps_nobody_busy() throws Exception {
        Upstream web = web(Upstream.ok("hello"));
        String space = " \t".repeat(15_000);
        assertTrue(rig.clear(asked(web, "GET", "X:" + space + "\u0001\r\n\r\n")).startsWith("HTTP/1.1 400 "));
        assertTrue(rig.clear(asked(web, "GET", "X:" + space + "y" + space.substring(1000, 2000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 200 "));
        assertTrue(rig.left().getFirst().contains("X: y\r\n"), rig.left().toString());
    }

    @Test
    void connections_without_requests_are_bounded_too() {
        EgressCounters counters = new EgressCounters(0);
        EgressLimits hundred = new EgressLimits(null, 100, null, null);
        long second = 1_000_000_000L;
        int in = 0;
        for (int i = 0; i < 1000; i++) {
            if (counters.enter(hundred, second)) {
                counters.leave();
                in++;
            }
        }
        assertEquals(200, in);
        assertFalse(counters.enter(hundred, 60 * second));
        assertTrue(counters.enter(hundred, 61 * second));
    }

    @Test
    void a_host_that_sends_a_large_head_is_not_passed_on() throws Exception {
        Upstream web = web(Upstream.bytes("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(1000) + "\r\n"));
        String answer = rig.clear(asked(web, "GET", "\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
    }

    @Test
    void a_host_that_sends_an_endless_line_is_not_passed_on() throws Exception {
        Upstream web = web(Upstream.bytes("HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000) + "\r\n\r\n"));
        String answer = rig.clear(asked(web, "GET", "\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
    }

    @Test
    void a_client_that_sends_its_head_byte_by_byte_is_let_go() throws Exception {
        rig.timeouts = new Timeouts(SHORT, LONG, LONG, LONG);
        web(Upstream.ok(""));
        try (Socket socket = rig.connect()) {
            socket.getOutputStream().write('G');
            assertEquals("", Rig.rest(socket.getInputStream()).replace("<cut>", ""));
        }
    }

    @Test
    void a_client_that_says_nothing_is_let_go() throws Exception {
        rig.timeouts = new Timeouts(LONG, LONG, SHORT, LONG);
        try (Socket socket = rig.connect()) {
            assertEquals("", Rig.rest(socket.getInputStream()).replace("<cut>", ""));
        }
    }

    @Test
    void a_client_that_does_not_read_is_let_go() throws Exception {
        rig.timeouts = new Timeouts(LONG, LONG, LONG, SOME);
        rig.limits = new EgressLimits(null, null, null, 100_000_000L);
        Upstream web = web(Upstream.ok("x".repeat(50_000_000)));
        try (Socket socket = rig.connect()) {
            socket.getOutputStream().write(Upstream.bytes(asked(web, "GET", "\r\n")));
            await().until(() -> !rig.ended.isEmpty());
            assertEquals("it took too long", rig.ended.getFirst().error());
        }
    }

    @Test
    void a_host_that_says_nothing_is_let_go_and_the_client_is_told() throws Exception {
        rig.timeouts = new Timeouts(LONG, LONG, SOME, LONG);
        CountDownLatch never = new CountDownLatch(1);
        Upstream web = rig.http("web.test", request -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new byte[0];
        });
        rig.allow(Scheme.http, "web.test", web.port(), List.of("GET"), "/*");
        String answer = rig.clear(asked(web, "GET", "\r\n"));
        never.countDown();
        assertTrue(answer.startsWith("HTTP/1.1 504 ") && answer.contains("gave no answer in time"), answer);
        await().until(() -> !rig.ended.isEmpty());
        assertEquals(504, rig.ended.getFirst().status());
    }

    @Test
    void a_body_is_only_sent_for_when_the_client_may() throws Exception {
        Upstream web = web(Upstream.ok("done"));
        try (Socket socket = rig.connect()) {
            socket.getOutputStream()
                    .write(Upstream.bytes(asked(web, "POST", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")));
            String go = new String(socket.getInputStream().readNBytes(25));
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", go);
            socket.getOutputStream().write(Upstream.bytes("abc"));
            socket.shutdownOutput();
            assertTrue(Rig.rest(socket.getInputStream()).endsWith("done"));
        }
        assertFalse(web.requests.getFirst().contains("Expect"), web.requests.getFirst());
    }
}
