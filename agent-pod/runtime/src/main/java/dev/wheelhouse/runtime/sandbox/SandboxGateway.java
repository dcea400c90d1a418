package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.runtime.outbound.Abandonable;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * The one port that sandboxes reach. A connection is a session, if it begins with a proof of who it is, or one connection
 * of a session's egress. Everything is bounded: connections in all and from one address, the time to the first frame, its
 * size.
 */
public final class SandboxGateway implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SandboxGateway.class);
    private static final int CONNECTIONS = 512;
    /** The daemon opens at most 64 connections for egress at once, besides its session. */
    private static final int OF_ONE_ADDRESS = 96;

    /** Proofs of one address that are looked at together: each costs a request to the API server. */
    private static final int PROOFS = 2;

    private static final Duration FIRST_FRAME = Duration.ofSeconds(5);
    private static final int FIRST_FRAME_BYTES = 32 * 1024;
    /** Who is refused is kept waiting for a moment, so that trying again and again is slow. */
    private static final Duration REFUSAL = Duration.ofMillis(100);

    private static final int BACKLOG = 128;
    private static final int SECRET_BYTES = 32;

    /** What a gateway is made of. */
    record Parts(
            Sandboxes sandboxes,
            Identity identity,
            RuntimeAddresses addresses,
            Isolation isolation,
            SandboxEgress egress,
            SandboxMeters meters) {}

    /** What one address may have. */
    private record Share(Semaphore connections, Semaphore proofs) {
        Share() {
            this(new Semaphore(OF_ONE_ADDRESS), new Semaphore(PROOFS, true));
        }
    }

    private final Parts parts;
    private final int port;
    private final SecureRandom random = new SecureRandom();
    private final Semaphore free = new Semaphore(CONNECTIONS);
    private final Map<InetAddress, Share> ofAddress = new ConcurrentHashMap<>();
    private volatile ServerSocket server;

    /** @param port 0: any that is free */
    SandboxGateway(Parts parts, int port) {
        this.parts = parts;
        this.port = port;
    }

    /** Opens the port; connections are served on threads of their own. */
    public void start() throws IOException {
        ServerSocket opened = new ServerSocket();
        opened.setReuseAddress(true);
        opened.bind(new InetSocketAddress(port), BACKLOG);
        server = opened;
        Thread.ofVirtual().name("sandbox-gateway").start(() -> accept(opened));
    }

    /** The port that is open. */
    public int port() {
        return server.getLocalPort();
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket socket = from.accept();
                if (!free.tryAcquire()) {
                    parts.meters().refused("busy");
                    socket.close();
                    continue;
                }
                Thread.ofVirtual().name("sandbox").start(() -> {
                    try (socket) {
                        bounded(socket);
                    } catch (IOException e) {
                        LOG.debugf("connection of a sandbox: %s", e.getMessage());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException e) {
                        LOG.warnf(e, "connection of a sandbox");
                    } finally {
                        free.release();
                    }
                });
            } catch (IOException e) {
                if (!from.isClosed()) {
                    LOG.warnf("sandboxes cannot connect: %s", e.getMessage());
                    pauseAfterFailure();
                }
            }
        }
    }

    /** Out of file descriptors, most likely: to try again at once would not find any either. */
    private static void pauseAfterFailure() {
        try {
            Thread.sleep(REFUSAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void bounded(Socket socket) throws IOException, InterruptedException {
        InetAddress from = socket.getInetAddress();
        Share share = ofAddress.computeIfAbsent(from, address -> new Share());
        if (!share.connections().tryAcquire()) {
            parts.meters().refused("busy");
            return;
        }
        try {
            serve(socket, share);
        } finally {
            share.connections().release();
            ofAddress.computeIfPresent(from, (a, s) -> s.connections().availablePermits() == OF_ONE_ADDRESS ? null : s);
        }
    }

    private void serve(Socket socket, Share share) throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        // Not buffered: what follows the first frame of an egress connection is not ours.
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Frame first;
        try {
            first = Abandonable.call(FIRST_FRAME, () -> Frames.read(in, FIRST_FRAME_BYTES));
        } catch (TimeoutException | ExecutionException e) {
            parts.meters().refused("silent");
            return;
        }
        switch (first) {
            case Frame.Hello hello -> session(socket, hello, share);
            case Frame.Open(var secret) -> egress(socket, secret);
            default -> parts.meters().refused("protocol");
        }
    }

    private void session(Socket socket, Frame.Hello hello, Share share) throws IOException, InterruptedException {
        if (hello.version() != Frames.VERSION) {
            refuse(socket, "this runtime speaks version " + Frames.VERSION, "version");
            return;
        }
        SandboxPod pod;
        share.proofs().acquire();
        try {
            pod = parts.identity().of(hello.token(), hello.pod(), socket.getInetAddress());
            if (parts.sandboxes().ofPod(pod.uid()).isPresent()) {
                // Whoever connects over and over is slow at it.
                Thread.sleep(REFUSAL);
            }
        } catch (Identity.NotAdmitted e) {
            LOG.debugf("a sandbox at %s is refused: %s", socket.getInetAddress(), e.getMessage());
            refuse(socket, e.getMessage(), "identity");
            return;
        } finally {
            share.proofs().release();
        }
        parts.sandboxes().start();
        Session session = new Session(pod, secret(), socket, parts.isolation().targets(pod, socket.getLocalAddress()));
        String here = RuntimeAddresses.host(socket.getLocalAddress().getHostAddress()) + ":" + socket.getLocalPort();
        try {
            session.send(new Frame.Welcome(
                    session.secret(),
                    parts.addresses().of(pod, here),
                    parts.egress().authority(pod)));
            session.send(new Frame.Probe(session.targets()));
            parts.sandboxes().joined(session);
            parts.meters().joined();
            session.serve(
                    // As it is now: a warm one that was claimed may have a runtime of its run's own.
                    () -> new Frame.Welcome(
                            session.secret(),
                            parts.addresses().of(parts.sandboxes().now(pod), here),
                            null));
        } finally {
            session.close();
            parts.sandboxes().left(session);
        }
    }

    private void refuse(Socket socket, String reason, String kind) throws IOException, InterruptedException {
        parts.meters().refused(kind);
        Thread.sleep(REFUSAL);
        Frames.write(
                new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())), new Frame.Refused(reason));
    }

    private void egress(Socket socket, String secret) throws IOException, InterruptedException {
        Session session =
                secret == null ? null : parts.sandboxes().ofSecret(secret).orElse(null);
        if (session == null || !session.from(socket.getInetAddress())) {
            parts.meters().refused("egress");
            Thread.sleep(REFUSAL);
            return;
        }
        parts.egress().serve(socket, session);
    }

    private String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            LOG.debugf("closing the port of sandboxes: %s", e.getMessage());
        }
        parts.sandboxes().close();
    }
}
