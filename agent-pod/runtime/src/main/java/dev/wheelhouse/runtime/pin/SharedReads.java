package dev.wheelhouse.runtime.pin;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Lets runs that ask for the same object at the same time share one answer. A burst of runs of one Agent reads it a few
 * times instead of once per run, and nobody gets an answer whose reading began before the question: an Agent that was
 * edited before a Run was created is never pinned as it was before.
 *
 * <p>Per object there is at most one reading under way and one that waits for it to end; whoever comes in between joins
 * the waiting one. Thread-safe.
 */
final class SharedReads {
    private final Map<Object, Line> lines = new HashMap<>();

    /** The readings of one object; guarded by {@link #lines}. */
    private static final class Line {
        private CompletableFuture<Object> running;
        private CompletableFuture<Object> waiting;
    }

    /** Place in a line: the caller leads, which means it reads after {@code before} ended, or shares what another reads. */
    private record Turn(boolean leads, CompletableFuture<Object> before, CompletableFuture<Object> answer) {}

    /**
     * Reads, or waits for a reading that begins after this call.
     *
     * @param key names the object and its type; equal keys mean the same reading
     * @throws RuntimeException as the reading throws
     */
    @SuppressWarnings("unchecked")
    <T> T read(Object key, Supplier<T> reading) {
        Turn turn = turn(key);
        return turn.leads() ? lead(key, turn, reading) : (T) share(turn, reading);
    }

    private Turn turn(Object key) {
        synchronized (lines) {
            Line line = lines.computeIfAbsent(key, k -> new Line());
            if (line.waiting != null) {
                return new Turn(false, null, line.waiting);
            }
            CompletableFuture<Object> answer = new CompletableFuture<>();
            if (line.running == null) {
                line.running = answer;
                return new Turn(true, CompletableFuture.completedFuture(null), answer);
            }
            line.waiting = answer;
            return new Turn(true, line.running, answer);
        }
    }

    private <T> T lead(Object key, Turn turn, Supplier<T> reading) {
        turn.before().handle((answer, failure) -> null).join();
        begin(key, turn);
        try {
            T answer = reading.get();
            turn.answer().complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            turn.answer().completeExceptionally(e);
            throw e;
        } finally {
            end(key, turn);
        }
    }

    /** The failure of another's reading may be its own, such as an interrupt: then this caller reads for itself. */
    private static Object share(Turn turn, Supplier<?> reading) {
        try {
            return turn.answer().join();
        } catch (CompletionException e) {
            return reading.get();
        }
    }

    private void begin(Object key, Turn turn) {
        synchronized (lines) {
            Line line = lines.get(key);
            if (line.waiting == turn.answer()) {
                line.waiting = null;
                line.running = turn.answer();
            }
        }
    }

    /** The next reading may have begun, and even ended, since the answer was given: then nothing is left to do. */
    private void end(Object key, Turn turn) {
        synchronized (lines) {
            Line line = lines.get(key);
            if (line == null) {
                return;
            }
            if (line.running == turn.answer()) {
                line.running = null;
            }
            if (line.running == null && line.waiting == null) {
                lines.remove(key);
            }
        }
    }
}
