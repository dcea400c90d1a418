package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a command wrote, as far as it is sent: for each of the two streams its beginning, as it
 * comes, and at the end its last part, with a line between that says how much was left out. All of
 * it goes to a {@link Spool} once it is too much. Whoever reads follows with a position of its own,
 * from the beginning, so that a slow or dead reader holds up neither the command nor the others, and
 * memory is bounded by the limit.
 */
final class OutputLog {
    /** What a piece costs besides its bytes, so that many tiny ones are bounded too. */
    private static final int PIECE_OVERHEAD = 32;
    /** Room for the line about what was left out, so that all that is sent keeps the limit. */
    private static final int LINE = 256;

    private final List<Piece> pieces = new ArrayList<>();
    private final Stream stdout;
    private final Stream stderr;
    private boolean ended;
    private boolean dropped;

    /** {@code limit}: bytes of each stream that are kept for sending. */
    OutputLog(int limit, Spool stdoutSpool, Spool stderrSpool) {
        stdout = new Stream(limit, stdoutSpool);
        stderr = new Stream(limit, stderrSpool);
    }

    /** Where a reader is. */
    record Position(int piece, int offset) {
        static final Position START = new Position(0, 0);
    }

    /** What comes next for a reader; {@code data} null: that was all. */
    record Next(boolean stderr, byte[] data, Position then) {}

    /** Takes what a stream brought, until the end. One thread per stream. */
    void add(boolean ofStderr, byte[] buffer, int length) {
        var stream = ofStderr ? stderr : stdout;
        int kept;
        byte[] head = null;
        synchronized (this) {
            if (ended) {
                return;
            }
            kept = Math.min(length, stream.headLeft());
            stream.total += length;
            if (kept > 0) {
                append(ofStderr, stream, buffer, kept);
                notifyAll();
            }
            if (kept < length && stream.tail == null) {
                stream.tail = new Tail(stream.tailLimit);
                head = headOf(ofStderr);
            }
        }
        if (kept < length) {
            stream.past(head, buffer, kept, length - kept);
        }
    }

    /** The command is over. A process that nothing can kill may still write: that is of no interest to anybody. */
    synchronized void end() {
        for (var ofStderr : new boolean[] {false, true}) {
            var stream = ofStderr ? stderr : stdout;
            var rest = stream.close();
            if (rest != null) {
                var gap = stream.total - stream.sent - rest.length;
                if (gap > 0) {
                    var line = "\n[... " + gap + " bytes left out" + stream.spool.told() + " ...]\n";
                    append(ofStderr, stream, line.getBytes(StandardCharsets.UTF_8), -1);
                    stream.truncated = true;
                } else {
                    stream.spool.discard();
                }
                append(ofStderr, stream, rest, rest.length);
            }
        }
        ended = true;
        notifyAll();
    }

    /** Waits for what follows the position. */
    synchronized Next next(Position at) throws InterruptedException {
        while (true) {
            if (dropped) {
                return new Next(false, null, at);
            }
            if (at.piece() < pieces.size()) {
                var piece = pieces.get(at.piece());
                if (at.offset() < piece.length) {
                    var data = Arrays.copyOfRange(piece.bytes, at.offset(), piece.length);
                    return new Next(piece.stderr, data, new Position(at.piece(), piece.length));
                }
                if (at.piece() + 1 < pieces.size()) {
                    at = new Position(at.piece() + 1, 0);
                    continue;
                }
            }
            if (ended) {
                return new Next(false, null, at);
            }
            wait();
        }
    }

    /** Forgets the output of a command that ended, for want of memory. */
    synchronized void drop() {
        dropped = true;
        pieces.clear();
        notifyAll();
    }

    synchronized long bytes() {
        return pieces.stream()
                .mapToLong(piece -> piece.bytes.length + PIECE_OVERHEAD)
                .sum();
    }

    synchronized boolean truncated() {
        return dropped || stdout.truncated || stderr.truncated;
    }

    synchronized long total(boolean ofStderr) {
        return (ofStderr ? stderr : stdout).total;
    }

