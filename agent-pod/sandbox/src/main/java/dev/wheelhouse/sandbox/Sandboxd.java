package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The daemon of a sandbox: dials out to the runtimes of its namespace and does what they say, so
 * that nothing needs to dial into a sandbox. It holds no credential but the token that proves which
 * pod it is. It trusts nothing that runs beside it, and is itself trusted by nobody: the network
 * around the pod and the runtime do the guarding.
 */
public final class Sandboxd implements AutoCloseable {
    /** As a shell tells of SIGTERM. */
    private static final int TERMINATED = 143;

    private static final long LOOK_MILLIS = 500;
    private static final long WARM_UP_MILLIS = 1_000;

    private final Commands commands;
    private final FileCalls files;
    private final Settings settings;
    private final Processes processes = new Processes();
    private final Ledger ledger = new Ledger();
    private final Sessions sessions;
    private final Loopback loopback;
    private final CountDownLatch end = new CountDownLatch(1);

    private Sandboxd(Settings settings) throws IOException {
        this.settings = settings;
        commands = new Commands(settings, processes);
        files = new FileCalls(new Workspace(settings.workspace(), settings.temporary()));
        sessions = new Sessions(settings, commands, files, ledger, end::countDown);
        loopback = new Loopback(settings.proxyPort(), ledger, sessions::serving);
        commands.proxyAt(loopback.port());
    }

    /** What the container runs. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        serve(Settings.of(System.getenv()));
    }

    /** As a process of its own, until it is told to end or asked to by a signal. */
    static void serve(Settings settings) throws IOException, InterruptedException {
        if (!Kernel.hide()) {
            say("commands could read this process's memory: PR_SET_DUMPABLE failed");
        }
        var daemon = start(settings);
        Threads.start("warm-up", daemon::warmUp);
        // A signal is no good end: the kubelet would call the pod Succeeded, and keep to itself why it evicted it.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            var asked = daemon.end.getCount() == 0;
            daemon.close();
            Runtime.getRuntime().halt(asked ? 0 : TERMINATED);
        }));
        daemon.awaitEnd();
        System.exit(0);
    }

    /** Starts a daemon in this process; for tests too. */
    public static Sandboxd start(Settings settings) throws IOException {
        var daemon = new Sandboxd(settings);
        Threads.start("proxy", daemon.loopback::run);
        Threads.start("sessions", daemon.sessions::run);
        if (settings.idle().isPositive()) {
            Threads.start("idle", daemon::watchIdle);
        }
        return daemon;
    }

    /**
     * Runs a command, from its frame to its end, for nobody: the first one that somebody waits for finds all of this
     * loaded. It is no call of any runtime: its id is nobody else's, and it has a ledger of its own.
     */
    private void warmUp() {
        var id = "warm-up " + System.nanoTime();
        var command = new Frame.Start(id, List.of("/bin/sh", "-c", "echo"), Map.of(), null, null, WARM_UP_MILLIS, 0);
        try (var nobody = Session.withNobody()) {
            var bytes = new ByteArrayOutputStream();
            Frames.write(new DataOutputStream(bytes), command);
            var read = Frames.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), Frames.MAX);
            var own = new Ledger();
            var service = new Service(nobody, commands, files, own, () -> {});
            service.received((Frame.Start) read);
            new Playback(nobody, own.start(command, commands)).run();
            service.end();
        } catch (IOException e) {
            say("warm-up: " + e.getMessage());
        }
    }

    /** Waits until a runtime says that the sandbox is not needed, or until it was idle long enough. */
    public void awaitEnd() throws InterruptedException {
        end.await();
    }

    /** Ends every session and everything that runs. */
    @Override
    public void close() {
        sessions.close();
        loopback.close();
        processes.end();
        end.countDown();
    }

    private void watchIdle() {
        try {
            while (ledger.idleNanos() < settings.idle().toNanos()) {
                Thread.sleep(LOOK_MILLIS);
            }
            say("idle for " + settings.idle().toSeconds() + " s");
            end.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A line for the pod's log; never about what commands do. */
    static void say(String line) {
        System.err.println("sandboxd: " + line);
    }
}
