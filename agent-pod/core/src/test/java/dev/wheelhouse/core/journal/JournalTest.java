package dev.wheelhouse.core.journal;

import static dev.wheelhouse.core.sim.Specs.RUN;
import static dev.wheelhouse.core.sim.Specs.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.Fold;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Specs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Specs.START);

    private final MemoryStore store = new MemoryStore();

    private Journal open(long epoch) throws Exception {
        return Journal.open(store, RUN, epoch, CLOCK);
    }

    private List<JournalRecord> written(Entry... entries) throws Exception {
        Journal journal = open(1);
        for (Entry entry : entries) {
            journal.stage(entry);
        }
        journal.flush();
        assertEquals(journal.records(), open(1).records(), "read back as it was staged");
        return open(1).records();
    }

    @Test
    void everyEntryIsReadBackAsItWasWritten() throws Exception {
        var started = new Entry.RunStarted(Specs.run(Specs.tool("pay", EffectClass.AT_MOST_ONCE)));
        var records = written(started, new Entry.Input("hello"), new Entry.Epoch(1));
        assertEquals(started, records.getFirst().entry());
        assertEquals(new Entry.Input("hello"), records.get(1).entry());
    }

    @Test
    void requestsOfCommandsAreReadBackAndCounted() throws Exception {
        var asked = new Entry.EgressRequested("c", "1", "GET", "https", "host.test", 443, "/a?…", false, "no rule");
        var ended = new Entry.EgressEnded("c", "1", 0, 3, 4, null);
        var records = written(new Entry.RunStarted(Specs.run()), asked, ended);
        assertEquals(asked, records.get(1).entry());
        assertEquals(ended, records.get(2).entry());
        State state = Fold.all(records);
        assertEquals(1, state.egress());
        assertNull(state.problem());
    }

    @Test
    void whatIsAbsentStaysAbsent() throws Exception {
        var answer = new Entry.ModelResponded(1, "m", "scripted", "", List.of(), false, TokenUsage.NONE, null, null);
        var read = assertInstanceOf(
                Entry.ModelResponded.class, written(answer).getFirst().entry());
        assertNull(read.raw());
        assertNull(read.costMicros());
    }

    @Test
    void numbersKeepEveryDigit() throws Exception {
        var exact = (ObjectNode) json("{\"id\":12345678901234567890123,\"d\":0.10,\"e\":1e400}");
        var near = (ObjectNode) json("{\"id\":12345678901234567890124,\"d\":0.10,\"e\":1e400}");
        var intent = assertInstanceOf(
                Entry.ToolIntent.class, written(intent(exact)).getFirst().entry());
        assertEquals(exact, intent.arguments());
        assertEquals("0.10", intent.arguments().get("d").asText());
        assertNotEquals(Canonical.digest(exact), Canonical.digest(near));
        assertEquals(
                Canonical.digest(json("{\"a\":1,\"b\":[2.50]}")), Canonical.digest(json("{ \"b\":[2.5], \"a\":1.0}")));
    }

    private static Entry.ToolIntent intent(ObjectNode arguments) {
        return new Entry.ToolIntent("a", "t", EffectClass.READ_ONLY, arguments, "sha256:0", "key", 1, null, null, null);
    }

    /** Who does not know of places would look for the call elsewhere, not find it, and make it again. */
    @Test
    void aReaderThatKnowsOfNoPlacesStopsAtOne() throws Exception {
        var nowhere = intent((ObjectNode) json("{}"));
        var somewhere = new Entry.ToolIntent(
                "a", "t", EffectClass.READ_ONLY, nowhere.arguments(), "sha256:0", "key", 1, null, null, "there");
        var records = written(nowhere, somewhere);
        assertEquals(somewhere, records.get(1).entry());
        assertTrue(store.read(RUN).get(0).contains("\"v\":1,"));
        assertTrue(store.read(RUN).get(1).contains("\"v\":2,"));
    }

    @Test
    void brokenUnicodeDoesNotBreakTheChain() throws Exception {
        written(new Entry.Input("half \uD83D of a pair"), new Entry.Input("whole \uD83D\uDE80"));
        List<String> stored = store.read(RUN).stream()
                .map(line -> new String(line.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .toList();
        assertEquals(Optional.empty(), Chain.verify(stored, digest -> Optional.empty()));
    }

    @Test
    void verifyNamesTheFirstBadRecord() throws Exception {
        written(new Entry.Input("a"), new Entry.Input("b"), new Entry.Input("c"), new Entry.Input("d"));
        List<String> lines = store.read(RUN);
        assertEquals(3, firstBad(changed(lines, 2, lines.get(2).replace("\"c\"", "\"x\""))));
        assertEquals(2, firstBad(changed(lines, 1, lines.get(2))), "moved");
        assertEquals(4, firstBad(changed(lines, 3, "{torn")));
        assertEquals(1, firstBad(lines.subList(1, 4)), "beginning cut off");
        assertEquals(3, firstBad(List.of(lines.get(0), lines.get(1), lines.get(3))), "one taken out");
        assertEquals(2, firstBad(changed(lines, 1, "[]")));
        assertEquals(2, firstBad(changed(lines, 1, "{}")));
    }

    private static long firstBad(List<String> lines) throws StoreException {
        return Chain.verify(lines, digest -> Optional.empty()).orElseThrow().seq();
    }

    private static List<String> changed(List<String> lines, int index, String line) {
        List<String> copy = new ArrayList<>(lines);
        copy.set(index, line);
        return copy;
    }

    @Test
    void aChangedJournalIsNotOpened() throws Exception {
        written(new Entry.Input("a"), new Entry.Input("b"));
        store.tamper(RUN, 0, store.read(RUN).getFirst().replace("\"a\"", "\"x\""));
        assertEquals(
                1, assertThrows(DamagedJournalException.class, () -> open(1)).seq());
    }

    @Test
    void aLargePayloadIsKeptBesideTheJournal() throws Exception {
        String large = "ü\u0001\uD83D\uDE80".repeat(400_000);
        var records = written(new Entry.Input("small"), new Entry.Input(large), new Entry.Input("after"));
        assertEquals(new Entry.Input(large), records.get(1).entry());
        assertTrue(store.read(RUN).get(1).length() < 2_000);
        var missing = Chain.verify(store.read(RUN), digest -> Optional.empty()).orElseThrow();
        assertEquals(2, missing.seq());
        assertTrue(missing.getMessage().contains("sha256:"), missing.getMessage());
    }

    @Test
    void aBatchStaysWithinItsBoundAndInOneWriteIfItCan() throws Exception {
        Journal journal = open(1);
        for (int i = 0; i < 8; i++) {
            journal.stage(new Entry.Input("x".repeat(20_000)));
        }
        journal.flush();
        assertEquals(1, store.appends(), "large payloads move out of a batch that is full");
        for (int i = 0; i < 200; i++) {
            journal.stage(new Entry.Input("y".repeat(1_000)));
        }
        journal.flush();
        assertTrue(store.appends() > 2);
        assertEquals(208, open(1).records().size());
        assertTrue(store.largestAppend() <= Journal.MAX_BATCH_BYTES, "" + store.largestAppend());
    }

    @Test
    void everyDurableRecordIsReportedOnceThoughTheStoreFailsBetweenTwoWrites() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Journal journal = Journal.open(failingAtCall(calls, 2), RUN, 1, CLOCK);
        for (int i = 0; i < 100; i++) {
            journal.stage(new Entry.Input("y".repeat(1_000)));
        }
        assertThrows(StoreException.Unavailable.class, journal::flush);
        assertEquals(journal.records(), journal.flush());
        assertEquals(List.of(), journal.flush());
    }

    private JournalStore failingAtCall(AtomicInteger calls, int failing) {
        return new JournalStore() {
            @Override
            public Session open(RunId run, long epoch) throws StoreException {
                Session session = store.open(run, epoch);
                return new Session() {
                    @Override
                    public List<String> lines() {
                        return session.lines();
                    }

                    @Override
                    public void append(List<String> lines) throws StoreException {
                        session.append(lines);
                        if (calls.incrementAndGet() == failing) {
                            throw new StoreException.Unavailable("reply lost", null);
                        }
                    }

                    @Override
                    public void putBlob(String digest, String content) throws StoreException {
                        session.putBlob(digest, content);
                    }

                    @Override
                    public Optional<String> getBlob(String digest) throws StoreException {
                        return session.getBlob(digest);
                    }
                };
            }

            @Override
            public List<String> read(RunId run) throws StoreException {
                return store.read(run);
            }

            @Override
            public Optional<String> blob(RunId run, String digest) throws StoreException {
                return store.blob(run, digest);
            }
        };
    }

    @Test
    void aTakeoverLeavesItsMarkBeforeAnythingElse() throws Exception {
        written(new Entry.Input("a"));
        Journal older = open(1);
        older.stage(new Entry.Input("late"));
        Journal newer = open(2);
        newer.flush();
        assertThrows(StoreException.Fenced.class, older::flush);
        assertEquals(new Entry.Epoch(1), newer.records().getLast().entry());
        assertEquals(2, newer.records().getLast().epoch());
        assertThrows(StoreException.Fenced.class, () -> open(1));
    }

    @Test
    void whatThisVersionDoesNotKnowStopsTheRunButNotTheProcess() throws Exception {
        List<String> lines = List.of(
                line(1, RecordCodec.ROOT, "\"type\":\"RunStarted\"", Json.write(new Entry.RunStarted(Specs.run()))));
        String head = json(lines.getFirst()).get("hash").asText();
        for (String type : List.of("\"type\":\"FromTheFuture\"", "\"type\":\"Failed\"")) {
            var unknown = line(2, head, type, "{\"reason\":\"NOT_YET_INVENTED\"}");
            State state = Fold.all(Chain.read(List.of(lines.getFirst(), unknown), digest -> Optional.empty()));
            var pause = assertInstanceOf(Step.Pause.class, Harness.standard().next(state, Instant.EPOCH));
            assertTrue(pause.message().contains("record 2"), pause.message());
        }
    }

    private static String line(int seq, String prev, String type, String payload) {
        ObjectNode node = (ObjectNode) json("{\"v\":1,\"seq\":" + seq
                + ",\"epoch\":1,\"at\":\"2026-01-01T00:00:00Z\",\"prev\":\"" + prev + "\"," + type + ",\"payload\":"
                + payload + "}");
        node.put("hash", Canonical.digest(node));
        return Json.write(node);
    }

    @Test
    void aRecordThatMakesNoSenseStopsTheRun() throws Exception {
        var start = new Entry.RunStarted(Specs.run());
        var outcome = new Entry.ToolOutcome("nobody's", "t", false, false, "x", false, null);
        State state = Fold.all(written(start, new Entry.Input("x"), outcome));
        assertInstanceOf(Step.Pause.class, Harness.standard().next(state, Instant.EPOCH));
        assertTrue(state.problem().contains("nobody's"), state.problem());
    }

    @Test
    void everyBeginningOfAJournalCanBeGoneOnFrom() throws Exception {
        var start = new Entry.RunStarted(Specs.run(Specs.tool("t", EffectClass.READ_ONLY)));
        var answer = new Entry.ModelResponded(
                1,
                "m",
                "scripted",
                "",
                List.of(new ToolCall("a", "t", "{}"), new ToolCall("b", "t", "{\"n\":1}")),
                false,
                TokenUsage.NONE,
                0L,
                null);
        var records = written(start, new Entry.Input("x"), answer, intent((ObjectNode) json("{}")));
        for (int length = 1; length <= records.size(); length++) {
            Step step = Harness.standard().next(Fold.all(records.subList(0, length)), Specs.START);
            assertTrue(step instanceof Step.CallModel || step instanceof Step.CallTools, step.toString());
        }
    }
}
