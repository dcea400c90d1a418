package dev.wheelhouse.sandbox.wire;

import dev.wheelhouse.sandbox.wire.Frame.Cancel;
import dev.wheelhouse.sandbox.wire.Frame.Exited;
import dev.wheelhouse.sandbox.wire.Frame.FileCall;
import dev.wheelhouse.sandbox.wire.Frame.FileDone;
import dev.wheelhouse.sandbox.wire.Frame.FileEntry;
import dev.wheelhouse.sandbox.wire.Frame.Find;
import dev.wheelhouse.sandbox.wire.Frame.Found;
import dev.wheelhouse.sandbox.wire.Frame.Hello;
import dev.wheelhouse.sandbox.wire.Frame.Open;
import dev.wheelhouse.sandbox.wire.Frame.Output;
import dev.wheelhouse.sandbox.wire.Frame.Ping;
import dev.wheelhouse.sandbox.wire.Frame.Pong;
import dev.wheelhouse.sandbox.wire.Frame.Probe;
import dev.wheelhouse.sandbox.wire.Frame.ProbeResult;
import dev.wheelhouse.sandbox.wire.Frame.Probed;
import dev.wheelhouse.sandbox.wire.Frame.Refused;
import dev.wheelhouse.sandbox.wire.Frame.Start;
import dev.wheelhouse.sandbox.wire.Frame.State;
import dev.wheelhouse.sandbox.wire.Frame.Stop;
import dev.wheelhouse.sandbox.wire.Frame.Target;
import dev.wheelhouse.sandbox.wire.Frame.Welcome;
import dev.wheelhouse.sandbox.wire.Frame.WhoIsThere;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Frames as bytes: the length of the rest as int32, a byte for the type, the fields; all big endian.
 * A text or a piece of bytes is its length (-1: null) and its bytes, a list its count and its items.
 */
public final class Frames {
    /** What Hello says. */
    public static final int VERSION = 1;

    /** The longest frame, in bytes after the length. */
    public static final int MAX = 1 << 20;

    /** The longest piece of output in one frame, in bytes. */
    public static final int MAX_OUTPUT = 64 << 10;

    /** The most bytes of a file in one frame; less than {@link #MAX}, since a path and more come with them. */
    public static final int MAX_CONTENT = MAX - (64 << 10);

    private Frames() {}

    /**
     * The next frame; waits for it.
     *
     * @param maxBytes longer frames are refused before anything is allocated for them, at most {@link #MAX}
     * @throws EOFException if the stream ends, between frames too
     * @throws WireException if it is no frame
     */
    public static Frame read(DataInputStream in, int maxBytes) throws IOException {
        var length = in.readInt();
        if (length < 1 || length > Math.min(maxBytes, MAX)) {
            throw new WireException("a frame of " + length + " bytes");
        }
        // Takes memory as bytes come: who only announces a long frame shall not cost us one.
        var frame = in.readNBytes(length);
        if (frame.length < length) {
            throw new EOFException("ended within a frame");
        }
        return decode(frame);
    }

    /** Writes a frame at once and flushes. One thread at a time; nothing is written if the frame is too long. */
    public static void write(DataOutputStream out, Frame frame) throws IOException {
        var body = encode(frame);
        if (body.length > MAX) {
            throw new WireException("a frame of " + body.length + " bytes");
        }
        // One write is one packet for a small frame.
        out.write(ByteBuffer.allocate(Integer.BYTES + body.length)
                .putInt(body.length)
                .put(body)
                .array());
        out.flush();
    }

    static byte[] encode(Frame frame) {
        var w = new FieldWriter();
        switch (frame) {
            case Hello(var version, var token, var pod) ->
                w.int8(1).int32(version).text(token).text(pod);
            case Open(var session) -> w.int8(2).text(session);
            case Probed(var results) ->
                w.int8(3).list(results, r -> w.text(r.name()).bool(r.reached()).text(r.detail()));
            case Output(var callId, var stderr, var data) ->
                w.int8(4).text(callId).bool(stderr).bytes(data);
            case Exited e -> encode(e, w.int8(5));
            case Found(var callId, var state) -> w.int8(6).text(callId).int8(state.ordinal());
            case FileDone(var callId, var error, var content, var more, var size, var entries) ->
                w.int8(7)
                        .text(callId)
                        .text(error)
                        .bytes(content)
                        .bool(more)
                        .int64(size)
                        .list(
                                entries,
                                e -> w.text(e.path())
                                        .bool(e.directory())
                                        .int64(e.size())
                                        .text(e.mode()));
            case WhoIsThere() -> w.int8(8);
            case Pong(var n) -> w.int8(9).int64(n);
            case Welcome(var session, var runtimes, var caPem) ->
                w.int8(65).text(session).list(runtimes, w::text).text(caPem);
            case Refused(var reason) -> w.int8(66).text(reason);
            case Probe(var targets) ->
                w.int8(67)
                        .list(
                                targets,
                                t -> w.text(t.name())
                                        .text(t.protocol())
                                        .text(t.host())
                                        .int32(t.port()));
            case Start(var callId, var argv, var env, var cwd, var stdin, var timeoutMillis, var maxOutputBytes) ->
                w.int8(68)
                        .text(callId)
                        .list(argv, w::text)
                        .texts(env)
                        .text(cwd)
                        .bytes(stdin)
                        .int64(timeoutMillis)
                        .int32(maxOutputBytes);
            case Find(var callId) -> w.int8(69).text(callId);
            case Cancel(var callId) -> w.int8(70).text(callId);
            case Stop() -> w.int8(71);
            case Ping(var n) -> w.int8(72).int64(n);
            case FileCall(var callId, var op) -> encode(op, w.int8(73).text(callId));
        }
        return w.done();
    }

