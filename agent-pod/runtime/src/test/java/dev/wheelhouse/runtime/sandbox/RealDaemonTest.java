package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.RUN;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.binding;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.ConfigMapKey;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.sandbox.Sandboxd;
import dev.wheelhouse.sandbox.Settings;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tools against the daemon itself, with real processes. */
class RealDaemonTest {
    @TempDir
    Path folder;

    private SandboxSpace space;
    private Path workspace;
    private Sandboxd daemon;

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
        workspace = Files.createDirectory(folder.resolve("workspace"));
        Files.createDirectory(folder.resolve("tmp"));
        Files.writeString(folder.resolve("token"), "uid-p1");
        space.pod("p1", KEY);
        daemon = Sandboxd.start(new Settings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), space.host.port()),
                folder.resolve("token"),
                "p1",
                workspace,
                folder.resolve("tmp"),
                0,
                Duration.ZERO));
    }

    @AfterEach
    void close() throws Exception {
        daemon.close();
        space.close();
    }

    @Test
    void a_command_runs_and_its_output_comes_back() throws Exception {
        String text = succeeded(space.tool()
                .call(call("shell", "c1", "{'command':'read x; echo got $x; echo bad >&2; pwd','stdin':'me'}")));
        assertTrue(text.startsWith("exit code 0 after "), text);
        assertTrue(text.contains("stdout:\ngot me\n" + workspace.toRealPath() + "\nstderr:\nbad\n"), text);
    }

    @Test
    void an_exit_code_and_a_timeout_are_failures_that_say_so() throws Exception {
        assertTrue(failed(space.tool().call(call("shell", "c1", "{'command':'exit 7'}")))
                .startsWith("exit code 7 after "));
        assertTrue(failed(space.tool().call(call("shell", "c2", "{'command':'sleep 60','timeoutSeconds':1}")))
                .startsWith("timed out after "));
    }

    @Test
    void long_output_is_cut_and_whole_in_a_file_that_can_be_read() throws Exception {
        String text = succeeded(space.tool()
                .call(call("shell", "c1", "{'command':'head -c 100000 /dev/zero | tr \\\\\\\\0 x; echo; echo end'}")));
        assertTrue(text.endsWith("]\n") && text.contains("\nend\n[cut: 100005 bytes in all; the whole is in "), text);
        String file = text.replaceAll("(?s).*the whole is in (.*)\\]\n", "$1");
        String tail = succeeded(space.tool().call(call("read_file", "c2", "{'path':'" + file + "','offset':99990}")));
        assertTrue(tail.startsWith("xxxxxxxxxx\nend\n"), tail);
    }

    @Test
    void files_are_written_edited_listed_and_kept() throws Exception {
        succeeded(space.tool().call(call("write_file", "c1", "{'path':'src/a.txt','content':'one two'}")));
        succeeded(space.tool().call(call("edit_file", "c2", "{'path':'src/a.txt','old':'two','new':'three'}")));
        assertEquals("one three", succeeded(space.tool().call(call("read_file", "c3", "{'path':'src/a.txt'}"))));
        assertTrue(succeeded(space.tool().call(call("list_files", "c4", "{'glob':'**/*.txt'}")))
                .contains("src/a.txt"));
        assertTrue(failed(space.tool().call(call("read_file", "c5", "{'path':'/etc/passwd'}")))
                .contains("outside"));
        succeeded(space.tool().call(call("save_artifact", "c6", "{'path':'src/a.txt'}")));
        assertEquals(9, space.desk.kept.getFirst().size());
    }

    @Test
    void an_edit_whose_outcome_was_not_seen_is_not_made_twice() throws Exception {
        Files.writeString(workspace.resolve("a.txt"), "x");
        var edit = call("edit_file", "c1", "{'path':'a.txt','old':'x','new':'xx'}");
        succeeded(space.tool().call(edit));
        succeeded(space.tool().lookup(edit).orElseThrow());
        succeeded(space.tool().call(edit));
        assertEquals("xx", Files.readString(workspace.resolve("a.txt")));
    }

    @Test
    void files_of_the_run_are_put_once_whatever_the_agent_makes_of_them() throws Exception {
        space.api
                .store()
                .put(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("input")
                        .withNamespace(SandboxSpace.NAMESPACE)
                        .endMetadata()
                        .addToData("big", "0123456789".repeat(60_000))
                        .build());
        var binding = binding(false, List.of(new RunSpec.InputFile("in/big", new ConfigMapKey("input", "big"))));
        succeeded(space.tool().call(call("shell", "c1", "{'command':'echo mine > in/new'}", binding, 1)));
        assertEquals(600_000, Files.size(workspace.resolve("in/big")));
        Files.writeString(workspace.resolve("in/big"), "changed");
        SandboxHost next = other(new FakeDesk());
        succeeded(next.tool().call(call("shell", "c2", "{'command':'true'}", binding, 2)));
        assertEquals("changed", Files.readString(workspace.resolve("in/big")));
    }

    @Test
    void a_process_that_ends_leaves_the_command_and_the_next_one_takes_its_result() throws Exception {
        Path go = folder.resolve("go");
        var command = "{'command':'echo once >> count; while [ ! -e " + go + " ]; do sleep 0.05; done; cat count'}";
        Future<ToolResult> first = space.start(call("shell", "c1", command));
        await().until(() -> Files.exists(workspace.resolve("count")));
        FakeDesk desk = new FakeDesk();
        desk.states.putAll(space.desk.states);
        SandboxHost next = other(desk);
        space.desk.becomes(RunDesk.Call.LEFT);
        assertThrows(ExecutionException.class, first::get);
        FutureTask<Optional<ToolResult>> found =
                new FutureTask<>(() -> next.tool().lookup(call("shell", "c1", command, binding(false, List.of()), 2)));
        Thread.ofVirtual().start(found);
        Files.createFile(go);
        String text = succeeded(found.get().orElseThrow());
        assertTrue(text.endsWith("\nonce\n"), text);
        assertEquals(Optional.empty(), next.tool().lookup(call("shell", "c2", command)));
    }

    @Test
    void cancel_kills_the_command() throws Exception {
        Future<ToolResult> result = space.start(call("shell", "c1", "{'command':'echo $$ > pid; exec sleep 600'}"));
        await().until(() -> Files.exists(workspace.resolve("pid"))
                && !Files.readString(workspace.resolve("pid")).isBlank());
        long pid = Long.parseLong(Files.readString(workspace.resolve("pid")).strip());
        space.desk.becomes(RunDesk.Call.CANCELLED);
        assertTrue(failed(result.get()).startsWith("cancelled after "));
        await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void commands_at_once_do_not_mix() throws Exception {
        List<Future<ToolResult>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(space.start(call("shell", "c" + i, "{'command':'for n in 1 2 3; do echo " + i + "; done'}")));
        }
        for (int i = 0; i < 8; i++) {
            assertTrue(succeeded(all.get(i).get()).endsWith("ms\n" + (i + "\n").repeat(3)));
        }
        assertEquals(1, space.desk.states.get(RUN.uid()).number());
    }

    /** One more runtime, with a session of its own: the daemon learns of it as of any other. */
    private SandboxHost other(FakeDesk desk) throws IOException {
        return space.host(desk, Duration.ofSeconds(30));
    }

    private static String succeeded(ToolResult result) {
        return assertInstanceOf(ToolResult.Succeeded.class, result, result::toString)
                .content();
    }

    private static String failed(ToolResult result) {
        return assertInstanceOf(ToolResult.Failed.class, result, result::toString)
                .content();
    }
}
