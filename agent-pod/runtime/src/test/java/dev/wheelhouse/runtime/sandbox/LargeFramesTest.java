package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Large frames cost memory of the runtime: they are taken only where somebody waits for one, and few at once. */
class LargeFramesTest {
    private static final int SIZE = 900_000;

    private SandboxSpace space;
    private final FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");
    private FakeDaemon daemon;

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
        space.pod("p1", KEY);
        daemon = space.connect(pod);
    }

    @AfterEach
    void close() throws Exception {
        space.close();
    }

    /** A frame of no type that exists: who decodes it ends the connection. */
    private static byte[] nonsense(int size, int sent) {
        return ByteBuffer.allocate(Integer.BYTES + sent).putInt(size).array();
    }

    @Test
    void what_nobody_waits_for_is_not_even_looked_at() throws Exception {
        daemon.sayBytes(nonsense(SIZE, SIZE));
        daemon.sayBytes(nonsense(Frames.MAX, Frames.MAX));
        // Its answer comes when all before it has been read.
        daemon.say(new Frame.WhoIsThere());
        await().until(() ->
                pod.heard.stream().filter(Frame.Welcome.class::isInstance).count() == 2);
        assertInstanceOf(ToolResult.Succeeded.class, space.tool().call(call("shell", "c1", "{'command':'date'}")));
        assertFalse(daemon.over);
    }

    @Test
    void a_flood_of_what_nobody_waits_for_ends_the_connection() throws Exception {
        byte[] frame = nonsense(SIZE, SIZE);
        int sent = 0;
        try {
            while (!daemon.over && sent < 200) {
                daemon.sayBytes(frame);
                sent++;
            }
        } catch (IOException e) {
            // It has ended.
        }
        await().until(() -> daemon.over);
        assertTrue(sent < 200, "after " + sent);
    }

    @Test
    void longer_than_any_frame_may_be_ends_the_connection() throws Exception {
        daemon.sayBytes(nonsense(Frames.MAX + 1, 1));
        await().until(() -> daemon.over);
    }

    @Test
    void a_large_frame_on_its_way_has_a_place_until_its_connection_ends() throws Exception {
        int free = Session.PLACES.availablePermits();
        pod.answers = false;
        space.start(call("shell", "c1", "{'command':'sleep 9'}"));
        await().until(() -> !pod.starts().isEmpty());
        daemon.sayBytes(nonsense(SIZE, 100));
        await().until(() -> Session.PLACES.availablePermits() == free - 1);
        daemon.close();
        await().until(() -> Session.PLACES.availablePermits() == free);
    }

    @Test
    void where_all_places_are_taken_a_file_waits_for_one() throws Exception {
        pod.files.put("big.txt", "x".repeat(3 * Session.LARGE / 2).getBytes(StandardCharsets.UTF_8));
        int all = Session.PLACES.drainPermits();
        Future<ToolResult> kept;
        try {
            kept = space.start(call("save_artifact", "c1", "{'path':'big.txt'}"));
            await().until(Session.PLACES::hasQueuedThreads);
            assertFalse(kept.isDone());
        } finally {
            Session.PLACES.release(all);
        }
        assertInstanceOf(ToolResult.Succeeded.class, kept.get());
    }
}
