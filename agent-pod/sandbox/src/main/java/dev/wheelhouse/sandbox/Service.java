package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frame.State;
import dev.wheelhouse.sandbox.wire.Frames;
import dev.wheelhouse.sandbox.wire.WireException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Does what the runtime of one session asks for. Commands run beside each other; file operations
 * one after another, as they come, and when too many wait the runtime waits too.
 */
final class Service {
    private static final int MOST_WAITING = 16;
    private static final int MOST_PLAYBACKS = 256;
    /** Comes after the last call. */
    private static final Frame.FileCall END = new Frame.FileCall("", new FileOp.Glob(""));

    private final Session session;
    private final Commands commands;
    private final FileCalls files;
    private final Ledger ledger;
    private final Runnable stop;
    private final Map<String, Playback> playbacks = new ConcurrentHashMap<>();
    private final BlockingQueue<Frame.FileCall> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

    Service(Session session, Commands commands, FileCalls files, Ledger ledger, Runnable stop) {
        this.session = session;
        this.commands = commands;
        this.files = files;
        this.ledger = ledger;
        this.stop = stop;
        Threads.start("files", this::work);
    }

    /** The session is over; what it started goes on. */
    void end() {
        // Not by an interrupt, which would break an operation off. Nobody but the caller puts anything here.
        waiting.clear();
        waiting.add(END);
        playbacks.values().forEach(Playback::stop);
    }

    /** Whether a command runs that this runtime asked for, or about. */
    boolean follows() {
        return playbacks.values().stream().anyMatch(Playback::ofRunning);
    }

    void received(Frame.ToSandbox frame) throws IOException {
        switch (frame) {
            case Frame.Start start -> play(start.callId(), ledger.start(start, commands));
            case Frame.Find(var callId) -> find(callId);
            case Frame.Cancel(var callId) -> {
                if (ledger.find(callId) instanceof Ledger.Entry.OfCommand(var command)) {
                    cancel(command);
                }
            }
            case Frame.FileCall call -> enqueue(call);
            case Frame.Probe(var targets) -> Threads.start("probes", () -> probe(targets));
            case Frame.Stop() -> stop.run();
            case Frame.Welcome w -> throw new WireException("not here");
            case Frame.Refused r -> throw new WireException("not here");
            case Frame.Ping p -> throw new WireException("not here");
        }
    }

    /** When there is no thread to be had, that may be this command's doing, and the runtime's next words can wait. */
    private static void cancel(Command command) {
        try {
            Threads.start("cancel", command::cancel);
        } catch (OutOfMemoryError e) {
            command.cancel();
        }
    }

    private void find(String callId) throws IOException {
        var old = playbacks.remove(callId);
        if (old != null) {
            old.stop();
        }
        switch (ledger.find(callId)) {
            case null -> session.send(new Frame.Found(callId, State.UNKNOWN));
            case Ledger.Entry.OfCommand(var command) -> {
                session.send(new Frame.Found(callId, command.end() == null ? State.RUNNING : State.ENDED));
                play(callId, command);
            }
            case Ledger.Entry.OfFiles(var _, var newest) -> {
                session.send(new Frame.Found(callId, newest.isDone() ? State.ENDED : State.RUNNING));
                Threads.start("files-found", () -> answer(newest::join));
            }
        }
    }

    private void play(String callId, Command command) {
        if (playbacks.size() >= MOST_PLAYBACKS) {
            playbacks.values().removeIf(playback -> !playback.goesOn());
        }
        var playback = new Playback(session, command);
        var old = playbacks.put(callId, playback);
        if (old != null) {
            old.stop();
        }
        try {
            playback.start();
        } catch (OutOfMemoryError e) {
            if (command.end() == null) {
                throw e;
            }
            // It is over, maybe for the same reason: to tell that waits for nothing, so it needs no thread.
            playback.run();
        }
    }

    private void enqueue(Frame.FileCall call) throws IOException {
        try {
            waiting.put(call);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the daemon ends");
        }
    }

    private void work() {
        try {
            for (var next = waiting.take(); next != END; next = waiting.take()) {
                var call = next;
                // Also when nobody is there any more: the session's reader may wait for room.
                answer(() -> run(call));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Answer {
        Frame.FileDone get() throws IOException;
    }

    private void answer(Answer answer) {
        try {
            session.send(answer.get());
        } catch (IOException e) {
            session.close();
        }
    }

    private Frame.FileDone run(Frame.FileCall call) throws IOException {
        if (!FileCalls.hasEffect(call.op())) {
            ledger.used();
            return files.run(call.callId(), call.op());
        }
        return ledger.once(call.callId(), digest(call.op()), () -> files.run(call.callId(), call.op()));
    }

    /** The same bytes are the same operation: a call may have several, such as the pieces of an upload. */
    private static String digest(FileOp op) throws IOException {
        var bytes = new ByteArrayOutputStream();
        Frames.write(new DataOutputStream(bytes), new Frame.FileCall("", op));
        return Names.of(bytes.toByteArray());
    }

    private void probe(List<Frame.Target> targets) {
        try {
            session.send(new Frame.Probed(Probes.run(targets)));
        } catch (IOException e) {
            session.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