    private static void encode(Exited e, FieldWriter w) {
        w.text(e.callId()).int32(e.code()).text(e.signal()).bool(e.timedOut()).bool(e.cancelled());
        w.int64(e.millis()).int64(e.stdoutBytes()).int64(e.stderrBytes()).bool(e.truncated());
        w.text(e.stdoutFile()).text(e.stderrFile()).text(e.error());
    }

    private static void encode(FileOp op, FieldWriter w) {
        switch (op) {
            case FileOp.Read(var path, var offset, var max) ->
                w.int8(1).text(path).int64(offset).int32(max);
            case FileOp.Write(var path, var content, var mode) ->
                w.int8(2).text(path).bytes(content).int32(mode);
            case FileOp.Edit(var path, var oldText, var newText, var all) ->
                w.int8(3).text(path).text(oldText).text(newText).bool(all);
            case FileOp.ListDir(var path, var depth) -> w.int8(4).text(path).int32(depth);
            case FileOp.Glob(var pattern) -> w.int8(5).text(pattern);
            case FileOp.Upload(var path, var offset, var content, var last) ->
                w.int8(6).text(path).int64(offset).bytes(content).bool(last);
        }
    }

    static Frame decode(byte[] frame) throws WireException {
        var r = new FieldReader(frame);
        var decoded = decode(r);
        r.end();
        return decoded;
    }

    private static Frame decode(FieldReader r) throws WireException {
        var type = r.int8();
        return switch (type) {
            case 1 -> new Hello(r.int32(), r.someText(), r.someText());
            case 2 -> new Open(r.someText());
            case 3 -> new Probed(r.list(9, () -> new ProbeResult(r.someText(), r.bool(), r.text())));
            case 4 -> new Output(r.someText(), r.bool(), output(r));
            case 5 ->
                new Exited(
                        r.someText(),
                        r.int32(),
                        r.text(),
                        r.bool(),
                        r.bool(),
                        r.int64(),
                        r.int64(),
                        r.int64(),
                        r.bool(),
                        r.text(),
                        r.text(),
                        r.text());
            case 6 -> new Found(r.someText(), state(r.int8()));
            case 7 ->
                new FileDone(
                        r.someText(),
                        r.text(),
                        r.bytes(),
                        r.bool(),
                        r.int64(),
                        r.list(17, () -> new FileEntry(r.someText(), r.bool(), r.int64(), r.text())));
            case 8 -> new WhoIsThere();
            case 9 -> new Pong(r.int64());
            case 65 -> new Welcome(r.someText(), r.list(4, r::someText), r.text());
            case 66 -> new Refused(r.someText());
            case 67 -> new Probe(r.list(16, () -> new Target(r.someText(), r.someText(), r.someText(), r.int32())));
            case 68 ->
                new Start(r.someText(), r.list(4, r::someText), r.texts(), r.text(), r.bytes(), r.int64(), r.int32());
            case 69 -> new Find(r.someText());
            case 70 -> new Cancel(r.someText());
            case 71 -> new Stop();
            case 72 -> new Ping(r.int64());
            case 73 -> new FileCall(r.someText(), op(r));
            default -> throw new WireException("no frame has the type " + type);
        };
    }

    private static byte[] output(FieldReader r) throws WireException {
        var data = r.someBytes();
        if (data.length > MAX_OUTPUT) {
            throw new WireException("a piece of output of " + data.length + " bytes");
        }
        return data;
    }

    private static State state(int ordinal) throws WireException {
        if (ordinal >= State.values().length) {
            throw new WireException("no state is " + ordinal);
        }
        return State.values()[ordinal];
    }

    private static FileOp op(FieldReader r) throws WireException {
        var type = r.int8();
        return switch (type) {
            case 1 -> new FileOp.Read(r.someText(), r.int64(), r.int32());
            case 2 -> new FileOp.Write(r.someText(), r.someBytes(), r.int32());
            case 3 -> new FileOp.Edit(r.someText(), r.someText(), r.someText(), r.bool());
            case 4 -> new FileOp.ListDir(r.someText(), r.int32());
            case 5 -> new FileOp.Glob(r.someText());
            case 6 -> new FileOp.Upload(r.someText(), r.int64(), r.someBytes(), r.bool());
            default -> throw new WireException("no file operation has the type " + type);
        };
    }
}
