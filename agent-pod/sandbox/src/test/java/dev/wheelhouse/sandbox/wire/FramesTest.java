package dev.wheelhouse.sandbox.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FramesTest {
    private static final byte[] DATA = {0, 1, -1, 127};

    static List<Frame> frames() {
        return List.of(
                new Frame.Hello(1, "token", "pod-1"),
                new Frame.Open("secret"),
                new Frame.Probed(List.of(
                        new Frame.ProbeResult("api", true, "connected"), new Frame.ProbeResult("dns", false, null))),
                new Frame.Output("c1", true, DATA),
                new Frame.Exited("c1", 137, "SIGKILL", true, false, 1L << 40, 7, 8, true, "/tmp/a", null, null),
                new Frame.Found("c1", Frame.State.UNKNOWN),
                new Frame.FileDone(
                        "c1", null, DATA, true, 99, List.of(new Frame.FileEntry("ä/ö", true, 4, "rwxr-xr-x"))),
                new Frame.FileDone("c2", "no such file", null, false, 0, List.of()),
                new Frame.WhoIsThere(),
                new Frame.Pong(-5),
                new Frame.Welcome("secret", List.of("10.0.0.1:8082", "10.0.0.2:8082"), null),
                new Frame.Refused("no"),
                new Frame.Probe(List.of(new Frame.Target("api", "tcp", "10.0.0.1", 443))),
                new Frame.Start("c1", List.of("echo", "ü", ""), withNull(), null, null, 5, 6),
                new Frame.Find("c1"),
                new Frame.Cancel("c1"),
                new Frame.Stop(),
                new Frame.Ping(Long.MIN_VALUE),
                new Frame.FileCall("c1", new FileOp.Read("a", 1, 2)),
                new Frame.FileCall("c1", new FileOp.Write("a", DATA, 0644)),
                new Frame.FileCall("c1", new FileOp.Edit("a", "b", "c", true)),
                new Frame.FileCall("c1", new FileOp.ListDir("a", 3)),
                new Frame.FileCall("c1", new FileOp.Glob("**/*.csv")),
                new Frame.FileCall("c1", new FileOp.Upload("a", 1L << 33, DATA, true)));
    }

    private static Map<String, String> withNull() {
        var env = new HashMap<String, String>();
        env.put("A", "b");
        env.put("GONE", null);
        return env;
    }

    @ParameterizedTest
    @MethodSource("frames")
    void comesBackAsItWas(Frame frame) throws IOException {
        var decoded = read(written(frame));
        assertEquals(frame.getClass(), decoded.getClass());
        assertArrayEquals(Frames.encode(frame), Frames.encode(decoded));
        assertEquals(textOf(frame), textOf(decoded));
    }

    /** Arrays have no equality: their text is replaced by their content. */
    private static String textOf(Frame frame) {
        return switch (frame) {
            case Frame.Output(var id, var stderr, var data) -> id + stderr + Arrays.toString(data);
            case Frame.FileCall(var id, FileOp.Write(var path, var content, var mode)) ->
                id + path + Arrays.toString(content) + mode;
            case Frame.FileCall(var id, FileOp.Upload(var path, var offset, var content, var last)) ->
                id + path + offset + Arrays.toString(content) + last;
            case Frame.FileDone d ->
                d.callId() + d.error() + Arrays.toString(d.content()) + d.more() + d.size() + d.entries();
            default -> frame.toString();
        };
    }

    @Test
    void everyKindOfFrameIsInTheList() {
        var kinds = new HashSet<Class<?>>();
        frames().forEach(frame -> kinds.add(frame.getClass()));
        var all = Stream.of(Frame.ToRuntime.class, Frame.ToSandbox.class)
                .flatMap(side -> Stream.of(side.getPermittedSubclasses()))
                .toList();
        assertEquals(new HashSet<>(all), kinds);
    }

    @Test
    void framesFollowEachOther() throws IOException {
        var out = new ByteArrayOutputStream();
        for (var frame : frames()) {
            Frames.write(new DataOutputStream(out), frame);
        }
        var in = new DataInputStream(new ByteArrayInputStream(out.toByteArray()));
        var read = new ArrayList<Class<?>>();
        for (var i = 0; i < frames().size(); i++) {
            read.add(Frames.read(in, Frames.MAX).getClass());
        }
        assertEquals(frames().stream().map(Object::getClass).toList(), List.copyOf(read));
        assertThrows(EOFException.class, () -> Frames.read(in, Frames.MAX));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aPartOfAFrameIsNone(Frame frame) {
        var body = Frames.encode(frame);
        for (var length = 0; length < body.length; length++) {
            var part = Arrays.copyOf(body, length);
            assertThrows(WireException.class, () -> Frames.decode(part));
        }
        assertThrows(WireException.class, () -> Frames.decode(Arrays.copyOf(body, body.length + 1)));
    }

    @Test
    void lengthsAreBounded() {
        for (var length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, Frames.MAX + 1}) {
            assertThrows(
                    WireException.class,
                    () -> read(ByteBuffer.allocate(8).putInt(length).array()));
        }
        var hello = assertThrows(
                WireException.class,
                () -> Frames.read(
                        new DataInputStream(
                                new ByteArrayInputStream(written(new Frame.Hello(1, "x".repeat(100), "pod")))),
                        50));
        assertTrue(hello.getMessage().contains("frame of"), hello.getMessage());
        assertThrows(
                WireException.class,
                () -> written(new Frame.FileCall("c", new FileOp.Write("a", new byte[Frames.MAX], -1))));
        assertThrows(
                WireException.class,
                () -> Frames.decode(Frames.encode(new Frame.Output("c", false, new byte[Frames.MAX_OUTPUT + 1]))));
    }

    @Test
    void aFrameThatIsOnlyAnnouncedTakesNoMemory() {
        var largest = new AtomicInteger();
        var begun = new ByteArrayInputStream(
                ByteBuffer.allocate(8).putInt(Frames.MAX).array()) {
            @Override
            public synchronized int read(byte[] into, int from, int count) {
                largest.accumulateAndGet(into.length, Math::max);
                return super.read(into, from, count);
            }
        };
        assertThrows(EOFException.class, () -> Frames.read(new DataInputStream(begun), Frames.MAX));
        assertTrue(largest.get() <= Frames.MAX / 16, largest + " bytes for a frame of which 4 came");
    }

    /** A count of two billion in a frame of some bytes must not reserve memory for two billion items. */
    @Test
    void countsAreBounded() {
        for (var type : new int[] {3, 67}) {
            for (var count : new int[] {-1, 1, Integer.MAX_VALUE}) {
                assertThrows(
                        WireException.class,
                        () -> Frames.decode(new FieldWriter()
                                .int8(type)
                                .int32(count)
                                .int32(0)
                                .done()));
            }
        }
    }

    @Test
    void valuesThatNobodyWritesAreRefused() {
        assertThrows(WireException.class, () -> Frames.decode(new byte[] {99}));
        assertThrows(
                WireException.class,
                () -> Frames.decode(new FieldWriter().int8(6).text("c").int8(9).done()));
        assertThrows(
                WireException.class,
                () -> Frames.decode(
                        new FieldWriter().int8(4).text("c").int8(2).bytes(DATA).done()));
        assertThrows(
                WireException.class,
                () -> Frames.decode(
                        new FieldWriter().int8(69).bytes(new byte[] {-1, -2}).done()));
        assertThrows(
                WireException.class,
                () -> Frames.decode(new FieldWriter().int8(2).text(null).done()));
    }

    @Test
    void whateverComesIsAFrameOrARefusal() {
        var random = new Random(42);
        var bodies = frames().stream().map(Frames::encode).toList();
        for (var i = 0; i < 50_000; i++) {
            var body = bodies.get(random.nextInt(bodies.size())).clone();
            for (var change = random.nextInt(4); change >= 0; change--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            try {
                Frames.encode(Frames.decode(body));
            } catch (WireException refused) {
                assertFalse(refused.getMessage().isBlank());
            }
        }
    }

    @Test
    void secretsAreNotInTheirTexts() {
        assertFalse(new Frame.Hello(1, "hidden", "pod").toString().contains("hidden"));
        assertFalse(new Frame.Open("hidden").toString().contains("hidden"));
        assertFalse(new Frame.Welcome("hidden", List.of(), null).toString().contains("hidden"));
    }

    private static byte[] written(Frame frame) throws IOException {
        var out = new ByteArrayOutputStream();
        Frames.write(new DataOutputStream(out), frame);
        return out.toByteArray();
    }

    private static Frame read(byte[] bytes) throws IOException {
        return Frames.read(new DataInputStream(new ByteArrayInputStream(bytes)), Frames.MAX);
    }
}
