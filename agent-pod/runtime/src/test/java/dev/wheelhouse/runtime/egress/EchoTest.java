package dev.wheelhouse.runtime.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A host that repeats what it was sent does not give the credential away. */
class EchoTest {
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

    private String asked(byte[] answer, String... headers) throws Exception {
        Upstream api = rig.https("api.test", request -> answer);
        rig.allowWithCredential("api.test", api.port(), "api", List.of("GET"), "/*");
        String answered = rig.inside(
                "api.test",
                api.port(),
                "GET / HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\n" + String.join("", headers) + "\r\n");
        assertTrue(
                api.requests.getFirst().contains("Authorization: Bearer " + Rig.SECRET),
                "the host has it: " + api.requests);
        return answered;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<Arguments> forms() {
        String url = URLEncoder.encode(Rig.SECRET, StandardCharsets.UTF_8);
        return Stream.of(
                Arguments.of("as it is", "you sent Bearer " + Rig.SECRET + ".", Rig.SECRET),
                Arguments.of("twice in a row", Rig.SECRET + Rig.SECRET, Rig.SECRET),
                Arguments.of("after its own beginning", "s3cr+s3cr+t/val" + Rig.SECRET, Rig.SECRET),
                Arguments.of("base64", base64(Rig.SECRET), base64(Rig.SECRET).substring(0, 16)),
                Arguments.of("base64 of more", base64("Bearer " + Rig.SECRET), middle("Bearer ")),
                Arguments.of(
                        "base64 of more, moved",
                        base64("{\"a\":\"Bearer " + Rig.SECRET + "\"}"),
                        middle("{\"a\":\"Bearer ")),
                Arguments.of(
                        "base64 for URLs",
                        base64("x" + Rig.SECRET).replace('+', '-').replace('/', '_'),
                        base64("x" + Rig.SECRET)
                                .substring(4, 16)
                                .replace('+', '-')
                                .replace('/', '_')),
                Arguments.of("URL-encoded", "q=" + url, url),
                Arguments.of(
                        "URL-encoded in lower case",
                        url.replace("%2F", "%2f").replace("%3D", "%3d").replace("%2B", "%2b"),
                        "s3cr%2bt%2fvalue%3d42"),
                Arguments.of("JSON", "{\"auth\":\"" + Rig.SECRET.replace("/", "\\/") + "\"}", "t\\/value"),
                Arguments.of("hex", "7333637" + "22b742f76616c75653d3432", "22b742f76616c"),
                Arguments.of("UTF-16", String.join("\0", Rig.SECRET.split("")), "t\0/\0v"));
    }

    private static String middle(String before) {
        String all = base64(before + Rig.SECRET);
        return all.substring(all.length() - 12, all.length() - 4);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void it_is_masked_in_a_body(String name, String body, String mustNotBeThere) throws Exception {
        assertTrue(body.contains(mustNotBeThere), "the test looks for what the host says");
        String answer = asked(Upstream.ok(body));
        String got = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertFalse(got.contains(mustNotBeThere), got);
        assertTrue(got.contains("***"), got);
        assertEquals(body.length(), got.length());
    }

    @Test
    void it_is_masked_however_a_body_is_cut() throws Exception {
        StringBuilder chunks = new StringBuilder();
        ("x " + Rig.SECRET + " z")
                .chars()
                .forEach(c -> chunks.append("1\r\n").append((char) c).append("\r\n"));
        String answer =
                asked(Upstream.bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n"));
        String letters = answer.substring(answer.indexOf("\r\n\r\n") + 4)
                .replaceAll("[0-9a-f]+\r\n", "")
                .replace("\r\n", "");
        assertEquals("x " + "*".repeat(Rig.SECRET.length()) + " z", letters);
    }

    @Test
    void it_is_masked_in_headers_and_not_told_by_the_reason() throws Exception {
        String answer = asked(Upstream.bytes("HTTP/1.1 200 " + Rig.SECRET + "\r\nX-Echo: Bearer " + Rig.SECRET
                + "\r\nLocation: /?t=" + URLEncoder.encode(Rig.SECRET, StandardCharsets.UTF_8)
                + "\r\nContent-Length: 0\r\n\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("X-Echo: Bearer ***************\r\n"), answer);
        assertFalse(answer.contains("s3cr"), answer);
    }

    @Test
    void what_is_compressed_is_refused_and_not_even_asked_for() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(Upstream.bytes(Rig.SECRET));
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(Upstream.bytes(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + zipped.size() + "\r\n\r\n"));
        whole.write(zipped.toByteArray());
        String answer = asked(whole.toByteArray(), "Accept-Encoding: gzip\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("compressed"), answer);
        String sent = rig.left().getFirst();
        assertTrue(sent.contains("Accept-Encoding: identity\r\n") && !sent.contains("gzip"), sent);
    }

    @Test
    void it_cannot_be_asked_for_in_parts() throws Exception {
        String answer = asked(
                Upstream.bytes(
                        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/15\r\nContent-Length: 4\r\n\r\n"
                                + "s3cr"),
                "Range: bytes=0-3\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
        assertFalse(rig.left().getFirst().contains("Range"), rig.left().getFirst());
    }

    @Test
    void the_journal_has_neither_credential_nor_query() throws Exception {
        Upstream api = rig.https("api.test", request -> Upstream.ok(Rig.SECRET));
        rig.allowWithCredential("api.test", api.port(), "api", List.of("GET"), "/*");
        rig.inside(
                "api.test",
                api.port(),
                "GET /p?token=CANARY HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\nX-Mine: CANARY\r\n\r\n");
        String journal = rig.requested.toString() + rig.ended;
        assertTrue(journal.contains("/p?…"), journal);
        assertFalse(journal.contains("CANARY") || journal.contains("s3cr"), journal);
    }
}
