package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.sandbox.FakeRuntime.Peer;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real commands of this machine, through the protocol. */
class CommandsTest {
    private static final int CAP = 64 << 10;

    @TempDir
    Path folder;

    private FakeRuntime runtime;
    private Sandboxd daemon;
    private Peer peer;

    static Settings settings(Path folder, FakeRuntime runtime, Duration idle) throws IOException {
        Files.writeString(folder.resolve("token"), "the token\n");
        return new Settings(
                Settings.address(runtime.address()),
                folder.resolve("token"),
                "sandbox-1",
                Files.createDirectories(folder.resolve("workspace")),
                Files.createDirectories(folder.resolve("tmp")),
                0,
                idle);
    }

    static Frame.Start shell(String callId, String command) {
        return new Frame.Start(callId, List.of("/bin/sh", "-c", command), Map.of(), null, null, 60_000, CAP);
    }

    @BeforeEach
    void start() throws Exception {
        runtime = new FakeRuntime();
        daemon = Sandboxd.start(settings(folder, runtime, Duration.ZERO));
        peer = runtime.session();
    }

    @AfterEach
    void stop() throws Exception {
        daemon.close();
        runtime.close();
    }

    @Test
    void saysWhoItIs() {
        assertEquals(new Frame.Hello(1, "the token", "sandbox-1"), peer.hello);
    }

    @Test
    void tellsOutputExitCodeAndTime() throws Exception {
        var result = peer.run(shell("c1", "echo out; echo err >&2; exit 3"));
        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
        var end = result.end;
        assertEquals(3, end.code());
        assertNull(end.signal());
        assertNull(end.error());
        assertEquals(4, end.stdoutBytes());
        assertEquals(4, end.stderrBytes());
        assertFalse(end.truncated() || end.timedOut() || end.cancelled());
        assertNull(end.stdoutFile());
        assertTrue(end.millis() >= 0);
    }

    @Test
    void inputFolderAndEnvironmentAreAsAskedFor() throws Exception {
        Files.createDirectory(folder.resolve("workspace/sub"));
        var env = new HashMap<String, String>();
        env.put("COLOUR", "grün");
        env.put("HOME", null);
        var script = "cat; echo; pwd; echo $COLOUR; echo ${HOME-none}; echo ${NO_PROXY}; env | grep -c WHEELHOUSE_";
        var result = peer.run(new Frame.Start(
                "c1",
                List.of("/bin/sh", "-c", script),
                env,
                "sub",
                "input".getBytes(StandardCharsets.UTF_8),
                60_000,
                CAP));
        assertEquals(
                List.of(
                        "input",
                        folder.toRealPath() + "/workspace/sub",
                        "grün",
                        "none",
                        "localhost,127.0.0.1,::1",
                        "1"),
                result.out().lines().toList(),
                result.err());
    }

    @Test
    void wordsArePassedAsTheyAre() throws Exception {
        var result = peer.run(new Frame.Start(
                "c1", List.of("printf", "%s|", "a b", "$HOME", "", "*", ";"), Map.of(), null, null, 60_000, CAP));
        assertEquals("a b|$HOME||*|;|", result.out());
    }

    @Test
    void commandsTrustTheProxyAndTheImage() throws Exception {
        var result = peer.run(shell("c1", "cat $SSL_CERT_FILE; echo; echo $CURL_CA_BUNDLE; echo $http_proxy"));
        assertTrue(result.out().contains(FakeRuntime.CA), result.out());
        assertTrue(
                result.out().contains(folder.resolve("tmp/.wheelhouse/ca.pem").toString()));
        // What the command spoils is there again for the next one.
        var spoiled = peer.run(shell("c2", "echo mine > $SSL_CERT_FILE"));
        assertEquals(0, spoiled.end.code(), spoiled.err());
        assertTrue(peer.run(shell("c3", "cat $SSL_CERT_FILE")).out().contains(FakeRuntime.CA));
    }

