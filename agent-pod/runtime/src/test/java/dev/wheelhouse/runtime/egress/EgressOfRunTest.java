package dev.wheelhouse.runtime.egress;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.drive.Observer;
import dev.wheelhouse.core.drive.Ports;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.drive.RunLoop;
import dev.wheelhouse.core.drive.Signals;
import dev.wheelhouse.core.drive.VirtualThreads;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole run whose command reaches out: driver, journal, proxy and host together. */
@Timeout(60)
class EgressOfRunTest {
    @TempDir
    Path folder;

    private final MemoryStore store = new MemoryStore();
    private final Signals signals = new Signals(() -> false);

    /** What a command does. */
    private interface Command {
        String run(ToolInvocation call) throws Exception;
    }

    private RunEnd drive(Command command) {
        ToolPort tools = new ToolPort() {
            @Override
            public ToolResult call(ToolInvocation invocation) {
                try {
                    return new ToolResult.Succeeded(command.run(invocation));
                } catch (Exception e) {
                    return new ToolResult.Failed(e.toString());
                }
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) {
                return Optional.empty();
            }
        };
        var ports = new Ports(
                store,
                new Script(calls(call("c1", "shell", "{}")), says("done")),
                tools,
                (run, tool) -> new ToolNow.There(tool.schema(), tool.digest()),
                null,
                Conditions.NONE,
                InstantSource.fixed(Specs.START),
                new VirtualThreads(),
                Observer.NONE);
        return new RunLoop(ports)
                .run(Specs.RUN, 1, () -> Specs.run(Specs.tool("shell", EffectClass.RECONCILABLE)), signals);
    }

    private long records(String what) {
        return store.read(Specs.RUN).stream()
                .filter(line -> line.contains(what))
                .count();
    }

    @Test
    void the_host_sees_a_request_only_when_the_journal_has_it() throws Exception {
        try (Rig rig = new Rig(folder)) {
            Upstream api = rig.https("api.test", request -> Upstream.ok("records: " + records("EgressRequested")));
            rig.allowWithCredential("api.test", api.port(), "api", List.of("GET"), "/*");
            String get = "GET /a?token=CANARY HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\n\r\n";

            RunEnd end = drive(call -> {
                rig.log = new JournaledEgress(call.callId(), call.notes());
                return rig.inside("api.test", api.port(), get) + rig.inside("api.test", api.port(), get);
            });

            assertInstanceOf(RunEnd.Completed.class, end);
            assertEquals(1, records("records: 1") * records("records: 2"), "the answers of the host are the outcome");
            assertEquals(2, records("\"type\":\"EgressRequested\""));
            String journal = String.join("", store.read(Specs.RUN));
            assertTrue(journal.contains("\"path\":\"/a?…\""), journal);
            assertFalse(journal.contains("CANARY") || journal.contains("s3cr"), journal);
        }
    }

    @Test
    void nothing_leaves_for_a_run_that_was_taken_away() throws Exception {
        try (Rig rig = new Rig(folder)) {
            Upstream api = rig.https("api.test", request -> Upstream.ok("hello"));
            rig.allowWithCredential("api.test", api.port(), "api", List.of("GET"), "/*");

            RunEnd end = drive(call -> {
                rig.log = new JournaledEgress(call.callId(), call.notes());
                signals.fence();
                return rig.inside(
                        "api.test", api.port(), "GET / HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\n\r\n");
            });

            assertInstanceOf(RunEnd.Fenced.class, end);
            assertTrue(rig.left().isEmpty(), rig.left().toString());
            assertEquals(0, records("EgressRequested"));
        }
    }

    @Test
    void what_goes_on_when_its_command_is_over_is_cut_and_has_its_end_in_the_journal() throws Exception {
        CountDownLatch asked = new CountDownLatch(3);
        CountDownLatch never = new CountDownLatch(1);
        try (Rig rig = new Rig(folder)) {
            Upstream api = rig.https("api.test", request -> {
                asked.countDown();
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Upstream.ok("too late");
            });
            rig.allowWithCredential("api.test", api.port(), "api", List.of("GET"), "/*");
            String get = "GET / HTTP/1.1\r\nHost: api.test:" + api.port() + "\r\n\r\n";
            List<FutureTask<String>> left = new ArrayList<>();

            RunEnd end = drive(call -> {
                rig.log = new JournaledEgress(call.callId(), call.notes());
                for (int i = 0; i < 3; i++) {
                    FutureTask<String> one = new FutureTask<>(() -> rig.inside("api.test", api.port(), get));
                    Thread.ofVirtual().start(one);
                    left.add(one);
                }
                asked.await();
                rig.end();
                return "over";
            });

            assertInstanceOf(RunEnd.Completed.class, end);
            assertEquals(3, records("\"type\":\"EgressRequested\""));
            assertEquals(3, records("the command was over"));
            for (FutureTask<String> one : left) {
                assertFalse(one.get().contains("too late"));
            }
            assertThrows(Exception.class, () -> rig.inside("api.test", api.port(), get), "it is over");
            assertEquals(3, rig.left().size());
        } finally {
            never.countDown();
        }
    }
}