    /** The file with all of the stream, or null when there is none. */
    synchronized String file(boolean ofStderr) {
        return (ofStderr ? stderr : stdout).spool.file();
    }

    /** {@code length} -1: all of the bytes, and they are ours, not the command's. */
    private void append(boolean ofStderr, Stream stream, byte[] buffer, int length) {
        var left = length < 0 ? buffer.length : length;
        if (length > 0) {
            stream.sent += length;
        }
        var from = 0;
        while (left > 0) {
            var last = pieces.isEmpty() ? null : pieces.getLast();
            if (last == null || last.stderr != ofStderr || last.length == Frames.MAX_OUTPUT) {
                last = new Piece(ofStderr);
                pieces.add(last);
                stream.overhead += PIECE_OVERHEAD;
            }
            var now = Math.min(left, Frames.MAX_OUTPUT - last.length);
            last.add(buffer, from, now);
            from += now;
            left -= now;
        }
    }

    private byte[] headOf(boolean ofStderr) {
        var head = new byte[(int) (ofStderr ? stderr : stdout).sent];
        var at = 0;
        for (var piece : pieces) {
            if (piece.stderr == ofStderr) {
                System.arraycopy(piece.bytes, 0, head, at, piece.length);
                at += piece.length;
            }
        }
        return head;
    }

    private static final class Stream {
        private final int headLimit;
        private final int tailLimit;
        private final Spool spool;
        private long total;
        private long sent;
        private long overhead;
        private Tail tail;
        private boolean truncated;

        Stream(int limit, Spool spool) {
            tailLimit = limit / 4;
            headLimit = limit - tailLimit - LINE;
            this.spool = spool;
        }

        /** Takes what is too much for the beginning; with that, {@code head}, when it is the first. */
        synchronized void past(byte[] head, byte[] buffer, int from, int count) {
            if (tail == null) {
                return; // the end came between
            }
            if (head != null) {
                spool.open(head);
            }
            tail.add(buffer, from, count);
            spool.add(buffer, from, count);
        }

        /** What the tail has, or null if nothing went past the beginning. */
        synchronized byte[] close() {
            if (tail == null) {
                return null;
            }
            spool.close();
            var rest = tail.content();
            tail = null;
            return rest;
        }

        /** Nothing goes to the beginning any more once something went past it. */
        int headLeft() {
            return tail != null ? 0 : (int) Math.max(0, headLimit - sent - overhead);
        }
    }

    private static final class Piece {
        private final boolean stderr;
        private byte[] bytes = new byte[0];
        private int length;

        Piece(boolean stderr) {
            this.stderr = stderr;
        }

        void add(byte[] buffer, int from, int count) {
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.clamp(bytes.length * 2L, length + count, Frames.MAX_OUTPUT));
            }
            System.arraycopy(buffer, from, bytes, length, count);
            length += count;
        }
    }

    /** The last bytes of a stream. */
    private static final class Tail {
        private final byte[] ring;
        private long written;

        Tail(int limit) {
            ring = new byte[limit];
        }

        void add(byte[] buffer, int from, int count) {
            for (var i = Math.max(0, count - ring.length); i < count; i++) {
                ring[(int) ((written + i) % ring.length)] = buffer[from + i];
            }
            written += count;
        }

        byte[] content() {
            var length = (int) Math.min(written, ring.length);
            var content = new byte[length];
            for (var i = 0; i < length; i++) {
                content[i] = ring[(int) ((written - length + i) % ring.length)];
            }
            return content;
        }
    }

    /** Where all of a stream goes when it is too long to be sent. Nothing of it ever fails a command. */
    interface Spool {
        /** Starts it, with what the stream brought so far. */
        void open(byte[] head);

        void add(byte[] buffer, int from, int count);

        void close();

        /** It turned out not to be needed. */
        void discard();

        /** The path of the file, or null. */
        String file();

        /** For the line that says how much is missing: where it is, if it is anywhere. */
        default String told() {
            return file() == null ? "" : ": " + file();
        }
    }
}