    @Test
    void signalsHaveTheirNames() throws Exception {
        var killed = peer.run(shell("c1", "kill -9 $$")).end;
        assertEquals("SIGKILL", killed.signal());
        assertEquals(137, killed.code());
        assertEquals("SIGTERM", peer.run(shell("c2", "kill -TERM $$")).end.signal());
    }

    @Test
    void whatCannotBeStartedSaysWhy() throws Exception {
        var none = peer.run(new Frame.Start("c1", List.of("/no/such"), Map.of(), null, null, 60_000, CAP)).end;
        assertEquals(-1, none.code());
        assertTrue(none.error().contains("/no/such"), none.error());
        var nowhere = peer.run(new Frame.Start("c2", List.of("true"), Map.of(), "gone", null, 60_000, CAP)).end;
        assertTrue(nowhere.error().contains("gone"), nowhere.error());
        var nothing = peer.run(new Frame.Start("c3", List.of(), Map.of(), null, null, 60_000, CAP)).end;
        assertNotNull(nothing.error());
        var broken = peer.run(new Frame.Start("c4", List.of("true"), Map.of("A\0B", "x"), null, null, 60_000, CAP)).end;
        assertNotNull(broken.error());
    }

    @Test
    void timeoutEndsAllOfIt() throws Exception {
        var script = "(setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); sleep 1000 & echo $! > child; "
                + "while [ ! -s daemon ]; do :; done; echo ready; wait";
        var result =
                peer.run(new Frame.Start("c1", List.of("/bin/sh", "-c", script), Map.of(), null, null, 3_000, CAP));
        assertTrue(result.end.timedOut());
        assertEquals("SIGKILL", result.end.signal());
        assertEquals("ready\n", result.out());
        assertGone("daemon");
        assertGone("child");
    }

    @Test
    void nothingOutlivesItsCommand() throws Exception {
        var result = peer.run(shell(
                "c1",
                "(setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); while [ ! -s daemon ]; do :; done; echo done"));
        assertEquals(0, result.end.code());
        assertFalse(result.end.timedOut());
        assertEquals("done\n", result.out());
        assertGone("daemon");
    }

    /** In the middle of an exec a process has no environment by which it could be known. */
    @Test
    void aProcessThatIsReplacedAllTheTimeDoesNotOutliveItsCommand() throws Exception {
        Files.writeString(folder.resolve("workspace/again"), "exec /bin/sh again\n");
        for (var i = 0; i < 25; i++) {
            var script = "rm -f daemon; (setsid sh -c 'echo $$ > daemon; exec /bin/sh again' &); "
                    + "while [ ! -s daemon ]; do :; done";
            assertEquals(0, peer.run(shell("c" + i, script)).end.code());
            assertGone("daemon");
        }
    }

    @Test
    void cancelEndsAllOfItAndLeavesOthersAlone() throws Exception {
        peer.say(shell("other", "echo $$; while [ ! -e gate ]; do sleep 0.05; done; echo unharmed"));
        peer.until("other", result -> !result.out().isEmpty());
        peer.say(shell("c1", "sh -c 'echo $$ > child; echo started; exec sleep 1000' & wait"));
        peer.until("c1", result -> result.out().contains("started"));
        peer.say(new Frame.Cancel("c1"));
        var end = peer.result("c1").end;
        assertTrue(end.cancelled());
        assertFalse(end.timedOut());
        assertGone("child");
        peer.say(new Frame.Cancel("never heard of"));
        Files.createFile(folder.resolve("workspace/gate"));
        var other = peer.result("other");
        assertEquals("unharmed\n", other.out());
        assertEquals(0, other.end.code());
        assertFalse(other.end.cancelled());
    }

    @Test
    void tooMuchOutputIsCutVisiblyAndKept() throws Exception {
        var result =
                peer.run(shell("c1", "i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done; echo err >&2"));
        var end = result.end;
        assertTrue(end.truncated());
        assertEquals("err\n", result.err());
        assertNull(end.stderrFile());
        assertTrue(result.out().startsWith("line 0\nline 1\n"));
        assertTrue(result.out().endsWith("line 29998\nline 29999\n"));
        assertTrue(result.out().contains("bytes left out"), "the cut is visible");
        assertTrue(result.out().contains(end.stdoutFile()), "and says where all of it is");
        assertTrue(result.stdout.size() <= CAP);
        var all = Files.readString(Path.of(end.stdoutFile()));
        assertEquals(end.stdoutBytes(), all.length());
        assertEquals(30_000, all.lines().count());
        assertTrue(all.startsWith("line 0\n") && all.endsWith("line 29999\n"));
        assertTrue(peer.run(shell("c2", "wc -l < " + end.stdoutFile())).out().contains("30000"));
    }

