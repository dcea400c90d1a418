package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.Exited;
import dev.wheelhouse.sandbox.wire.Frame.Start;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One command, from its start to the end of everything it started. Its output is in a log that many
 * may follow; its end is told once the log is complete.
 */
final class Command {
    /** Bytes of each stream that are kept for sending. */
    private static final int SMALLEST_OUTPUT = 1 << 10;

    private static final int LARGEST_OUTPUT = 256 << 10;
    private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(24);
    private static final int BUFFER = 16 << 10;
    /** After all processes are gone their pipes are closed; a process that cannot be killed may still hold one. */
    private static final long DRAIN_MILLIS = 5_000;

    /** POSIX numbers of the signals that end a process, as Linux has them on all its 64-bit machines we run on. */
    private static final List<String> SIGNALS = List.of(
            "",
            "SIGHUP",
            "SIGINT",
            "SIGQUIT",
            "SIGILL",
            "SIGTRAP",
            "SIGABRT",
            "SIGBUS",
            "SIGFPE",
            "SIGKILL",
            "SIGUSR1",
            "SIGSEGV",
            "SIGUSR2",
            "SIGPIPE",
            "SIGALRM",
            "SIGTERM",
            "SIGSTKFLT",
            "SIGCHLD",
            "SIGCONT",
            "SIGSTOP",
            "SIGTSTP",
            "SIGTTIN",
            "SIGTTOU",
            "SIGURG",
            "SIGXCPU",
            "SIGXFSZ",
            "SIGVTALRM",
            "SIGPROF",
            "SIGWINCH",
            "SIGIO",
            "SIGPWR",
            "SIGSYS");

    private static final int SIGNALLED = 128;
    private static final String NO_PROCESS_LEFT =
            "the sandbox has no process left; whatever the command had started was killed";

    private final String callId;
    private final Processes processes;
    private final OutputLog log;
    private final long startNanos = System.nanoTime();
    /** Null once it is over: what was to be run may be large, and a sandbox has many commands in its life. */
    private volatile Start start;

    private boolean cancelled;
    private boolean over;
    private Exited end;

    Command(Start start, Processes processes, SpoolFolder spools) {
        this.start = start;
        this.callId = start.callId();
        this.processes = processes;
        log = new OutputLog(
                Math.clamp(start.maxOutputBytes(), SMALLEST_OUTPUT, LARGEST_OUTPUT),
                spools.of(callId, "stdout"),
                spools.of(callId, "stderr"));
    }

    /** Runs it; returns as soon as it runs, or cannot be started. {@code whenOver} runs once, at the end. */
    void start(Path workspace, Map<String, String> environment, Runnable whenOver) {
        try {
            var process = processes.start(callId, builder(workspace, environment));
            Threads.start("command", () -> follow(process, whenOver));
        } catch (OutOfMemoryError e) {
            // No process or thread more is to be had. The command may have brought this about: then it did begin.
            processes.over(callId);
            finish(-1, false, NO_PROCESS_LEFT);
            whenOver.run();
        } catch (IOException | RuntimeException e) {
            processes.over(callId);
            finish(-1, false, e.getMessage() == null ? e.toString() : e.getMessage());
            whenOver.run();
        }
    }

    /** One that never starts, with the reason. */
    void refuse(String reason) {
        finish(-1, false, reason);
    }

    void cancel() {
        synchronized (this) {
            if (over) {
                return;
            }
            cancelled = true;
        }
        processes.kill(callId);
    }

    String callId() {
        return callId;
    }

    OutputLog log() {
        return log;
    }

    /** How it ended, or null while it runs. */
    synchronized Exited end() {
        return end;
    }

    /** Waits until it is over. What was dropped since is told as cut. */
    Exited awaitEnd() throws InterruptedException {
        synchronized (this) {
            while (end == null) {
                wait();
            }
        }
        return end.truncated() == log.truncated()
                ? end
                : new Exited(
                        end.callId(),
                        end.code(),
                        end.signal(),
                        end.timedOut(),
                        end.cancelled(),
                        end.millis(),
                        end.stdoutBytes(),
                        end.stderrBytes(),
                        true,
                        end.stdoutFile(),
                        end.stderrFile(),
                        end.error());
    }

    private ProcessBuilder builder(Path workspace, Map<String, String> environment) throws IOException {
        if (start.argv().isEmpty()) {
            throw new IOException("a command without words");
        }
        var cwd = start.cwd() == null ? workspace : workspace.resolve(start.cwd());
        if (!Files.isDirectory(cwd)) {
            throw new IOException("there is no folder " + cwd);
        }
        var builder = new ProcessBuilder(start.argv()).directory(cwd.toFile());
        var variables = builder.environment();
        variables.keySet().removeIf(name -> name.startsWith("WHEELHOUSE_"));
        variables.putAll(environment);
        start.env().forEach((name, value) -> {
            if (value == null) {
                variables.remove(name);
            } else {
                variables.put(name, value);
            }
        });
        return builder;
    }

    private void follow(Process process, Runnable whenOver) {
        var timedOut = false;
        var code = -1;
        String error = null;
        try {
            var out = Threads.start("stdout", () -> pump(process.getInputStream(), false));
            var err = Threads.start("stderr", () -> pump(process.getErrorStream(), true));
            var input = start.stdin();
            if (input == null) {
                feed(process, null); // It cannot block, and needs no thread.
            } else {
                Threads.start("stdin", () -> feed(process, input));
            }
            timedOut = !process.waitFor(Math.clamp(start.timeoutMillis(), 1, LONGEST_MILLIS), TimeUnit.MILLISECONDS);
            if (timedOut) {
                processes.kill(callId);
                process.destroyForcibly();
            }
            code = process.waitFor();
            synchronized (this) {
                over = true;
            }
            processes.over(callId);
            out.join(DRAIN_MILLIS);
            err.join(DRAIN_MILLIS);
        } catch (InterruptedException | OutOfMemoryError e) {
            process.destroyForcibly();
            processes.over(callId);
            error = e instanceof InterruptedException ? "the daemon ended" : NO_PROCESS_LEFT;
        }
        finish(code, timedOut, error);
        whenOver.run();
    }

    private void finish(int code, boolean timedOut, String error) {
        var millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        log.end();
        var signal = code > SIGNALLED && code - SIGNALLED < SIGNALS.size() ? SIGNALS.get(code - SIGNALLED) : null;
        synchronized (this) {
            end = new Exited(
                    callId,
                    code,
                    signal,
                    timedOut,
                    cancelled,
                    millis,
                    log.total(false),
                    log.total(true),
                    log.truncated(),
                    log.file(false),
                    log.file(true),
                    error);
            start = null;
            notifyAll();
        }
    }

    private void pump(InputStream in, boolean stderr) {
        var buffer = new byte[BUFFER];
        try (in) {
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                log.add(stderr, buffer, read);
            }
        } catch (IOException e) {
            // Java closes the pipe when the process is gone.
        }
    }

    private static void feed(Process process, byte[] input) {
        try (var in = process.getOutputStream()) {
            if (input != null) {
                in.write(input);
            }
        } catch (IOException e) {
            // It does not read its input: its own affair.
        }
    }
}
