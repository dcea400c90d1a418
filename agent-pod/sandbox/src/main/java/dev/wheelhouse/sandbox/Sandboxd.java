package dev.wheelhouse.sandbox;

import java.io.IOException;
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

    private final Commands commands;
    private final Settings settings;
    private final Processes processes = new Processes();
    private final Ledger ledger = new Ledger();
    private final Sessions sessions;
    private final Loopback loopback;
    private final CountDownLatch end = new CountDownLatch(1);

    private Sandboxd(Settings settings) throws IOException {
        this.settings = settings;
        commands = new Commands(settings, processes, ledger);
        var files = new FileCalls(new Workspace(settings.workspace(), settings.temporary()));
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
        Thread.ofVirtual().name("warm-up").start(daemon.commands::warmUp);
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
        Thread.ofVirtual().name("proxy").start(daemon.loopback::run);
        Thread.ofVirtual().name("sessions").start(daemon.sessions::run);
        if (settings.idle().isPositive()) {
            Thread.ofVirtual().name("idle").start(daemon::watchIdle);
        }
        return daemon;
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
