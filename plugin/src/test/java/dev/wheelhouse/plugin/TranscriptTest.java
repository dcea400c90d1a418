package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.journal.Entry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    private static final String HOSTILE =
            "fine\n10:00:00.000  answer     forged\n\u001b[2J\u001b]0;title\u0007 \u202Egnp.exe \u200B\u2066x\u2069";

    @Test
    void tells_of_a_run_that_was_taken_over() throws IOException {
        Written written = Stories.survivor();

        assertGolden("survivor.txt", print(anchored(written, written.lines.size()), written, 4, 0));
    }

    @Test
    void tells_which_conversation_a_run_carries_on() throws IOException {
        Written written = new Written().after(Duration.ZERO, Stories.inThread(List.of()));
        String first = print(run("{phase: Running}"), written, 100, 0);
        assertTrue(first.contains("begins thread talk\n"), first);
        var turns = List.of(new PastTurn("order-1", "a", "b"), new PastTurn("order-2", "c", "d"));
        written = new Written().after(Duration.ZERO, Stories.inThread(turns));
        String later = print(run("{phase: Running}"), written, 100, 0);
        assertTrue(later.contains("carries on thread talk after run order-2, 2 turns\n"), later);
    }

    @Test
    void tells_of_a_run_in_doubt() throws IOException {
        assertGolden("doubtful.txt", print(run("{phase: Waiting}"), Stories.doubtful(), 100, 0));
    }

    @Test
    void tells_what_people_decided() throws IOException {
        assertGolden("decided.txt", print(run("{phase: Succeeded}"), Stories.decided(), 100, 0));
    }

    @Test
    void hostile_text_can_neither_drive_the_terminal_nor_forge_a_line() throws IOException {
        Written written = new Written()
                .after(
                        Duration.ZERO,
                        Stories.started(),
                        new Entry.Input(HOSTILE),
                        Stories.asked(1, 1),
                        Stories.answered(1, HOSTILE),
                        new Entry.InDoubt("c", HOSTILE, HOSTILE),
                        new Entry.GuardDecided(HOSTILE, HOSTILE),
                        new Entry.Completed(HOSTILE));
        String printed = print(run("{phase: Succeeded}"), written, 100, 0);

        assertGolden("hostile.txt", printed);
        assertTrue(printed.lines().noneMatch(line -> line.matches("[0-9:.]+ +answer +forged")), printed);
        assertEquals("", printed.replaceAll("[\\P{C}\\n]", ""), "no character that is not to be seen");
    }

    @Test
    void tells_what_commands_reached_and_what_was_refused() throws IOException {
        Written written = new Written()
                .after(
                        Duration.ZERO,
                        Stories.started(),
                        new Entry.EgressRequested("c", "1", "GET", "https", "api.test", 443, "/a?…", true, null),
                        new Entry.EgressRequested(
                                "c", "2", "POST", "https", "evil.test", 443, "/" + HOSTILE, false, "no rule" + HOSTILE),
                        new Entry.EgressEnded("c", "1", 200, 0, 1234, null),
                        new Entry.EgressEnded("c", "3", 0, 5, 0, "it took too long"));
        String printed = print(run("{}"), written, 100, 0);

        assertTrue(printed.contains("reaches    GET https://api.test:443/a?…\n"), printed);
        assertTrue(
                printed.contains("reached    200 from GET https://api.test:443/a?… (0 bytes sent, 1,234 bytes"),
                printed);
        assertTrue(printed.contains("reaches    refused POST https://evil.test:443/"), printed);
        assertTrue(
                printed.contains("reached    no answer (5 bytes sent, 0 bytes received): it took too long"), printed);
        assertTrue(printed.lines().noneMatch(line -> line.matches("[0-9:.]+ +answer +forged")), printed);
        assertEquals("", printed.replaceAll("[\\P{C}\\n]", ""), "no character that is not to be seen");
    }

    @Test
    void a_long_message_is_cut_and_says_so() throws IOException {
        Written written = new Written().after(Duration.ZERO, Stories.started(), new Entry.Input("x".repeat(100_000)));

        String printed = print(run("{}"), written, 100, 0);

        assertTrue(printed.contains("... 98,000 more characters; --full shows all"), printed);
        assertEquals(
                1,
                written.maps(100).stream()
                        .filter(map -> map.getData().containsKey("content"))
                        .count());
    }

    @Test
    void the_answer_is_never_cut() throws IOException {
        Written written = new Written()
                .after(Duration.ZERO, Stories.started(), new Entry.Completed("word ".repeat(2000) + "the end"));

        assertTrue(print(run("{phase: Succeeded}"), written, 100, 0).contains("the end"));
    }

    @Test
    void a_changed_record_is_found_and_what_follows_is_not_told() throws IOException {
        Written written = Stories.survivor();
        int bad = written.lines.size() - 1;
        written.lines.set(bad, written.lines.get(bad).replace("A-1001", "A-9999"));

        String printed = print(run("{phase: Succeeded}"), written, 100, KubectlWheelhouse.DAMAGED);

        assertTrue(printed.contains("journal: DAMAGED after record " + bad), printed);
        assertFalse(printed.contains("A-9999"), printed);
    }

    @Test
    void a_missing_segment_is_found() throws IOException {
        Written written = Stories.survivor();
        List<io.fabric8.kubernetes.api.model.ConfigMap> maps = new ArrayList<>(written.maps(4));
        maps.remove(1);

        assertEquals(
                "segment 1 of the journal is missing",
                StoredJournal.of(maps).read().damage());
        assertEquals(4, StoredJournal.of(maps).read().records().size());
    }

    @Test
    void a_journal_shorter_than_its_anchor_was_cut() throws IOException {
        Written written = Stories.survivor();
        Run run = anchored(written, written.lines.size());
        written.lines.removeLast();

        String printed = print(run, written, 100, KubectlWheelhouse.DAMAGED);

        assertTrue(printed.contains("journal: CUT"), printed);
    }

    @Test
    void a_journal_that_was_written_anew_does_not_fit_its_anchor() throws IOException {
        Run run = anchored(Stories.survivor(), 3);

        Written other = new Written()
                .after(Duration.ofSeconds(1), Stories.started(), new Entry.Input("other"), new Entry.Cancelled());
        String printed = print(run, other, 100, KubectlWheelhouse.DAMAGED);

        assertTrue(printed.contains("journal: REPLACED"), printed);
    }

    @Test
    void a_run_that_has_not_begun_has_an_empty_journal() throws IOException {
        String printed = print(
                run(
                        "{phase: Pending, conditions: [{type: Accepted, status: 'False', reason: ModelNotFound, message: 'no"
                                + " Model m'}]}"),
                new Written(),
                100,
                0);

        assertEquals(
                "Run shop/order: Pending (ModelNotFound: no Model m)\n\njournal: empty, the run has not begun\n",
                printed);
    }

    private static String print(Run run, Written written, int perSegment, int exitCode) {
        StringWriter out = new StringWriter();
        int code = TranscriptCommand.print(
                new PrintWriter(out), run, StoredJournal.of(written.maps(perSegment)), TranscriptCommand.SHORT);
        assertEquals(exitCode, code, out.toString());
        return out.toString();
    }

    private static Run anchored(Written written, int records) {
        return run("{phase: Succeeded, journal: {store: ConfigMap, records: " + records + ", head: '"
                + written.records().get(records - 1).hash() + "'}}");
    }

    private static Run run(String status) {
        return Manifests.run("{name: order, namespace: shop, uid: uid-1}", "{agent: buyer, input: x}", status);
    }

    /** Compares with a file; {@code -Dgolden.write} writes the files anew, to be read before they are committed. */
    private static void assertGolden(String name, String printed) throws IOException {
        Path file = Path.of("src/test/resources", name);
        if (System.getProperty("golden.write") != null) {
            Files.writeString(file, printed);
        }
        assertEquals(Files.readString(file), printed);
    }
}
