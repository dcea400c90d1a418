package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputLogTest {
    private static final int LIMIT = 4096;

    @TempDir
    Path folder;

    @Test
    void streamsKeepTheirOrderForEveryReader() throws Exception {
        var log = log();
        add(log, false, "a");
        add(log, true, "b");
        add(log, true, "c");
        add(log, false, "d");
        log.end();
        assertEquals("out:a err:bc out:d ", read(log));
        assertEquals("out:a err:bc out:d ", read(log));
        assertFalse(log.truncated());
        assertNull(log.file(false));
    }

    @Test
    void aReaderThatIsAheadGetsTheRest() throws Exception {
        var log = log();
        add(log, false, "a");
        var first = log.next(OutputLog.Position.START);
        add(log, false, "b");
        var second = log.next(first.then());
        assertEquals("a", new String(first.data(), StandardCharsets.UTF_8));
        assertEquals("b", new String(second.data(), StandardCharsets.UTF_8));
        log.end();
        assertNull(log.next(second.then()).data());
    }

    @Test
    void whatFitsIsNotCutAndLeavesNoFile() throws Exception {
        var log = log();
        var text = "x".repeat(LIMIT - 300);
        add(log, false, text);
        log.end();
        assertEquals("out:" + text + " ", read(log));
        assertFalse(log.truncated());
        assertNull(log.file(false));
        try (var files = Files.walk(folder)) {
            assertTrue(files.noneMatch(Files::isRegularFile));
        }
    }

    @Test
    void whatComesAfterTheEndIsOfNoInterest() throws Exception {
        var log = log();
        add(log, false, "a".repeat(2 * LIMIT));
        add(log, true, "b");
        log.end();
        var before = read(log);
        add(log, false, "c".repeat(2 * LIMIT));
        add(log, true, "d".repeat(2 * LIMIT));
        assertEquals(before, read(log));
        assertEquals(2 * LIMIT, log.total(false));
        assertEquals(1, log.total(true));
        assertNull(log.file(true));
    }

    @Test
    void manyTinyPiecesAreBoundedToo() {
        var log = log();
        for (var i = 0; i < 1_000_000; i++) {
            add(log, i % 2 == 0, "x");
        }
        log.end();
        assertTrue(log.truncated());
        assertEquals(500_000, log.total(false));
        assertEquals(500_000, log.total(true));
        assertTrue(log.bytes() < 4 * LIMIT, log.bytes() + " bytes");
    }

    /** A folder that cannot be made stands for a full disk: the output is cut all the same. */
    @Test
    void noRoomForTheFileHarmsNothing() throws Exception {
        var file = Files.createFile(folder.resolve("no-folder"));
        var spools = new SpoolFolder(file, file);
        var log = new OutputLog(LIMIT, spools.of("c", "stdout"), spools.of("c", "stderr"));
        add(log, false, "x".repeat(10 * LIMIT));
        log.end();
        assertTrue(log.truncated());
        assertNull(log.file(false));
        assertTrue(read(log).contains("bytes left out ...]"));
    }

    @Test
    void whatWasDroppedIsNotWaitedFor() throws Exception {
        var log = log();
        add(log, false, "x");
        log.end();
        log.drop();
        assertEquals("", read(log));
        assertTrue(log.truncated());
    }

    private OutputLog log() {
        var spools = new SpoolFolder(folder, folder);
        return new OutputLog(LIMIT, spools.of("call", "stdout"), spools.of("call", "stderr"));
    }

    private static void add(OutputLog log, boolean stderr, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        log.add(stderr, bytes, bytes.length);
    }

    private static String read(OutputLog log) throws InterruptedException, IOException {
        var all = new StringBuilder();
        var at = OutputLog.Position.START;
        for (var next = log.next(at); next.data() != null; next = log.next(at)) {
            all.append(next.stderr() ? "err:" : "out:")
                    .append(new String(next.data(), StandardCharsets.UTF_8))
                    .append(' ');
            at = next.then();
        }
        return all.toString();
    }
}
