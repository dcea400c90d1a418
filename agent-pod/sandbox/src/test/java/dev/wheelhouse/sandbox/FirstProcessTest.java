package dev.wheelhouse.sandbox;

import static dev.wheelhouse.sandbox.CommandsTest.settings;
import static dev.wheelhouse.sandbox.CommandsTest.shell;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wheelhouse.sandbox.FakeRuntime.Peer;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as process 1 of a pid namespace of its own, as in a container. Skipped where none can be made. */
class FirstProcessTest {
    private static final List<String> CONTAINER =
            List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child");

    @TempDir
    Path folder;

    private FakeRuntime runtime;
    private Process daemon;
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(containers(), "no namespaces for this user");
        runtime = new FakeRuntime();
        settings(folder, runtime, Duration.ZERO);
        var command = new ArrayList<>(CONTAINER);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FirstProcess.class.getName(),
                runtime.address(),
                folder.toString()));
        daemon = new ProcessBuilder(command).inheritIO().start();
        peer = runtime.session();
    }

    @AfterEach
    void stop() throws Exception {
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
            runtime.close();
        }
    }

    /** It left its family and its environment: nothing tells whose it is. */
    @Test
    void nothingHidesFromTheEndOfTheLastCommand() throws Exception {
        peer.say(shell("other", "echo $$; while [ ! -e gate ]; do sleep 0.05; done"));
        peer.until("other", result -> !result.out().isEmpty());
        var hidden = peer.run(shell("c1", "(env -i setsid sleep 1000 &); ls -d /proc/[0-9]* | wc -l"));
        assertEquals(0, hidden.end.code());
        Files.createFile(folder.resolve("workspace/gate"));
        assertEquals(0, peer.result("other").end.code());
        assertEquals(
                "only the daemon and the shell\n", peer.run(shell("c2", COUNT)).out());
    }

    /** A runtime's call that happens to have the id of the daemon's own command is made all the same. */
    @Test
    void theWarmUpIsNobodysCall() throws Exception {
        assertEquals("mine\n", peer.run(shell("warm-up", "echo mine")).out());
    }

    /** Each process only starts the next one and ends: whoever kills them one by one is always too late. */
    @Test
    void runningAwayDoesNotHelp() throws Exception {
        Files.writeString(folder.resolve("workspace/hop"), "env -i PATH=$PATH setsid sh hop & exit 0");
        assertEquals(0, peer.run(shell("c1", "sh hop; sh hop; sh hop")).end.code());
        assertEquals(
                "only the daemon and the shell\n", peer.run(shell("c2", COUNT)).out());
    }

    /** Processes that ended are taken, however many and whoever their parent was. */
    @Test
    void orphansAreTaken() throws Exception {
        var script = "i=0; while [ $i -lt 300 ]; do (true &) ; i=$((i+1)); done; "
                + "while grep -q '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do :; done; echo none";
        assertEquals("none\n", peer.run(shell("c1", script)).out());
    }

    @Test
    void itCannotBeKilledFromInside() throws Exception {
        peer.run(shell("c1", "kill -9 1; kill -9 -1"));
        assertEquals("alive\n", peer.run(shell("c2", "echo alive")).out());
    }

    @Test
    void endsWellWhenToldTo() throws Exception {
        peer.say(shell("c1", "sleep 1000"));
        peer.say(new Frame.Stop());
        assertTrue(daemon.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, daemon.exitValue());
    }

    /** What the kubelet does to end a pod. */
    @Test
    void aSignalIsNoGoodEnd() throws Exception {
        var first = daemon.toHandle().descendants().findFirst().orElseThrow();
        assertTrue(first.destroy());
        assertTrue(daemon.waitFor(30, TimeUnit.SECONDS));
        assertEquals(143, daemon.exitValue());
    }

    /** Outside of a container the same call would end the machine. */
    @Test
    void nobodyElseMayKillEverything() {
        assertFalse(ProcessHandle.current().pid() == 1);
        assertThrows(IllegalStateException.class, () -> Kernel.kill(-1, 0));
        assertThrows(IllegalStateException.class, () -> Kernel.kill(0, 0));
    }

    private static final String COUNT =
            "set -- /proc/[0-9]*; [ $# = 2 ] && echo only the daemon and the shell || cat /proc/[0-9]*/stat";

    private static boolean containers() throws InterruptedException {
        var command = new ArrayList<>(CONTAINER);
        command.add("true");
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
