package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What calls note on their way. */
@Timeout(60)
class NotesTest {
    private final Rig rig = new Rig();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private Notes.Receipt receipt(String name) {
        return new Notes.Receipt() {
            @Override
            public void durable() {
                told.add(name + " durable");
            }

            @Override
            public void refused() {
                told.add(name + " refused");
            }
        };
    }

    private static Entry.Note asks(String callId, String id) {
        return new Entry.EgressRequested(callId, id, "GET", "https", "host.test", 443, "/a?…", true, null);
    }

    private static Entry.Note ended(String callId, String id) {
        return new Entry.EgressEnded(callId, id, 200, 0, 12, null);
    }

    private ToolResult announce(ToolInvocation invocation, String id) throws InterruptedException {
        invocation.notes().write(asks(invocation.callId(), id), receipt(id));
        String heard = told.take();
        invocation.notes().write(ended(invocation.callId(), id), Notes.Receipt.NONE);
        return new ToolResult.Succeeded(heard + " after " + invocation.notes().requests());
    }

    @Test
    void anAnnouncementIsDurableWhileTheCallIsUnderWayAndBeforeItsOutcome() {
        var script = new Script(calls(call("a", "fetch", "{}")), calls(call("b", "fetch", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> announce(invocation, "r-" + invocation.callId()),
                tool("fetch", EffectClass.AT_MOST_ONCE));

        assertInstanceOf(RunEnd.Completed.class, end);
        List<Entry> records = rig.recorded(Entry.class).stream()
                .filter(entry -> entry instanceof Entry.Note || entry instanceof Entry.ToolOutcome)
                .toList();
        assertEquals(asks("a", "r-a"), records.get(0));
        assertEquals(ended("a", "r-a"), records.get(1));
        assertEquals(
                "r-a durable after 0",
                assertInstanceOf(Entry.ToolOutcome.class, records.get(2)).content());
        assertEquals(
                "r-b durable after 1",
                assertInstanceOf(Entry.ToolOutcome.class, records.get(5)).content());
    }

    @Test
    void aLookupMayNoteTooAndCountsWhatEarlierProcessesNoted() {
        var script = new Script(calls(call("a", "fetch", "{}")), says("done"));
        var fetch = tool("fetch", EffectClass.RECONCILABLE);
        rig.run(
                1,
                script,
                invocation -> {
                    announce(invocation, "first");
                    rig.signals.fence();
                    return new ToolResult.Unknown("lost");
                },
                () -> Specs.run(fetch));
        Rig next = new Rig(rig.store);
        RunEnd end = next.run(2, script, invocation -> announce(invocation, "second"), () -> Specs.run(fetch));
        assertInstanceOf(RunEnd.Completed.class, end);
        assertEquals(
                "second durable after 1",
                next.recorded(Entry.ToolOutcome.class).getFirst().content());
    }

    @Test
    void whatComesAfterTheCallIsRefused() throws InterruptedException {
        List<Notes> kept = Collections.synchronizedList(new ArrayList<>());
        var script = new Script(calls(call("a", "fetch", "{}")), says("done"));
        rig.run(
                script,
                invocation -> {
                    kept.add(invocation.notes());
                    return new ToolResult.Succeeded("ok");
                },
                tool("fetch", EffectClass.AT_MOST_ONCE));
        kept.getFirst().write(asks("a", "late"), receipt("late"));
        assertEquals("late refused", told.take());
        assertTrue(rig.recorded(Entry.Note.class).isEmpty());
    }

    @Test
    void aFencedProcessRefusesWhatWaits() throws InterruptedException {
        var script = new Script(calls(call("a", "fetch", "{}")), says("done"));
        RunEnd end = rig.run(
                script,
                invocation -> {
                    rig.signals.fence();
                    invocation.notes().write(asks("a", "zombie"), receipt("zombie"));
                    return new ToolResult.Succeeded(told.take());
                },
                tool("fetch", EffectClass.AT_MOST_ONCE));
        assertInstanceOf(RunEnd.Fenced.class, end);
        assertTrue(rig.recorded(Entry.Note.class).isEmpty());
    }

    @Test
    void allThatWaitIsTakenAtOnceAndAnsweredTogether() throws InterruptedException {
        List<String> woken = new ArrayList<>();
        NoteBox box = new NoteBox(() -> woken.add("woken"));
        Notes one = box.open(1, 0);
        Notes two = box.open(2, 5);
        one.write(asks("a", "1"), receipt("1"));
        one.write(ended("a", "0"), receipt("0"));
        two.write(asks("b", "2"), receipt("2"));
        assertEquals(3, woken.size());
        assertEquals(5, two.requests());

        box.close(1);
        assertEquals("1 refused", told.take());
        assertEquals(List.of(ended("a", "0"), asks("b", "2")), box.take());
        assertTrue(told.isEmpty(), "nothing is durable yet");
        box.durable();
        assertEquals(List.of("0 durable", "2 durable"), List.of(told.take(), told.take()));

        two.write(asks("b", "3"), receipt("3"));
        box.take();
        two.write(asks("b", "4"), receipt("4"));
        box.close();
        assertEquals(List.of("3 refused", "4 refused"), List.of(told.take(), told.take()));
        two.write(asks("b", "5"), receipt("5"));
        assertEquals("5 refused", told.take());
    }
}
