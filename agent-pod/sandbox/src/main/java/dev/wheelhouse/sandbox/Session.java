package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frame.Welcome;
import dev.wheelhouse.sandbox.wire.Frames;
import dev.wheelhouse.sandbox.wire.WireException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connection with one runtime, from Hello to its end. Whoever writes waits for the runtime to
 * read; a runtime that is silent for too long, although it is asked all the time, is taken for dead,
 * which also frees those that wait to write to it.
 */
final class Session implements Closeable {
    static final int MOST_RUNTIMES = 32;

    private static final int CONNECT_MILLIS = 2_000;
    private static final int WELCOME_MILLIS = 10_000;
    private static final int SILENCE_MILLIS = 15_000;
    private static final int ASK_MILLIS = 2_000;
    private static final int LONGEST_TOKEN = 64 << 10;
    private static final int LONGEST_REASON = 200;

    private final InetSocketAddress dialed;
    private final Socket socket = new Socket();
    private final ReentrantLock writing = new ReentrantLock();
    private DataOutputStream out;
    private volatile Welcome welcome;
    private volatile String authority;
    private volatile InetSocketAddress peer;
    private volatile List<InetSocketAddress> runtimes = List.of();

    Session(InetSocketAddress dialed) {
        this.dialed = dialed;
    }

    /** One that is not connected: what is said to it is lost. */
    static Session withNobody() {
        var session = new Session(null);
        session.out = new DataOutputStream(OutputStream.nullOutputStream());
        return session;
    }

    /** Tells what came, one after another; not called for what the session itself answers. */
    interface Receiver {
        /** The first, and each that tells of changes. */
        void welcomed(Session session, Welcome welcome);

        void received(Session session, Frame frame) throws IOException;
    }

    /**
     * Connects and serves until the end of the connection.
     *
     * @throws IOException with the reason why it could not be or was broken
     */
    void run(Path token, String pod, Receiver receiver) throws IOException {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.connect(dialed, CONNECT_MILLIS);
            socket.setSoTimeout(WELCOME_MILLIS);
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = new DataOutputStream(socket.getOutputStream());
            send(new Frame.Hello(Frames.VERSION, read(token), pod));
            receive(Frames.read(in, Frames.MAX), receiver);
            socket.setSoTimeout(SILENCE_MILLIS);
            var asking = Threads.start("asking", this::ask);
            try {
                while (true) {
                    receive(Frames.read(in, Frames.MAX), receiver);
                }
            } finally {
                asking.interrupt();
            }
        }
    }

    /** Sends a frame; waits while another thread does, and while the runtime does not read. */
    void send(Frame.ToRuntime frame) throws IOException {
        writing.lock();
        try {
            Frames.write(out, frame);
        } finally {
            writing.unlock();
        }
    }

    /** What the runtime said last, or null before it accepted the session. */
    Welcome welcome() {
        return welcome;
    }

    /** Whom commands must trust to reach anything by way of this runtime, in PEM; null before it said so. */
    String authority() {
        return authority;
    }

    /** The runtime's own address: that of the connection may be a Service's. Null before the welcome. */
    InetSocketAddress peer() {
        return peer;
    }

    /** All runtimes that this one knows of, itself included. */
    List<InetSocketAddress> runtimes() {
        return runtimes;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }

    private void receive(Frame frame, Receiver receiver) throws IOException {
        switch (frame) {
            case Frame.Refused(var reason) ->
                throw new IOException("refused: " + reason.substring(0, Math.min(reason.length(), LONGEST_REASON)));
            case Welcome said -> {
                // All of it is read before any of it counts.
                var addresses = said.runtimes().stream()
                        .limit(MOST_RUNTIMES)
                        .map(Settings::address)
                        .toList();
                peer = addresses.isEmpty() ? dialed : addresses.getFirst();
                runtimes = addresses;
                welcome = said;
                authority = said.caPem() == null ? authority : said.caPem();
                receiver.welcomed(this, said);
            }
            case Frame.Ping(var n) -> send(new Frame.Pong(n));
            case Frame other -> {
                if (welcome == null) {
                    throw new WireException("the runtime did not say welcome");
                }
                receiver.received(this, other);
            }
        }
    }

    private void ask() {
        try {
            while (true) {
                Thread.sleep(ASK_MILLIS);
                send(new Frame.WhoIsThere());
            }
        } catch (InterruptedException | IOException e) {
            close();
        }
    }

    private static String read(Path token) throws IOException {
        try (var in = Files.newInputStream(token)) {
            return new String(in.readNBytes(LONGEST_TOKEN), StandardCharsets.US_ASCII).trim();
        }
    }
}
