package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The proxy that commands see, on the loopback interface. It knows nothing of HTTP: each connection
 * becomes one to the runtime that asked for the last command, which decides about everything.
 */
final class Loopback {
    private static final int MOST = 64;
    private static final int BUFFER = 16 << 10;
    private static final int CONNECT_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 50;

    private final ServerSocket door;
    private final Ledger ledger;
    private final Supplier<Session> serving;
    private final Semaphore places = new Semaphore(MOST);

    Loopback(int port, Ledger ledger, Supplier<Session> serving) throws IOException {
        door = new ServerSocket(port, MOST, InetAddress.ofLiteral("127.0.0.1"));
        this.ledger = ledger;
        this.serving = serving;
    }

    int port() {
        return door.getLocalPort();
    }

    void run() {
        try {
            while (!door.isClosed()) {
                accept();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() throws InterruptedException {
        try {
            var client = door.accept();
            if (ledger.running() == 0 || !places.tryAcquire()) {
                client.close();
                return;
            }
            try {
                Threads.start("egress", () -> carry(client));
            } catch (OutOfMemoryError e) {
                places.release(); // There is no thread to be had: that may be the commands' own doing.
                client.close();
            }
        } catch (IOException e) {
            // Closed; or out of file descriptors, which may pass.
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    void close() {
        try {
            door.close();
        } catch (IOException e) {
            // The process ends anyway.
        }
    }

    private void carry(Socket client) {
        try (client;
                var runtime = new Socket()) {
            var session = serving.get();
            if (session == null) {
                return;
            }
            runtime.setTcpNoDelay(true);
            runtime.connect(session.peer(), CONNECT_MILLIS);
            Frames.write(
                    new DataOutputStream(runtime.getOutputStream()),
                    new Frame.Open(session.welcome().session()));
            var back = Threads.start("egress-back", () -> pipe(runtime, client));
            pipe(client, runtime);
            back.join();
        } catch (IOException | OutOfMemoryError e) {
            // The command sees a closed connection. The second: there is no thread to be had.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    /** One direction. Its end is passed on and leaves the other as it is; a break ends both. */
    private static void pipe(Socket from, Socket to) {
        try {
            var buffer = new byte[BUFFER];
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Then it is.
        }
    }
}