    @Test
    void aFloodIsCountedAndNotKept() throws Exception {
        var result = peer.run(shell("c1", "head -c 100000000 /dev/zero"));
        assertEquals(100_000_000, result.end.stdoutBytes());
        assertTrue(result.stdout.size() <= CAP);
        assertEquals(64 << 20, Files.size(Path.of(result.end.stdoutFile())));
    }

    @Test
    void aCommandThatReadsNoInputEnds() throws Exception {
        var result = peer.run(new Frame.Start("c1", List.of("true"), Map.of(), null, new byte[900_000], 60_000, CAP));
        assertEquals(0, result.end.code());
    }

    @Test
    void connectionsOfACommandGoToItsRuntime() throws Exception {
        var proxy = peer.run(shell("c1", "echo ${HTTP_PROXY##*:}")).out().strip();
        peer.say(shell("c2", "exec sleep 1000"));
        peer.say(new Frame.Find("c2"));
        var found = false;
        while (!found) {
            found = peer.next() instanceof Frame.Found f && f.state() == Frame.State.RUNNING;
        }
        try (var client = new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(proxy))) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            var answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals("secret-" + runtime.port() + ":hello", answer);
        }
        peer.say(new Frame.Cancel("c2"));
        peer.result("c2");
        try (var client = new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(proxy))) {
            assertEquals(-1, client.getInputStream().read(), "no command, no network");
        }
    }

    @Test
    void commandsInheritNoneOfTheDaemonsFiles() throws Exception {
        var result = peer.run(shell("c1", "exec ls -l /proc/self/fd"));
        assertTrue(result.out().contains("pipe:"), result.out());
        assertFalse(result.out().contains("socket:"), result.out());
    }

    @Test
    void commandsRunBesideEachOtherUpToABound() throws Exception {
        for (var i = 0; i < 17; i++) {
            peer.say(shell("c" + i, "while [ ! -e gate ]; do sleep 0.05; done"));
        }
        var refused = peer.result("c16").end;
        assertTrue(refused.error().contains("16 commands"), refused.error());
        Files.createFile(folder.resolve("workspace/gate"));
        assertEquals(0, peer.run(shell("c0", "not run again")).end.code());
    }

    /** Memory is bounded over all commands; that a call happened is never forgotten. */
    @Test
    void oldOutputsAreDroppedAndTheirEndsAreNot() throws Exception {
        for (var i = 0; i < 40; i++) {
            var start = new Frame.Start(
                    "c" + i,
                    List.of("/bin/sh", "-c", "echo once >> ran; head -c 190000 /dev/zero; exit 5"),
                    Map.of(),
                    null,
                    null,
                    60_000,
                    1 << 20);
            var result = peer.run(start);
            assertEquals(190_000, result.stdout.size());
            assertFalse(result.end.truncated());
        }
        var again = peer.run(shell("c0", "not run again"));
        assertEquals(5, again.end.code());
        assertEquals(190_000, again.end.stdoutBytes());
        assertEquals(0, again.stdout.size());
        assertTrue(again.end.truncated());
        assertEquals(190_000, peer.run(shell("c39", "nor this")).stdout.size());
        assertEquals(40, Files.readAllLines(folder.resolve("workspace/ran")).size());
    }

    private void assertGone(String file) throws IOException {
        var pid = Integer.parseInt(
                Files.readString(folder.resolve("workspace").resolve(file)).strip());
        assertTrue(
                ProcessTable.all().stream().noneMatch(entry -> entry.pid() == pid && !entry.zombie()),
                file + " is still there");
    }
}
