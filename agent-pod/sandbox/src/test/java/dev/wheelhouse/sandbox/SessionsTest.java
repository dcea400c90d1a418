package dev.wheelhouse.sandbox;

import static dev.wheelhouse.sandbox.CommandsTest.settings;
import static dev.wheelhouse.sandbox.CommandsTest.shell;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frame.State;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
    @TempDir
    Path folder;

    @Test
    void aCallHappensOnceHoweverOftenItIsSent() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            var peer = runtime.session();
            var start = shell("c1", "echo once >> file; cat file");
            var first = peer.run(start);
            var second = peer.run(start);
            assertEquals("once\n", second.out());
            assertEquals(first.end, second.end);
            peer.say(new Frame.Find("c1"));
            assertEquals(new Frame.Found("c1", State.ENDED), peer.next());
            var third = peer.result("c1");
            assertEquals("once\n", third.out());
            assertEquals(first.end, third.end);
            peer.say(new Frame.Find("c2"));
            assertEquals(new Frame.Found("c2", State.UNKNOWN), peer.next());
        }
    }

    @Test
    void aFileOperationHappensOnceToo() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            var peer = runtime.session();
            Files.writeString(folder.resolve("workspace/file"), "a");
            var edit = new Frame.FileCall("c1", new FileOp.Edit("file", "a", "aa", true));
            peer.say(edit);
            var done = peer.next(Frame.FileDone.class);
            assertNull(done.error());
            peer.say(edit);
            assertEquals(done.size(), peer.next(Frame.FileDone.class).size());
            assertEquals("aa", Files.readString(folder.resolve("workspace/file")));
            peer.say(new Frame.Find("c1"));
            assertEquals(new Frame.Found("c1", State.ENDED), peer.next());
            assertEquals(2, peer.next(Frame.FileDone.class).size());
            // The same call may have more than one operation: these are its pieces.
            for (var piece = 0; piece < 3; piece++) {
                peer.say(new Frame.FileCall("c2", new FileOp.Upload("up", piece, new byte[] {65}, piece == 2)));
                assertNull(peer.next(Frame.FileDone.class).error());
            }
            assertEquals("AAA", Files.readString(folder.resolve("workspace/up")));
        }
    }

    @Test
    void everyRuntimeHasASessionAndFindsTheCommandOfAnother() throws Exception {
        try (var one = new FakeRuntime();
                var two = new FakeRuntime()) {
            one.knows(two);
            two.knows(one);
            try (var daemon = start(one)) {
                var first = one.session();
                var second = two.session();
                first.say(shell("c1", "echo begun; while [ ! -e gate ]; do sleep 0.05; done; echo end"));
                assertEquals(
                        "begun\n",
                        first.until("c1", r -> r.out().contains("begun")).out());
                second.say(new Frame.Find("c1"));
                assertEquals(new Frame.Found("c1", State.RUNNING), second.next());
                first.hangUp();
                Files.createFile(folder.resolve("workspace/gate"));
                var result = second.result("c1");
                assertEquals("begun\nend\n", result.out());
                assertEquals(0, result.end.code());
                // Whoever comes back is cared for again: the other runtime still says that it is there.
                assertEquals("sandbox-1", one.session().hello.pod());
            }
        }
    }

    @Test
    void aCommandGoesOnWhileNoRuntimeIsThere() throws Exception {
        var first = new FakeRuntime();
        try (var daemon = start(first)) {
            var peer = first.session();
            peer.say(shell("c1", "echo begun; while [ ! -e gate ]; do sleep 0.05; done; echo end"));
            peer.until("c1", r -> r.out().contains("begun"));
            first.close();
            peer.hangUp();
            Files.createFile(folder.resolve("workspace/gate"));
            try (var second = new FakeRuntime(first.port())) {
                var next = second.session();
                next.say(shell("c1", "echo this must not run"));
                assertEquals("begun\nend\n", next.result("c1").out());
            }
        }
    }

    @Test
    void aNewRuntimeIsFoundByWhatTheOldOneSays() throws Exception {
        try (var one = new FakeRuntime();
                var two = new FakeRuntime();
                var daemon = start(one)) {
            one.session();
            one.knows(two);
            assertEquals("sandbox-1", two.session().hello.pod());
        }
    }

    @Test
    void nonsenseEndsTheSessionAndNothingElse() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            var peer = runtime.session();
            peer.say(shell("c1", "echo begun; while [ ! -e gate ]; do sleep 0.05; done; echo end"));
            peer.until("c1", r -> r.out().contains("begun"));
            peer.sayBytes(new byte[] {127, 0, 0, 0, 1, 2, 3});
            var again = runtime.session();
            again.say(new Frame.Hello(1, "not", "yours")); // a frame, but not a runtime's
            var third = runtime.session();
            third.say(new Frame.Find("c1"));
            assertEquals(new Frame.Found("c1", State.RUNNING), third.next());
            Files.createFile(folder.resolve("workspace/gate"));
            assertEquals("begun\nend\n", third.result("c1").out());
        }
    }

    @Test
    void aRuntimeThatGoesAwayWithManyFileOperationsWaitingIsCaredForAgain() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            Files.write(folder.resolve("workspace/large"), new byte[Frames.MAX_CONTENT]);
            var calls = new ByteArrayOutputStream();
            for (var i = 0; i < 100; i++) {
                var read = new FileOp.Read("large", 0, Frames.MAX_CONTENT);
                Frames.write(new DataOutputStream(calls), new Frame.FileCall("c" + i, read));
            }
            var peer = runtime.session();
            peer.sayBytes(calls.toByteArray());
            peer.next(Frame.FileDone.class);
            peer.hangUp();
            assertEquals("sandbox-1", runtime.session().hello.pod());
        }
    }

    @Test
    void theRuntimeOfACommandIsTrustedHoweverManyOthersCameAndWent() throws Exception {
        try (var one = new FakeRuntime();
                var two = new FakeRuntime()) {
            one.knows(two);
            try (var daemon = start(one)) {
                var first = one.session();
                var second = two.session();
                // From now on its welcomes are as those of a real one, which shows its authority only at first.
                one.shows(null);
                for (var i = 0; i < 20; i++) {
                    two.shows("other " + i);
                    second.hangUp();
                    second = two.session();
                }
                var result = first.run(shell("c1", "cat $SSL_CERT_FILE"));
                assertTrue(result.out().contains(FakeRuntime.CA), result.out());
                assertTrue(result.out().contains("other 19"), result.out());
            }
        }
    }

    @Test
    void theProxyLeadsToTheRuntimeWhoseCommandRuns() throws Exception {
        try (var one = new FakeRuntime();
                var two = new FakeRuntime()) {
            one.knows(two);
            try (var daemon = start(one)) {
                var first = one.session();
                var second = two.session();
                first.say(shell("c1", "echo ${HTTP_PROXY##*:}; exec sleep 1000"));
                var proxy = first.until("c1", r -> r.out().endsWith("\n")).out().strip();
                assertEquals(0, second.run(shell("c2", "true")).end.code());
                second.say(new Frame.Find("unknown"));
                assertEquals(new Frame.Found("unknown", State.UNKNOWN), second.next());
                try (var client = new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(proxy))) {
                    client.shutdownOutput();
                    var answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertEquals("secret-" + one.port() + ":", answer);
                }
            }
        }
    }

    @Test
    void whoIsRefusedTriesAgain() throws Exception {
        try (var runtime = new FakeRuntime()) {
            runtime.refuses("not yet");
            try (var daemon = start(runtime)) {
                assertEquals("the token", runtime.refused().token());
                Files.writeString(folder.resolve("token"), "a newer one");
                while (!runtime.refused().token().equals("a newer one")) {
                    // The last one read the old file.
                }
                runtime.refuses(null);
                assertEquals("a newer one", runtime.session().hello.token());
            }
        }
    }

    @Test
    void endsWhenToldTo() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            runtime.session().say(new Frame.Stop());
            daemon.awaitEnd();
        }
    }

    @Test
    void endsWhenIdleButNotBeforeTheFirstCommand() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = Sandboxd.start(settings(folder, runtime, Duration.ofMillis(1)))) {
            var peer = runtime.session();
            assertEquals(0, peer.run(shell("c1", "true")).end.code());
            daemon.awaitEnd();
        }
    }

    @Test
    void pingsAreAnsweredAndProbesTellWhatTheyReached() throws Exception {
        try (var runtime = new FakeRuntime();
                var daemon = start(runtime)) {
            var peer = runtime.session();
            peer.say(new Frame.Ping(7));
            assertEquals(new Frame.Pong(7), peer.next());
            peer.say(new Frame.Probe(List.of(
                    new Frame.Target("runtime", "tcp", "127.0.0.1", runtime.port()),
                    new Frame.Target("nonsense", "icmp", "127.0.0.1", 1))));
            var probed = peer.next(Frame.Probed.class).results();
            assertTrue(probed.stream().anyMatch(r -> r.name().equals("runtime") && r.reached()));
            assertTrue(probed.stream().anyMatch(r -> r.name().equals("nonsense") && r.reached()), "cannot be verified");
            assertTrue(probed.stream()
                    .anyMatch(r -> r.name().equals("userns") && !r.detail().isEmpty()));
        }
    }

    private Sandboxd start(FakeRuntime runtime) throws IOException {
        return Sandboxd.start(settings(folder, runtime, Duration.ZERO));
    }
}
