package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.OutputLog.Position;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends a command's output, from its beginning, and its end to one session. A second one for the
 * same call and session takes the place of the first, whose frames must not come between.
 */
final class Playback {
    private final Session session;
    private final Command command;
    private final ReentrantLock sending = new ReentrantLock();
    private Thread thread;
    private boolean stopped;
    private volatile boolean done;

    Playback(Session session, Command command) {
        this.session = session;
        this.command = command;
    }

    /** By the same thread as {@link #stop}. */
    void start() {
        thread = Threads.start("playback", this::run);
    }

    /** Nothing is sent by it once this returned. */
    void stop() {
        sending.lock();
        stopped = true;
        sending.unlock();
        if (thread != null) {
            thread.interrupt(); // It may wait for a command that says nothing for hours.
        }
    }

    /** Whether it may still send something. */
    boolean goesOn() {
        return !done;
    }

    /** Whether the command is not over yet. */
    boolean ofRunning() {
        return command.end() == null;
    }

    /** Sends everything, in this thread; waits for what is not there yet. */
    void run() {
        try {
            var at = Position.START;
            for (var next = command.log().next(at);
                    next.data() != null;
                    next = command.log().next(at)) {
                if (!send(new Frame.Output(command.callId(), next.stderr(), next.data()))) {
                    return;
                }
                at = next.then();
            }
            send(command.awaitEnd());
        } catch (IOException e) {
            session.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            done = true;
        }
    }

    private boolean send(Frame.ToRuntime frame) throws IOException {
        sending.lock();
        try {
            if (!stopped) {
                session.send(frame);
            }
            return !stopped;
        } finally {
            sending.unlock();
        }
    }
}
