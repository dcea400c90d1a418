package dev.wheelhouse.sandbox.wire;

import java.util.List;
import java.util.Map;

/**
 * What the daemon in a sandbox and a runtime tell each other. The sandbox dials out and says
 * {@link Hello}, or {@link Open} for one connection of its egress. A command or a file operation
 * has the id of the tool call it serves: however often that id is sent, it happens once.
 *
 * <p>Arrays are not copied and must not be changed by anybody. Everything that comes from a sandbox
 * is what a hostile party says, whatever the type promises.
 */
public sealed interface Frame {
    /** What a sandbox says. */
    sealed interface ToRuntime extends Frame {}

    /** What a runtime says. */
    sealed interface ToSandbox extends Frame {}

    /** The first frame of a session; the token is the projected one, for the audience of sandboxes. */
    record Hello(int version, String token, String pod) implements ToRuntime {
        @Override
        public String toString() {
            return "Hello[version=" + version + ", pod=" + pod + "]";
        }
    }

    /** The first frame of an egress connection; after it come plain bytes, both ways. */
    record Open(String session) implements ToRuntime {
        @Override
        public String toString() {
            return "Open[]";
        }
    }

    /** The answer to {@link Probe}: its targets, and what the daemon looks at by itself. */
    record Probed(List<ProbeResult> results) implements ToRuntime {}

    /** A piece of a command's output, at most {@link Frames#MAX_OUTPUT} bytes, in order. */
    record Output(String callId, boolean stderr, byte[] data) implements ToRuntime {}

    /**
     * A command is over. {@code code} is -1 and {@code error} set when it could not be started or followed;
     * {@code signal} such as "SIGKILL", or null. {@code truncated} tells that not all output was
     * sent; the files, or null, are where the daemon kept all of it.
     */
    record Exited(
            String callId,
            int code,
            String signal,
            boolean timedOut,
            boolean cancelled,
            long millis,
            long stdoutBytes,
            long stderrBytes,
            boolean truncated,
            String stdoutFile,
            String stderrFile,
            String error)
            implements ToRuntime {}

    /** The answer to {@link Find}. */
    record Found(String callId, State state) implements ToRuntime {}

    /**
     * The answer to {@link FileCall}. {@code error} is null when it went well; {@code more} tells
     * that the content or the entries are not all; {@code size} is the size of the whole file.
     */
    record FileDone(String callId, String error, byte[] content, boolean more, long size, List<FileEntry> entries)
            implements ToRuntime {}

    /** Asks for a {@link Welcome} with the runtimes there are now. */
    record WhoIsThere() implements ToRuntime {}

    /** The answer to {@link Ping}. */
    record Pong(long n) implements ToRuntime {}

    /**
     * The session is accepted; also the answer to {@link WhoIsThere}. {@code session} is its secret,
     * for {@link Open}. {@code runtimes} are all that the sandbox should have a session with, as
     * "address:port", <b>the one that says this first</b>: the sandbox may have found it through a
     * Service, and needs to know whom it got. {@code caPem}, in PEM, is whom its commands shall trust
     * besides the image's authorities; null: as said before.
     */
    record Welcome(String session, List<String> runtimes, String caPem) implements ToSandbox {
        @Override
        public String toString() {
            return "Welcome[runtimes=" + runtimes + "]";
        }
    }

    /** The session is not accepted; the connection is closed after it. */
    record Refused(String reason) implements ToSandbox {}

    /** Asks the sandbox to try whether it reaches what it must not. */
    record Probe(List<Target> targets) implements ToSandbox {}

    /**
     * Runs a command, unless its call is known: then its output is sent again, and its end.
     * {@code env} is added to the image's, null values take away; {@code cwd} null is the workspace;
     * {@code maxOutputBytes} is for each of the two streams.
     */
    record Start(
            String callId,
            List<String> argv,
            Map<String, String> env,
            String cwd,
            byte[] stdin,
            long timeoutMillis,
            int maxOutputBytes)
            implements ToSandbox {}

    /** Asks what became of a call; if it is known, its output and its end follow the {@link Found}. */
    record Find(String callId) implements ToSandbox {}

    /** Kills a command and all it started. */
    record Cancel(String callId) implements ToSandbox {}

    /** The sandbox is not needed any more. */
    record Stop() implements ToSandbox {}

    /** Is somebody there? */
    record Ping(long n) implements ToSandbox {}

    /** An operation on files. */
    record FileCall(String callId, FileOp op) implements ToSandbox {}

    /** What the daemon knows of a call. */
    enum State {
        RUNNING,
        ENDED,
        UNKNOWN
    }

    /** Something that must not be reachable; {@code protocol} is "tcp", "udp" or "dns". */
    record Target(String name, String protocol, String host, int port) {}

    /** {@code reached}: something came back, be it a refusal. {@code detail} is for people. */
    record ProbeResult(String name, boolean reached, String detail) {}

    /** One entry of a folder; {@code path} relative to the folder that was asked for, {@code mode} such as "rw-r--r--". */
    record FileEntry(String path, boolean directory, long size, String mode) {}
}
