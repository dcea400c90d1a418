package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.FileDone;
import dev.wheelhouse.sandbox.wire.Frame.Start;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The calls this sandbox ever got, by id: a call that is known never happens a second time. How a
 * call ended is kept as long as the sandbox; the output of the oldest is dropped when it becomes
 * too much.
 */
final class Ledger {
    private static final int MOST_RUNNING = 16;
    private static final int MOST_CALLS = 20_000;
    private static final int MOST_OUTPUTS = 256;
    private static final long MOST_OUTPUT_BYTES = 6L << 20;
    static final int LONGEST_CALL_ID = 256;

    private final Map<String, Entry> entries = new HashMap<>();
    /** Commands that ended and still have their output, the oldest first. */
    private final LinkedHashMap<String, Command> outputs = new LinkedHashMap<>();

    private int running;
    private boolean anything;
    private long lastNanos = System.nanoTime();

    /** What is known of a call. */
    sealed interface Entry {
        /** A command. */
        record OfCommand(Command command) implements Entry {}

        /** File operations; {@code results} by operation, {@code newest} one of them. */
        record OfFiles(Map<String, CompletableFuture<FileDone>> results, CompletableFuture<FileDone> newest)
                implements Entry {}
    }

    /** How a new command is made and started. */
    interface Starter {
        Command make(Start start);

        void start(Command command, Runnable whenOver);
    }

    /** The command of this call: a new one, that is started now, or the one it has already. */
    Command start(Start start, Starter starter) {
        Command command;
        synchronized (this) {
            if (entries.get(start.callId()) instanceof Entry.OfCommand(var known)) {
                return known;
            }
            command = starter.make(start);
            if (start.callId().length() > LONGEST_CALL_ID) {
                command.refuse("the id of the call is longer than " + LONGEST_CALL_ID + " characters");
                return command;
            }
            if (entries.size() >= MOST_CALLS) {
                command.refuse("this sandbox had " + MOST_CALLS + " calls");
                return command;
            }
            entries.put(start.callId(), new Entry.OfCommand(command));
            if (running >= MOST_RUNNING) {
                command.refuse("there are " + MOST_RUNNING + " commands running already");
                return command;
            }
            running++;
            used();
        }
        starter.start(command, () -> over(command));
        return command;
    }

    /**
     * Does an operation on files once: an identical one of the same call gets the same answer, and waits for it if the
     * first is still under way, as when a runtime takes over from another.
     */
    FileDone once(String callId, String operation, Supplier<FileDone> work) {
        var result = new CompletableFuture<FileDone>();
        CompletableFuture<FileDone> there;
        synchronized (this) {
            used();
            Map<String, CompletableFuture<FileDone>> results =
                    entries.get(callId) instanceof Entry.OfFiles files ? files.results() : new HashMap<>();
            there = results.get(operation);
            if (there == null) {
                if (entries.size() >= MOST_CALLS || callId.length() > LONGEST_CALL_ID) {
                    return FileCalls.failed(callId, "this sandbox takes no such call");
                }
                results.put(operation, result);
                entries.put(callId, new Entry.OfFiles(results, result));
            }
        }
        if (there != null) {
            return there.join();
        }
        try {
            result.complete(work.get());
        } finally {
            // Nobody waits for ever, whatever became of the work.
            result.complete(FileCalls.failed(callId, "the operation broke off"));
        }
        return result.join();
    }

    /** What is known of the call, or null. */
    synchronized Entry find(String callId) {
        return entries.get(callId);
    }

    /** Something happens that is no call of its own, but shows that the sandbox is in use. */
    synchronized void used() {
        anything = true;
        lastNanos = System.nanoTime();
    }

    synchronized int running() {
        return running;
    }

    /** How long nothing has happened; 0 while a command runs, and until there was the first. */
    synchronized long idleNanos() {
        return anything && running == 0 ? System.nanoTime() - lastNanos : 0;
    }

    private synchronized void over(Command command) {
        running--;
        used();
        outputs.put(command.callId(), command);
        var bytes = 0L;
        for (var kept : outputs.values()) {
            bytes += kept.log().bytes();
        }
        var oldest = outputs.values().iterator();
        while (outputs.size() > MOST_OUTPUTS || bytes > MOST_OUTPUT_BYTES && outputs.size() > 1) {
            var dropped = oldest.next();
            bytes -= dropped.log().bytes();
            dropped.log().drop();
            oldest.remove();
        }
    }
}
