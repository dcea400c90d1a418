package dev.wheelhouse.runtime.pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Journal;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of a thread begins with what the runs before it said, and with nothing that is not its own. */
class ThreadPinsTest {
    private static final String RUNS = "/apis/wheelhouse.dev/v1alpha1/namespaces/ns/runs";
    private static final String MAPS = "/api/v1/namespaces/ns/configmaps/";

    @TempDir
    Path secrets;

    private PinSpace space;

    @BeforeEach
    void open() {
        space = new PinSpace(secrets);
        space.model("m", "{'provider':'scripted','script':[{'then':{'text':'x'}}]}");
        space.agent("{'model':'m','instructions':'Talk.'}");
    }

    @AfterEach
    void close() {
        space.close();
    }

    private static Run talk(String name, String input) {
        return run(name, "a", input, "ada", "talk");
    }

    private static Run run(String name, String agent, String input, String requester, String thread) {
        return PinSpace.run(
                name, new RunSpec(agent, input, requester, null, null, false, null, null, null, thread, null));
    }

    /** Pins the run, and ends it as the runtime does. */
    private PinnedRun done(Run run, String answer, int minute) throws Exception {
        return done(run, answer, minute, RunPhase.Succeeded);
    }

    private PinnedRun done(Run run, String answer, int minute, RunPhase phase) throws Exception {
        var meta = run.getMetadata();
        PinnedRun pinned = space.pin(run);
        Journal journal = Journal.open(
                space.journals,
                new RunId(meta.getNamespace(), meta.getName(), meta.getUid()),
                1,
                InstantSource.system());
        String digest = journal.stage(new Entry.RunStarted(pinned)).hash();
        journal.stage(new Entry.Input(run.getSpec().input()));
        String head = journal.stage(new Entry.Completed(answer)).hash();
        journal.flush();
        run.setStatus(status(phase, digest, head, "2026-11-24T10:%02d:00Z".formatted(minute)));
        space.there(run);
        return pinned;
    }

    private static RunStatus status(RunPhase phase, String digest, String head, String completion) {
        return new RunStatus(
                null,
                phase,
                null,
                null,
                null,
                null,
                null,
                null,
                "cut",
                digest,
                head == null ? null : new RunStatus.JournalRef(null, 3L, head),
                null,
                null,
                null,
                completion);
    }

    private List<PastTurn> before(Run run) throws Exception {
        return space.pin(run).history();
    }

    @Test
    void eachRunCarriesOnAfterTheLastThatSucceeded() throws Exception {
        assertEquals(List.of(), done(talk("one", "Who?"), "Ada.", 1).history());
        PinnedRun two = done(talk("two", "When?"), "1843.", 2);
        assertEquals(List.of(new PastTurn("one", "Who?", "Ada.")), two.history());
        assertEquals("talk", two.thread());
        done(talk("three", "Nonsense"), "none", 3, RunPhase.Failed);
        assertEquals(
                List.of(new PastTurn("one", "Who?", "Ada."), new PastTurn("two", "When?", "1843.")),
                before(talk("four", "Where?")));
    }

    @Test
    void ofTwoAtTheSameTimeTheLaterNameIsTheLast() throws Exception {
        Run b = talk("b", "in b");
        Run a = talk("a", "in a");
        done(b, "b", 5);
        // Both began before the other ended.
        space.api.store().delete(RUNS + "/b");
        done(a, "a", 5);
        space.there(b);
        assertEquals(
                List.of("b"), before(talk("c", "x")).stream().map(PastTurn::run).toList());
    }

    @Test
    void nobodyHearsWhatSomebodyElseOrAnotherAgentSaid() throws Exception {
        done(talk("one", "a secret"), "kept", 1);
        assertEquals(List.of(), before(run("other", "a", "tell me", "eve", "talk")));
        assertEquals(List.of(), before(run("other", "a", "tell me", null, "talk")));
        assertEquals(List.of(), before(run("other", "a", "tell me", "ada", "walk")));
        PinnedRun alone = space.pin(run("other", "a", "tell me", "ada", null));
        assertEquals(List.of(), alone.history());
        assertNull(alone.thread());
        Run elsewhere = talk("two", "x");
        done(run("anonymous", "a", "q", null, "talk"), "r", 2);
        assertEquals(
                List.of("one"), before(elsewhere).stream().map(PastTurn::run).toList());
        assertEquals(
                List.of("anonymous"),
                before(run("third", "a", "q", null, "talk")).stream()
                        .map(PastTurn::run)
                        .toList());
    }

    @Test
    void anotherAgentOfThatThreadDoesNotCount() throws Exception {
        Run other = talk("one", "x");
        done(other, "y", 1);
        space.api.store().edit(RUNS + "/one", run -> ((ObjectNode) run.get("spec")).put("agent", "b"));
        assertEquals(List.of(), before(talk("two", "z")));
    }

    @Test
    void runsThatAreNotFinishedAreNotReadAndItselfNeither() throws Exception {
        Run running = talk("one", "x");
        running.setStatus(status(RunPhase.Running, null, null, null));
        space.there(running);
        Run again = talk("two", "y");
        done(again, "answer", 1);
        assertEquals(List.of(), before(again));
    }

    @Test
    void aLongAnswerComesWholeFromTheJournalAndNotFromTheStatus() throws Exception {
        String answer = "y".repeat(50_000);
        done(talk("one", "x"), answer, 1);
        assertEquals(List.of(new PastTurn("one", "x", answer)), before(talk("two", "z")));
    }

    @Test
    void aJournalThatCannotBeReadIsWaitedFor() throws Exception {
        done(talk("one", "x"), "y", 1);
        space.api.faults(request ->
                request.path().contains("one-j") ? FakeApiServer.Fault.UNAVAILABLE : FakeApiServer.Fault.NONE);
        assertWaits("one", "read one-j0");
        space.api.faults(request -> FakeApiServer.Fault.NONE);
        assertEquals(1, before(talk("two", "z")).size(), "and then it goes on");
    }

    @Test
    void aJournalThatIsGoneOrForgedIsWaitedForToo() throws Exception {
        done(talk("one", "x"), "answer", 1);
        space.api.store().edit(MAPS + "one-j0", map -> {
            var data = (ObjectNode) map.get("data");
            data.put("records", data.get("records").asText().replace("\"answer\"", "\"forged\""));
        });
        assertWaits("one", "hash does not match");
        space.api.store().delete(MAPS + "one-j0");
        assertWaits("one", "lacks records");
        space.api.store().delete(RUNS + "/one");
        assertEquals(List.of(), before(talk("two", "z")), "somebody deleted the run, as the message says");
    }

    private void assertWaits(String name, String why) {
        var waits = assertThrows(Pinning.NotReady.class, () -> before(talk("two", "z")));
        var reason = assertInstanceOf(WaitReason.ForResources.class, waits.reason());
        assertEquals(List.of("Run/" + name), reason.names());
        assertTrue(reason.summary().contains("delete that Run to go on"), reason.summary());
        assertTrue(reason.summary().contains(why), reason.summary());
    }

    @Test
    void theListAsksOnlyForTheThreadAndComesOnce() throws Exception {
        done(talk("one", "x"), "y", 1);
        space.api.forgetRequests();
        before(talk("two", "z"));
        assertEquals(
                1,
                space.api.requests().stream()
                        .filter(request -> request.path().equals(RUNS))
                        .count());
        space.api.forgetRequests();
        space.pin();
        assertEquals(
                0,
                space.api.requests().stream()
                        .filter(request -> request.path().equals(RUNS))
                        .count(),
                "a run without a thread asks for nothing");
    }
}
