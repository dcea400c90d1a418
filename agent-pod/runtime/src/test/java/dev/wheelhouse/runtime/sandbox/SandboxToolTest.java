package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.RUN;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.binding;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands in sandboxes, with the test in the place of operator and daemon. */
class SandboxToolTest {
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

    @Test
    void the_first_command_asks_for_a_sandbox_and_says_which_it_is_before_it_is_sent() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        pod.answers = false;
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        space.awaitWanted();
        assertEquals(SandboxSpace.REQUEST, state().wanted());
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(pod);
        await().until(() -> !pod.starts().isEmpty());
        assertEquals("uid-p1", state().podUID());
        assertEquals(1, state().number());
        assertTrue(space.desk.networks.get(RUN.uid()).isolated());
        Frame.Start start = pod.starts().getFirst();
        assertEquals(List.of("/bin/sh", "-c", "date"), start.argv());
        assertEquals(120_000, start.timeoutMillis());
        daemon.end(start.callId(), "Thursday");
        assertEquals("exit code 0 after 7 ms\nThursday\n", succeeded(result));
        assertEquals(2, space.desk.writes.size(), space.desk.writes.toString());
    }

    @Test
    void calls_at_once_ask_once_and_later_ones_not_at_all() throws Exception {
        Future<ToolResult> one = start(call("shell", "c1", COMMAND));
        Future<ToolResult> two = start(call("python", "c2", "{'code':'1'}"));
        space.awaitWanted();
        ready("p1");
        succeeded(one);
        succeeded(two);
        succeeded(start(call("shell", "c3", COMMAND)));
        assertEquals(2, space.desk.writes.size(), space.desk.writes.toString());
    }

    @Test
    void a_cut_session_is_no_cut_command() throws Exception {
        FakeDaemon.Pod pod = ready("p1");
        pod.answers = false;
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        space.opened.forEach(one -> {
            if (one instanceof FakeDaemon daemon) {
                daemon.close();
            }
        });
        FakeDaemon again = space.connect(pod);
        await().until(() -> pod.starts().size() == 2);
        again.end(pod.starts().getFirst().callId(), "late");
        assertTrue(succeeded(result).contains("late"));
        assertEquals(1, pod.started.size());
    }

    @Test
    void another_process_finds_the_command_that_runs_and_takes_its_result() throws Exception {
        FakeDaemon.Pod pod = ready("p1");
        pod.answers = false;
        start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        FakeDesk desk = new FakeDesk();
        desk.states.putAll(space.desk.states);
        SandboxHost next = space.host(desk, Duration.ofSeconds(30));
        FakeDaemon there = space.connect(next, pod);
        Future<Optional<ToolResult>> found =
                virtual(() -> next.tool().lookup(call("shell", "c1", COMMAND, binding(false, List.of()), 2)));
        await().until(() -> pod.heard.stream().anyMatch(Frame.Find.class::isInstance));
        there.end(pod.starts().getFirst().callId(), "taken over");
        ToolResult result = found.get().orElseThrow();
        assertTrue(
                assertInstanceOf(ToolResult.Succeeded.class, result).content().contains("taken over"));
        assertEquals(1, pod.started.size());
    }

    @Test
    void a_lost_pod_ends_the_command_at_once_and_the_next_gets_a_fresh_one() throws Exception {
        FakeDaemon.Pod pod = ready("p1");
        pod.answers = false;
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        space.ends("p1", "Evicted");
        space.opened.forEach(one -> {
            if (one instanceof FakeDaemon daemon) {
                daemon.close();
            }
        });
        String message = failed(result);
        assertTrue(message.contains("Evicted") && message.contains("fresh sandbox"), message);
        Future<ToolResult> next = start(call("shell", "c2", COMMAND));
        await().until(() -> "uid-p1".equals(state().wanted().after()));
        space.api.store().delete(SandboxSpace.path("p1"));
        ready("p2");
        succeeded(next);
        assertEquals(2, state().number());
        assertEquals("uid-p2", state().podUID());
    }

    @Test
    void what_was_never_sent_did_not_happen() throws Exception {
        ready("p1");
        assertEquals(Optional.empty(), space.tool().lookup(call("shell", "c1", COMMAND)));
    }

    @Test
    void the_only_pod_of_a_run_knows_what_did_not_happen() throws Exception {
        ready("p1");
        space.desk.used(RUN, SandboxSpace.REQUEST, "p1", "uid-p1", 1);
        assertEquals(Optional.empty(), space.tool().lookup(call("shell", "c1", COMMAND)));
    }

    @Test
    void a_second_pod_does_not_know_what_the_first_one_did() throws Exception {
        ready("p2");
        space.desk.used(RUN, SandboxSpace.REQUEST, "p2", "uid-p2", 2);
        assertLost(space.tool().lookup(call("shell", "c1", COMMAND)));
    }

    @Test
    void a_pod_that_is_gone_may_have_had_it() throws Exception {
        ready("p2");
        space.desk.used(RUN, SandboxSpace.REQUEST, "p1", "uid-p1", 1);
        assertLost(space.tool().lookup(call("shell", "c1", COMMAND)));
    }

    @Test
    void an_api_server_that_cannot_say_whether_the_pod_is_gone_is_asked_again() throws Exception {
        ready("p2");
        space.desk.used(RUN, SandboxSpace.REQUEST, "p1", "uid-p1", 1);
        AtomicInteger asked = new AtomicInteger();
        space.api.faults(request -> request.path().equals(SandboxSpace.path("p1")) && asked.incrementAndGet() == 1
                ? FakeApiServer.Fault.UNAVAILABLE
                : FakeApiServer.Fault.NONE);
        assertLost(space.tool().lookup(call("shell", "c1", COMMAND)));
        assertEquals(2, asked.get());
    }

    @Test
    void what_the_ledger_has_is_the_result() throws Exception {
        FakeDaemon.Pod pod = ready("p1");
        space.desk.used(RUN, SandboxSpace.REQUEST, "p1", "uid-p1", 3);
        ToolInvocation call = call("shell", "c1", COMMAND);
        pod.ended.put(call.idempotencyKey(), FakeDaemon.exited(call.idempotencyKey(), 3, 8));
        ToolResult result = space.tool().lookup(call).orElseThrow();
        assertEquals(
                "exit code 3 after 7 ms\nreplayed\n",
                assertInstanceOf(ToolResult.Failed.class, result).content());
        assertTrue(pod.started.isEmpty());
    }

    @Test
    void a_run_waits_for_a_sandbox_that_does_not_come_and_loses_no_attempt() throws Exception {
        try (SandboxSpace impatient = new SandboxSpace(Duration.ofMillis(50))) {
            ToolInvocation call = call("shell", "c1", COMMAND);
            assertPending(impatient.tool().call(call));
            assertPending(impatient.tool().lookup(call).orElseThrow());
            assertEquals(1, impatient.desk.writes.size());
        }
    }

    @Test
    void a_call_that_was_given_back_before_it_was_sent_is_not_taken_for_lost() throws Exception {
        try (SandboxSpace impatient = new SandboxSpace(Duration.ofMillis(50))) {
            impatient.desk.used(RUN, SandboxSpace.REQUEST, "p1", "uid-p1", 1);
            assertPending(impatient.tool().call(call("shell", "c1", COMMAND)));
            impatient.pod("p2", KEY);
            impatient.connect(new FakeDaemon.Pod("p2"));
            var binding = binding(false, List.of());
            assertEquals(Optional.empty(), impatient.tool().lookup(call("shell", "c1", COMMAND, binding, 2)));
            assertLost(impatient.tool().lookup(call("shell", "c1", COMMAND, binding, 3)));
        }
    }

    @Test
    void a_network_that_is_open_stops_commands_only_where_that_is_required() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        pod.reaches = true;
        space.pod("p1", KEY);
        space.connect(pod);
        var required = call("shell", "c1", COMMAND, binding(true, List.of()), 1);
        ToolResult result = space.tool().call(required);
        String why = assertInstanceOf(ToolResult.NotSent.class, result).reason();
        assertTrue(why.contains("API server (10.0.0.1:443)") && why.contains("requireIsolation"), why);
        assertTrue(pod.starts().isEmpty());
        RunDesk.Network network = space.desk.networks.get(RUN.uid());
        assertFalse(network.isolated());
        assertEquals("Reached", network.reason());
        succeeded(start(call("shell", "c2", COMMAND)));
        assertFalse(space.desk.networks.get(RUN.uid()).isolated());
    }

    @Test
    void a_cancelled_run_kills_its_command() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        pod.answers = false;
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(pod);
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        space.desk.becomes(RunDesk.Call.CANCELLED);
        await().until(() -> pod.heard.stream().anyMatch(Frame.Cancel.class::isInstance));
        String id = pod.starts().getFirst().callId();
        daemon.say(new Frame.Exited(id, 137, "SIGKILL", false, true, 9, 0, 0, false, null, null, null));
        assertEquals("cancelled after 9 ms\n", failed(result));
    }

    @Test
    void a_process_that_drains_leaves_the_command_as_it_is() throws Exception {
        FakeDaemon.Pod pod = ready("p1");
        pod.answers = false;
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        space.desk.becomes(RunDesk.Call.LEFT);
        ExecutionException thrown = assertThrows(ExecutionException.class, result::get);
        assertInstanceOf(InterruptedException.class, thrown.getCause());
        assertTrue(pod.heard.stream().noneMatch(Frame.Cancel.class::isInstance));
    }

    @Test
    void output_is_shown_up_to_a_bound_and_says_where_the_rest_is() throws Exception {
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        pod.answers = false;
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(pod);
        Future<ToolResult> result = start(call("shell", "c1", COMMAND));
        await().until(() -> pod.starts().size() == 1);
        String id = pod.starts().getFirst().callId();
        byte[] flood = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 100; i++) {
            daemon.say(new Frame.Output(id, false, flood));
        }
        daemon.say(new Frame.Output(id, true, "oops".getBytes(StandardCharsets.UTF_8)));
        daemon.say(new Frame.Exited(id, 137, "SIGKILL", true, false, 9, 6_553_600, 4, true, "/tmp/out", null, null));
        ToolResult.Failed failed = assertInstanceOf(ToolResult.Failed.class, result.get());
        assertTrue(failed.truncated());
        assertTrue(
                failed.content().startsWith("timed out after 9 ms; everything it had started was killed by SIGKILL\n"),
                failed.content().substring(0, 80));
        assertTrue(failed.content().contains("x\n[cut: 6553600 bytes in all; the whole is in /tmp/out]\n"));
        assertTrue(failed.content().endsWith("stderr:\noops\n"));
    }

    private FakeDaemon.Pod ready(String name) throws IOException {
        FakeDaemon.Pod pod = new FakeDaemon.Pod(name);
        space.pod(name, KEY);
        space.connect(pod);
        return pod;
    }

    private SandboxState state() {
        return space.desk.states.get(RUN.uid());
    }

    private Future<ToolResult> start(ToolInvocation call) {
        return space.start(call);
    }

    private static <T> Future<T> virtual(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static String succeeded(Future<ToolResult> result) throws Exception {
        return assertInstanceOf(ToolResult.Succeeded.class, result.get()).content();
    }

    private static String failed(Future<ToolResult> result) throws Exception {
        return assertInstanceOf(ToolResult.Failed.class, result.get()).content();
    }

    private static void assertLost(Optional<ToolResult> result) {
        String message =
                assertInstanceOf(ToolResult.Failed.class, result.orElseThrow()).content();
        assertTrue(message.contains("may have run"), message);
    }

    private static void assertPending(ToolResult result) {
        WaitReason reason = assertInstanceOf(ToolResult.Pending.class, result).waitFor();
        assertEquals(
                List.of("Sandbox/" + KEY),
                assertInstanceOf(WaitReason.ForResources.class, reason).names());
    }
}
