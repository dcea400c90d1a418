package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.RUN;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.warmBinding;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.store.Hurry;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sandboxes that are chosen before a call is recorded: its intent says which, the status only later. */
class SandboxPlaceTest {
    private static final String COMMAND = "{'command':'date'}";

    private SandboxSpace space;

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
    }

    @AfterEach
    void close() throws Exception {
        space.close();
    }

    private static ToolInvocation shell(String callId, String place) {
        return at(call("shell", callId, COMMAND, warmBinding(KEY), 1), place, place);
    }

    /** As core hands it in once the intent is recorded. */
    private static ToolInvocation at(ToolInvocation c, String place, String lastPlace) {
        return new ToolInvocation(
                c.run(),
                c.tool(),
                c.callId(),
                c.arguments(),
                c.idempotencyKey(),
                c.epoch(),
                c.requester(),
                c.depth(),
                c.root(),
                c.remaining(),
                c.timeout(),
                place,
                lastPlace,
                c.notes());
    }

    private static String place(ToolPort tool, String last) throws InterruptedException {
        return tool.place(RUN, shell("c1", null).tool(), last);
    }

    private FakeDaemon.Pod warm(String name) throws IOException {
        FakeDaemon.Pod pod = new FakeDaemon.Pod(name);
        space.pod(name, null);
        space.connect(pod);
        return pod;
    }

    /** The process that goes on, and knows nothing but what is durable; the status says nothing. */
    private SandboxHost next(FakeDesk desk, FakeDaemon.Pod pod) throws IOException {
        SandboxHost next = space.host(desk, Duration.ofSeconds(30));
        if (pod != null) {
            space.connect(next, pod);
        }
        return next;
    }

    private int claims() {
        return space.client
                .leases()
                .inNamespace(SandboxSpace.NAMESPACE)
                .list()
                .getItems()
                .size();
    }

    @Test
    void a_warm_sandbox_is_taken_with_one_write_and_the_status_says_it_later() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        String place = place(space.tool(), null);
        assertEquals("1 w1 uid-w1", place);
        assertEquals(1, claims());
        assertInstanceOf(
                ToolResult.Succeeded.class, space.start(shell("c1", place)).get());
        assertEquals(1, pod.started.size());
        assertEquals(List.of(), space.desk.writes);
        assertTrue(space.desk.sandboxUnsaid(RUN));
        assertEquals("uid-w1", space.desk.states.get(RUN.uid()).podUID());
        assertTrue(space.desk.networks.get(RUN.uid()).isolated());
        assertEquals(place, place(space.tool(), place));
        assertEquals(1, claims());
    }

    @Test
    void what_was_made_ready_is_the_place_and_nothing_but_the_claim_tells_of_it_before() throws Exception {
        warm("w1");
        warm("w2");
        PinnedTool shell = shell("c1", null).tool();
        space.tool().prepare(RUN, shell);
        assertEquals(1, claims());
        space.tool().prepare(RUN, shell);
        assertEquals(1, claims());
        assertFalse(space.permits.hurry().has(RUN.uid()));
        assertFalse(space.desk.sandboxUnsaid(RUN));
        assertEquals(List.of(), space.desk.writes);
        String place = place(space.tool(), null);
        assertTrue(List.of("1 w1 uid-w1", "1 w2 uid-w2").contains(place), place);
        assertEquals(1, claims());
        assertTrue(space.desk.sandboxUnsaid(RUN));
    }

    @Test
    void for_a_run_that_has_had_a_sandbox_none_is_made_ready() throws Exception {
        warm("w1");
        space.desk.used(RUN, warmBinding(KEY).request(), "p0", "uid-p0", 1);
        space.tool().prepare(RUN, shell("c1", null).tool());
        assertEquals(0, claims());
    }

    @Test
    void a_run_is_in_a_hurry_from_its_place_to_the_first_word_of_its_sandbox() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("w1");
        pod.answers = false;
        space.pod("w1", null);
        FakeDaemon there = space.connect(pod);
        Hurry hurry = space.permits.hurry();
        String place = place(space.tool(), null);
        assertTrue(hurry.has(RUN.uid()));
        Future<ToolResult> result = space.start(shell("c1", place));
        await().until(() -> pod.starts().size() == 1);
        assertTrue(hurry.has(RUN.uid()));
        String callId = pod.starts().getFirst().callId();
        there.say(new Frame.Output(callId, false, new byte[] {'a'}));
        await().until(() -> !hurry.has(RUN.uid()));
        assertFalse(result.isDone());
        there.end(callId, "");
        result.get();
    }

    @Test
    void a_run_without_a_warm_sandbox_is_in_no_hurry() throws Exception {
        assertNull(place(space.tool(), null));
        assertFalse(space.permits.hurry().has(RUN.uid()));
    }

    @Test
    void who_goes_on_finds_the_command_where_its_intent_says() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        pod.answers = false;
        String place = place(space.tool(), null);
        space.start(shell("c1", place));
        await().until(() -> pod.starts().size() == 1);
        FakeDesk desk = new FakeDesk();
        SandboxHost next = next(desk, null);
        FakeDaemon there = space.connect(next, pod);
        FutureTask<Optional<ToolResult>> found =
                new FutureTask<>(() -> next.tool().lookup(shell("c1", place)));
        Thread.ofVirtual().start(found);
        await().until(() -> pod.heard.stream().anyMatch(Frame.Find.class::isInstance));
        there.end(pod.starts().getFirst().callId(), "taken over");
        assertInstanceOf(ToolResult.Succeeded.class, found.get().orElseThrow());
        assertEquals(1, pod.started.size());
        assertEquals("uid-w1", desk.states.get(RUN.uid()).podUID());
    }

    @Test
    void who_goes_on_after_a_loss_before_the_command_makes_it_in_the_same_sandbox() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        warm("w2");
        String place = place(space.tool(), null);
        FakeDaemon.Pod taken = place.contains("w1") ? pod : new FakeDaemon.Pod("w2");
        FakeDesk desk = new FakeDesk();
        SandboxHost next = next(desk, taken);
        assertEquals(Optional.empty(), next.tool().lookup(shell("c1", place)));
        assertEquals(place, place(next.tool(), place));
        assertEquals(1, claims());
    }

    @Test
    void a_sandbox_that_is_lost_may_have_had_the_command_of_another_process() throws Exception {
        warm("w1");
        String place = place(space.tool(), null);
        space.ends("w1", "Evicted");
        SandboxHost next = next(new FakeDesk(), null);
        ToolResult result = next.tool().lookup(shell("c1", place)).orElseThrow();
        assertTrue(assertInstanceOf(ToolResult.Failed.class, result).content().contains("may have run"));
    }

    @Test
    void a_sandbox_that_is_lost_before_the_command_never_had_it_and_another_is_next() throws Exception {
        warm("w1");
        String place = place(space.tool(), null);
        space.opened.forEach(one -> {
            if (one instanceof FakeDaemon daemon) {
                daemon.close();
            }
        });
        await("the session is known to be over").until(() -> place(space.tool(), place) == null);
        space.ends("w1", "Evicted");
        ToolResult result = space.start(shell("c1", place)).get();
        assertTrue(assertInstanceOf(ToolResult.NotSent.class, result).reason().contains("Evicted"));
        warm("w2");
        assertEquals("2 w2 uid-w2", place(space.tool(), place));
    }

    @Test
    void the_status_that_knows_more_than_the_journal_counts() throws Exception {
        FakeDaemon.Pod second = warm("w2");
        space.adopt("w2");
        space.desk.used(RUN, warmBinding(KEY).request(), "w2", "uid-w2", 2);
        assertEquals("2 w2 uid-w2", place(space.tool(), "1 w1 uid-w1"));
        assertTrue(second.started.isEmpty());
    }

    /** It may only be not connected now, and have a command that somebody else sent. */
    @Test
    void as_long_as_the_last_one_may_live_no_other_is_taken() throws Exception {
        space.pod("p0", KEY);
        space.ends("p0", "Evicted");
        space.pod("w1", null);
        FakeDaemon.Pod other = warm("w2");
        space.desk.used(RUN, warmBinding(KEY).request(), "p0", "uid-p0", 1);
        assertNull(place(space.tool(), "2 w1 uid-w1"));
        assertEquals(0, claims());
        space.connect(new FakeDaemon.Pod("w1"));
        await().until(() -> "2 w1 uid-w1".equals(place(space.tool(), "2 w1 uid-w1")));
        assertTrue(other.started.isEmpty());
    }

    @Test
    void a_cancelled_run_sends_nothing_more() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        String place = place(space.tool(), null);
        space.desk.becomes(RunDesk.Call.CANCELLED);
        assertInstanceOf(
                ToolResult.Failed.class, space.start(shell("c1", place)).get());
        assertTrue(pod.starts().isEmpty());
    }

    @Test
    void without_one_at_hand_the_place_is_decided_when_the_call_is_made_and_is_durable_before_it() throws Exception {
        assertNull(place(space.tool(), null));
        assertEquals(List.of(), space.desk.writes);
        FakeDaemon.Pod pod = warm("w1");
        assertEquals("1 w1 uid-w1", place(space.tool(), null));
        // Whatever the reason, this intent says nothing of it.
        assertInstanceOf(
                ToolResult.Succeeded.class,
                space.start(at(shell("c1", null), null, "1 w1 uid-w1")).get());
        assertEquals(1, pod.started.size());
        assertEquals(1, space.desk.writes.size());
    }

    @Test
    void nobody_waits_for_another_call_of_the_run_to_be_told_a_place() throws Exception {
        Future<ToolResult> waits = space.start(call("shell", "c1", COMMAND, warmBinding(KEY), 1));
        space.awaitWanted();
        assertNull(place(space.tool(), null));
        space.pod("p1", KEY);
        space.connect(new FakeDaemon.Pod("p1"));
        assertInstanceOf(ToolResult.Succeeded.class, waits.get());
    }

    @Test
    void an_open_network_is_no_place_for_who_requires_isolation() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("w1");
        pod.reaches = true;
        space.pod("w1", null);
        space.connect(pod);
        SandboxBinding need = warmBinding(KEY);
        var strict = new SandboxBinding(
                need.request(), need.warmShape(), true, need.files(), need.egress(), null, need.privateNetworks());
        ToolInvocation call = call("shell", "c1", COMMAND, strict, 1);
        assertNull(space.tool().place(RUN, call.tool(), null));
        assertInstanceOf(ToolResult.NotSent.class, space.start(call).get());
        assertTrue(pod.started.isEmpty());
    }
}
