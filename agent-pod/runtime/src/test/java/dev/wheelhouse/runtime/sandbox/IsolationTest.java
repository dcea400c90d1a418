package dev.wheelhouse.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sandbox must not reach, and what is made of its answers. */
class IsolationTest {
    private static final SandboxPod POD =
            new SandboxPod("p1", "uid", "key", null, null, "10.1.0.2", "10.0.0.9", "2026-11-26T00:00:00Z", false, null);

    @TempDir
    Path folder;

    @Test
    void everything_of_the_cluster_is_probed() throws IOException {
        Path resolv = Files.writeString(folder.resolve("resolv.conf"), "search x\nnameserver 10.96.0.10\n");
        Isolation isolation = Isolation.ofThisPod(
                Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "6443"), resolv);
        assertEquals(
                List.of(
                        new Frame.Target("API server", "tcp", "10.96.0.1", 6443),
                        new Frame.Target("metadata service", "tcp", "169.254.169.254", 80),
                        new Frame.Target("node", "tcp", "10.0.0.9", 10250),
                        new Frame.Target("DNS", "dns", "10.96.0.10", 53),
                        new Frame.Target("other pods", "tcp", "10.1.0.3", 8080)),
                isolation.targets(POD, InetAddress.ofLiteral("10.1.0.3")));
    }

    @Test
    void only_a_no_to_everything_is_isolation() throws IOException {
        var targets = new Isolation(new Isolation.Place("10.96.0.1", 443), "10.96.0.10")
                .targets(POD, InetAddress.ofLiteral("10.1.0.3"));
        List<Frame.ProbeResult> closed = new ArrayList<>(targets.stream()
                .map(t -> new Frame.ProbeResult(t.name(), false, "timed out"))
                .toList());
        assertTrue(Isolation.judge(targets, Optional.of(closed)).isolated());
        assertEquals("NotVerified", Isolation.judge(targets, Optional.empty()).reason());
        RunDesk.Network silent = Isolation.judge(targets, Optional.of(closed.subList(1, closed.size())));
        assertFalse(silent.isolated());
        assertTrue(silent.message().contains("API server"), silent.message());
        closed.add(new Frame.ProbeResult("ipv6-internet", true, "connected\u001b[2J" + "x".repeat(5000)));
        RunDesk.Network own = Isolation.judge(targets, Optional.of(closed));
        assertFalse(own.isolated());
        assertEquals("Reached", own.reason());
        assertTrue(own.message().contains("ipv6-internet: connected [2J"), own.message());
        assertTrue(own.message().length() < 500, own.message());
    }
}
