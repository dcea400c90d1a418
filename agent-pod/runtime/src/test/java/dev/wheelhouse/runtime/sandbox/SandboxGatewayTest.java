package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hostile sandbox does to the port, and what of it others notice: nothing. */
class SandboxGatewayTest {
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
    void a_sandbox_learns_where_runtimes_are_and_whom_to_trust() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        FakeDaemon daemon = space.connect(pod);
        assertEquals(List.of("127.0.0.1:" + space.host.port()), daemon.welcome.runtimes());
        assertEquals("pem", daemon.welcome.caPem());
        assertEquals(64, daemon.welcome.session().length());
        daemon.say(new Frame.WhoIsThere());
        await().until(() ->
                pod.heard.stream().filter(Frame.Welcome.class::isInstance).count() == 2);
        assertNull(daemon.welcome.caPem());
    }

    @Test
    void a_warm_sandbox_learns_of_the_own_runtime_of_the_run_that_claims_it() throws Exception {
        space.runtimes.add(new RuntimeAddresses.Found("own", SandboxSpace.RUN.uid(), "10.1.0.4:8082"));
        space.pod("warm", null);
        FakeDaemon daemon = space.connect(new FakeDaemon.Pod("warm"));
        assertEquals(1, daemon.welcome.runtimes().size());
        space.adopt("warm");
        await().until(() -> {
            daemon.say(new Frame.WhoIsThere());
            return daemon.welcome.runtimes().contains("10.1.0.4:8082");
        });
    }

    @Test
    void somebody_else_is_refused_without_a_session() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon daemon = new FakeDaemon(space.host.port(), new FakeDaemon.Pod("p1"), "stolen");
        await().until(() -> daemon.over);
        assertNull(daemon.welcome);
        assertEquals("not that pod", daemon.refused.reason());
        assertEquals(1, refused("identity"));
    }

    @Test
    void another_version_is_told_so() throws Exception {
        try (Socket socket = connect()) {
            Frames.write(new DataOutputStream(socket.getOutputStream()), new Frame.Hello(99, "uid-p1", "p1"));
            assertInstanceOf(
                    Frame.Refused.class, Frames.read(new DataInputStream(socket.getInputStream()), Frames.MAX));
        }
    }

    @Test
    void the_newest_session_of_a_pod_replaces_the_older_one() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
        FakeDaemon older = space.connect(pod);
        FakeDaemon newer = space.connect(pod);
        await().until(() -> older.over);
        succeeds("c1");
        assertTrue(!newer.over);
    }

    @Test
    void egress_belongs_to_the_session_whose_secret_it_shows() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(new FakeDaemon.Pod("p1"));
        assertEquals("for p1", openEgress(daemon.welcome.session()));
        assertEquals("", openEgress("0".repeat(64)));
        assertEquals("", openEgress(null));
        assertEquals(1, refused("egress"));
        daemon.close();
        String secret = daemon.welcome.session();
        await().until(() -> openEgress(secret).isEmpty());
    }

    @Test
    void nonsense_ends_the_connection_and_nothing_else() throws Exception {
        space.pod("p1", KEY);
        space.connect(new FakeDaemon.Pod("p1"));
        space.pod("bad", "fedcba98765432100123");
        List<byte[]> nonsense = List.of(
                new byte[] {0x7f, -1, -1, -1},
                new byte[] {-1, -1, -1, -1},
                new byte[] {0, 0, 0, 1, 99},
                new byte[] {0, 0, 0, 9, 3, 0x7f, -1, -1, -1, 0, 0, 0, 0},
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        for (byte[] bytes : nonsense) {
            FakeDaemon bad = space.connect(new FakeDaemon.Pod("bad"));
            bad.sayBytes(bytes);
            await().until(() -> bad.over);
        }
        FakeDaemon twice = space.connect(new FakeDaemon.Pod("bad"));
        twice.say(new Frame.Hello(Frames.VERSION, "uid-bad", "bad"));
        await().until(() -> twice.over);
        succeeds("c1");
    }

    @Test
    void talk_of_calls_that_nobody_made_changes_nothing_and_ends_in_time() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon.Pod good = new FakeDaemon.Pod("p1");
        good.answers = false;
        FakeDaemon honest = space.connect(good);
        var running = space.start(call("shell", "c1", "{'command':'date'}"));
        await().until(() -> !good.starts().isEmpty());
        String id = good.starts().getFirst().callId();
        space.pod("bad", "fedcba98765432100123");
        FakeDaemon bad = space.connect(new FakeDaemon.Pod("bad"));
        // The end of somebody else's command.
        bad.say(FakeDaemon.exited(id, 0, 0));
        byte[] flood = new byte[64 * 1024];
        while (!bad.over) {
            try {
                bad.say(new Frame.Output("no such call", false, flood));
            } catch (IOException e) {
                break;
            }
        }
        await().until(() -> bad.over);
        honest.end(id, "mine");
        assertEquals(
                "exit code 0 after 7 ms\nmine\n",
                assertInstanceOf(ToolResult.Succeeded.class, running.get()).content());
    }

    @Test
    void a_sandbox_gets_in_however_many_others_take_all_they_can() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int hostile = 0; hostile < 20; hostile++) {
                for (int i = 0; i < 80; i++) {
                    silent.add(connect("127.0.1." + (1 + hostile)));
                }
            }
            await().until(() -> refused("busy") > 0);
            space.pod("p1", KEY);
            FakeDaemon daemon = space.connect(new FakeDaemon.Pod("p1"));
            assertNotNull(daemon.welcome);
            assertEquals("for p1", openEgress(daemon.welcome.session()));
            succeeds("c1");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void egress_of_a_sandbox_does_not_keep_its_session_out() throws Exception {
        space.pod("p1", KEY);
        FakeDaemon daemon = space.connect(new FakeDaemon.Pod("p1"));
        space.egressOpen = new CountDownLatch(1);
        List<Socket> egress = new ArrayList<>();
        try {
            while (egress.size() < 80) {
                for (int i = 0; i < 16; i++) {
                    Socket socket = connect();
                    egress.add(socket);
                    Frames.write(
                            new DataOutputStream(socket.getOutputStream()), new Frame.Open(daemon.welcome.session()));
                }
                await().until(() -> space.egressServed.get() + refused("busy") == egress.size());
            }
            assertEquals(64, space.egressServed.get());
            assertNotNull(space.connect(new FakeDaemon.Pod("p1")).welcome);
            succeeds("c1");
        } finally {
            space.egressOpen.countDown();
            for (Socket socket : egress) {
                socket.close();
            }
        }
    }

    private void succeeds(String callId) throws InterruptedException {
        assertNotNull(assertInstanceOf(
                ToolResult.Succeeded.class, space.tool().call(call("shell", callId, "{'command':'date'}"))));
    }

    private double refused(String why) {
        var counter = space.registry
                .find("wheelhouse.sandbox.connections.refused")
                .tag("reason", why)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    private Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    private Socket connect(String from) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), space.host.port(), InetAddress.ofLiteral(from), 0);
    }

    private String openEgress(String secret) throws IOException {
        try (Socket socket = connect()) {
            Frames.write(new DataOutputStream(socket.getOutputStream()), new Frame.Open(secret));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
