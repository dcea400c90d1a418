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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * The one port that sandboxes reach. A connection is a session, if it begins with a proof of who it is, or one connection
 * of a session's egress. Everything is bounded: connections, the time to the first frame, its size. Sessions and egress
 * have {@link Places} of their own, so that a sandbox gets its session whatever others do and however many requests its
 * commands make.
 */
public final class SandboxGateway implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SandboxGateway.class);
    /** Of each address: its session, the one that follows it before it is known to be gone, and connections that begin. */
    private static final int OWN = 4;
    /** The daemon opens at most 64 connections for egress at once. */
    private static final int EGRESS = 64;

    /** Beyond their own, of all addresses. */
    private static final int SHARED = 512;
    /** Fewer of them, as each has TLS on both sides. */
    private static final int SHARED_EGRESS = 256;

    private static final Duration FIRST_FRAME = Duration.ofSeconds(5);
    private static final int FIRST_FRAME_BYTES = 32 * 1024;
    /** Who is refused is kept waiting for a moment, so that trying again and again is slow. */
    private static final Duration REFUSAL = Duration.ofMillis(250);

    private static final int BACKLOG = 1024;
    private static final int SECRET_BYTES = 32;

    /** What a gateway is made of. */
    record Parts(
            Sandboxes sandboxes,
            Identity identity,
            RuntimeAddresses addresses,
            Isolation isolation,
            SandboxEgress egress,
            SandboxMeters meters) {}

    private final Parts parts;
    private final int port;
    private final SecureRandom random = new SecureRandom();
    /** Of sessions, and of connections that did not say yet what they are. */
    private final Places sessionPlaces = new Places(OWN, OWN + EGRESS, SHARED);

    private final Places egressPlaces = new Places(OWN, EGRESS, SHARED_EGRESS);
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
                if (sessionPlaces.enter(socket.getInetAddress())) {
                    Thread.ofVirtual().name("sandbox").start(() -> connected(socket));
                } else {
                    parts.meters().refused("busy");
                    socket.close();
                }
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

    private void connected(Socket socket) {
        try (socket) {
            serve(socket, socket.getInetAddress());
        } catch (IOException e) {
            LOG.debugf("connection of a sandbox: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warnf(e, "connection of a sandbox");
        }
    }

    /** Serves what has a place among sessions. */
    private void serve(Socket socket, InetAddress from) throws IOException, InterruptedException {
        String secret;
        try {
            switch (first(socket)) {
                case Frame.Hello hello -> {
                    session(socket, hello);
                    return;
                }
                case Frame.Open(var said) -> secret = said;
                case null -> {
                    parts.meters().refused("silent");
                    return;
                }
                default -> {
                    parts.meters().refused("protocol");
                    return;
                }
            }
        } finally {
            sessionPlaces.leave(from);
        }
        if (!egressPlaces.enter(from)) {
            parts.meters().refused("busy");
            return;
        }
        try {
            egress(socket, secret);
        } finally {
            egressPlaces.leave(from);
        }
    }

    /** What it says first, or null if that is nothing in time. */
    private static Frame first(Socket socket) throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        // Not buffered: what follows the first frame of an egress connection is not ours.
        DataInputStream in = new DataInputStream(socket.getInputStream());
        try {
            return Abandonable.call(FIRST_FRAME, () -> Frames.read(in, FIRST_FRAME_BYTES));
        } catch (TimeoutException | ExecutionException e) {
            return null;
        }
    }

    private void session(Socket socket, Frame.Hello hello) throws IOException, InterruptedException {
        if (hello.version() != Frames.VERSION) {
            refuse(socket, "this runtime speaks version " + Frames.VERSION, "version");
            return;
        }
        SandboxPod pod;
        try {
            pod = parts.identity().of(hello.token(), hello.pod(), socket.getInetAddress());
        } catch (Identity.NotAdmitted e) {
            LOG.debugf("a sandbox at %s is refused: %s", socket.getInetAddress(), e.getMessage());
            refuse(socket, e.getMessage(), "identity");
            return;
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
        Session session = parts.sandboxes().ofSecret(secret).orElse(null);
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
