package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.ProbeResult;
import dev.wheelhouse.sandbox.wire.Frame.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/**
 * Tries to reach what a sandbox must not reach. Anything that comes back counts, a refused
 * connection too: a network that lets that through lets other things through. A target that cannot
 * be tried counts as reached: what is not verified is not isolated.
 */
final class Probes {
    private static final int WAIT_MILLIS = 400;
    private static final int MOST_TARGETS = 64;
    private static final int DNS_BUFFER = 512;

    /** Addresses by which a network without rules for IPv6 would betray itself: a metadata service, and the internet. */
    private static final List<Target> IPV6 = List.of(
            new Target("ipv6-metadata", "tcp", "fd00:ec2::254", 80),
            new Target("ipv6-internet", "tcp", "2606:4700:4700::1111", 443));

    private static final Path UID_MAP = Path.of("/proc/self/uid_map");
    private static final List<Path> PIDS_MAX =
            List.of(Path.of("/sys/fs/cgroup/pids.max"), Path.of("/sys/fs/cgroup/pids/pids.max"));

    private Probes() {}

    /** All at once; takes a little longer than the longest wait of one. */
    static List<ProbeResult> run(List<Target> targets) throws InterruptedException {
        var all = new ArrayList<>(targets.subList(0, Math.min(targets.size(), MOST_TARGETS)));
        all.addAll(IPV6);
        var results = new ArrayList<ProbeResult>();
        try (var threads = Executors.newThreadPerTaskExecutor(Threads.factory())) {
            for (var future : threads.invokeAll(all.stream()
                    .map(target -> (Callable<ProbeResult>) () -> probe(target))
                    .toList())) {
                results.add(future.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (OutOfMemoryError e) {
            // Commands use up the threads: then one after another.
            results.clear();
            all.forEach(target -> results.add(probe(target)));
        }
        results.add(new ProbeResult("userns", false, userNamespace()));
        results.add(new ProbeResult("pids", false, processLimit()));
        return List.copyOf(results);
    }

    private static ProbeResult probe(Target target) {
        try {
            var address = new InetSocketAddress(InetAddress.ofLiteral(target.host()), target.port());
            return switch (target.protocol()) {
                case "tcp" -> tcp(target, address);
                case "udp" -> datagram(target, address, new byte[] {0});
                case "dns" -> datagram(target, address, query());
                default -> new ProbeResult(target.name(), true, "not tried: unknown protocol " + target.protocol());
            };
        } catch (IllegalArgumentException e) {
            return new ProbeResult(target.name(), true, "not tried: " + e.getMessage());
        }
    }

    private static ProbeResult tcp(Target target, InetSocketAddress address) {
        try (var socket = new Socket()) {
            socket.connect(address, WAIT_MILLIS);
            return new ProbeResult(target.name(), true, "connected");
        } catch (ConnectException e) {
            // Java says the same class for "refused" and "no route"; the text is that of the C library.
            var refused = String.valueOf(e.getMessage()).contains("refused");
            return new ProbeResult(target.name(), refused, e.getMessage());
        } catch (IOException e) {
            return new ProbeResult(target.name(), false, e.getMessage());
        }
    }

    private static ProbeResult datagram(Target target, InetSocketAddress address, byte[] message) {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.connect(address);
            socket.send(new DatagramPacket(message, message.length));
            socket.receive(new DatagramPacket(new byte[DNS_BUFFER], DNS_BUFFER));
            return new ProbeResult(target.name(), true, "answered");
        } catch (PortUnreachableException e) {
            return new ProbeResult(target.name(), true, "refused");
        } catch (IOException | RuntimeException e) {
            return new ProbeResult(target.name(), false, e.getMessage());
        }
    }

    /** Asks a name server for the address of the API server. */
    private static byte[] query() {
        var message = new ByteArrayOutputStream();
        // id, recursion wanted, one question
        message.writeBytes(new byte[] {0x57, 0x48, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (var label : List.of("kubernetes", "default", "svc", "cluster", "local")) {
            message.write(label.length());
            message.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        message.writeBytes(new byte[] {0, 0, 1, 0, 1}); // end, type A, class IN
        return message.toByteArray();
    }

    private static String userNamespace() {
        var map = firstLine(UID_MAP).trim().replaceAll("\\s+", " ");
        return map.equals("0 0 4294967295") ? "no user namespace" : "uid map: " + map;
    }

    private static String processLimit() {
        for (var file : PIDS_MAX) {
            if (Files.isReadable(file)) {
                return "pids.max: " + firstLine(file);
            }
        }
        return "pids.max: unknown";
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException | UncheckedIOException e) {
            return "unknown";
        }
    }
}
