package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.NAMESPACE;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.RUN;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.warmBinding;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.testkit.FakeApiServer.Fault;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Warm sandboxes, and several runtimes and runs that want them. */
class WarmPodsTest {
    private SandboxSpace space;

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
    }

    @AfterEach
    void close() throws Exception {
        space.close();
    }

    private static ToolInvocation shell(String callId) {
        return call("shell", callId, "{'command':'date'}", warmBinding(SandboxSpace.KEY), 1);
    }

    private static ToolInvocation shellOf(String run) {
        return call(
                new RunId(NAMESPACE, run, "uid-" + run),
                "shell",
                "c1",
                "{'command':'date'}",
                warmBinding("key-of-" + run),
                1);
    }

    private FakeDaemon.Pod warm(String name) throws IOException {
        FakeDaemon.Pod pod = new FakeDaemon.Pod(name);
        space.pod(name, null);
        space.connect(pod);
        return pod;
    }

    private static void succeeded(Future<ToolResult> result) throws Exception {
        assertInstanceOf(ToolResult.Succeeded.class, result.get());
    }

    private Optional<SandboxClaim> claim(String pod) {
        return Optional.ofNullable(space.client
                        .leases()
                        .inNamespace(NAMESPACE)
                        .withName(pod)
                        .get())
                .flatMap(SandboxClaim::of);
    }

    @Test
    void a_warm_sandbox_is_taken_with_one_write_and_said_with_one_before_the_first_command() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        pod.answers = false;
        space.start(shell("c1"));
        await().until(() -> !pod.starts().isEmpty());
        assertEquals(
                new SandboxClaim("w1", "uid-w1", RUN.name(), RUN.uid(), SandboxSpace.KEY, "", 3600),
                claim("w1").orElseThrow());
        assertEquals(1, space.desk.writes.size(), space.desk.writes.toString());
        assertEquals("uid-w1", space.desk.states.get(RUN.uid()).podUID());
        assertEquals(SandboxSpace.REQUEST, space.desk.states.get(RUN.uid()).wanted());
    }

    @Test
    void later_calls_use_it_before_and_after_the_operator_wrote_whose_it_is() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        warm("w2");
        succeeded(space.start(shell("c1")));
        FakeDaemon.Pod used = pod.started.isEmpty() ? null : pod;
        String name = used == null ? "w2" : "w1";
        succeeded(space.start(shell("c2")));
        space.adopt(name);
        succeeded(space.start(shell("c3")));
        assertEquals(1, space.desk.writes.size(), space.desk.writes.toString());
        assertEquals(
                1,
                space.client.leases().inNamespace(NAMESPACE).list().getItems().size());
    }

    @Test
    void what_another_has_claimed_is_left_alone_and_the_operator_asked_when_none_is_left() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        var foreign = new SandboxClaim("w1", "uid-w1", "other", "uid-other", "other-key", "", 60);
        space.client
                .resource(foreign.lease(NAMESPACE, ZonedDateTime.now(ZoneOffset.UTC)))
                .create();
        Future<ToolResult> result = space.start(shell("c1"));
        space.awaitWanted();
        assertTrue(pod.starts().isEmpty());
        space.pod("p1", SandboxSpace.KEY);
        space.connect(new FakeDaemon.Pod("p1"));
        succeeded(result);
        assertEquals(foreign, claim("w1").orElseThrow());
        assertTrue(pod.starts().isEmpty());
    }

    @Test
    void a_pod_that_is_kept_from_runs_is_left_alone() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        space.client
                .resource(SandboxClaim.ofNobody("w1", "uid-w1").lease(NAMESPACE, ZonedDateTime.now(ZoneOffset.UTC)))
                .create();
        space.start(shell("c1"));
        space.awaitWanted();
        assertTrue(pod.starts().isEmpty());
    }

    @Test
    void a_claim_whose_reply_was_lost_is_the_runs_own() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        space.api.faults(request -> request.method().equals("POST")
                        && request.path().contains("/leases")
                        && claim("w1").isEmpty()
                ? Fault.LOSE_REPLY
                : Fault.NONE);
        Future<ToolResult> result = space.start(shell("c1"));
        space.awaitWanted();
        assertTrue(pod.starts().isEmpty(), "not before it is certain");
        space.adopt("w1");
        succeeded(result);
        assertEquals(1, pod.started.size());
    }

    @Test
    void a_claim_that_failed_leaves_the_sandbox_to_the_next_run() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        space.api.faults(request ->
                request.method().equals("POST") && request.path().contains("/leases") ? Fault.UNAVAILABLE : Fault.NONE);
        space.start(shellOf("r1"));
        await().until(() -> space.desk.states.containsKey("uid-r1"));
        assertTrue(pod.starts().isEmpty());
        space.api.faults(request -> Fault.NONE);
        succeeded(space.start(shellOf("r2")));
        assertEquals(1, pod.started.size());
    }

    @Test
    void the_sandbox_that_the_status_names_comes_before_another_of_the_same_key() throws Exception {
        FakeDaemon.Pod used = new FakeDaemon.Pod("p2");
        for (String name : List.of("p1", "p2", "p3")) {
            space.pod(name, SandboxSpace.KEY);
            space.connect(name.equals("p2") ? used : new FakeDaemon.Pod(name));
        }
        space.desk.used(RUN, SandboxSpace.REQUEST, "p2", "uid-p2", 1);
        succeeded(space.start(shell("c1")));
        assertEquals(1, used.started.size());
    }

    @Test
    void whoever_takes_the_run_over_goes_on_in_it_before_its_labels_say_whose_it_is() throws Exception {
        FakeDaemon.Pod pod = warm("w1");
        succeeded(space.start(shell("c1")));
        FakeDesk desk = new FakeDesk();
        desk.states.putAll(space.desk.states);
        SandboxHost next = space.host(desk, Duration.ofSeconds(30));
        space.connect(next, pod);
        warm("w2");
        var result = new FutureTask<>(() -> next.tool().call(shell("c2")));
        Thread.ofVirtual().start(result);
        succeeded(result);
        assertEquals(2, pod.started.size());
        assertTrue(desk.writes.isEmpty(), desk.writes.toString());
    }

    @Test
    void two_runtimes_never_take_the_same() throws Exception {
        List<FakeDaemon.Pod> pods = List.of(warm("w1"), warm("w2"), warm("w3"));
        FakeDesk desk = new FakeDesk();
        SandboxHost other = space.host(desk, Duration.ofSeconds(30));
        for (FakeDaemon.Pod pod : pods) {
            space.connect(other, pod);
        }
        var theirs = new FutureTask<>(() -> other.tool().call(shellOf("r3")));
        Future<ToolResult> first = space.start(shellOf("r1"));
        Future<ToolResult> second = space.start(shellOf("r2"));
        Thread.ofVirtual().start(theirs);
        succeeded(first);
        succeeded(second);
        succeeded(theirs);
        assertEquals(3, pods.stream().filter(pod -> pod.started.size() == 1).count());
    }
}
