package dev.wheelhouse.runtime.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HurryTest {
    private final Hurry hurry = new Hurry(Duration.ofHours(1), Duration.ZERO);
    private final ApiPermits permits = new ApiPermits(2, hurry);
    private final List<String> done = new CopyOnWriteArrayList<>();

    private Thread start(String run) {
        return Thread.ofVirtual().start(() -> permits.callPolitely(run, () -> done.add(run)));
    }

    private static void givesWay(Thread thread) {
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void others_write_when_the_last_of_those_in_a_hurry_is_over() throws InterruptedException {
        hurry.begin("first");
        hurry.begin("second");
        List<Thread> others =
                IntStream.range(0, 100).mapToObj(i -> start("other-" + i)).toList();
        others.forEach(HurryTest::givesWay);
        permits.callPolitely("first", () -> done.add("first"));
        hurry.over("first");
        permits.callPolitely("second", () -> done.add("second"));
        assertEquals(List.of("first", "second"), done);
        hurry.sent("second");
        hurry.over("second");
        for (Thread other : others) {
            other.join();
        }
        assertEquals(102, done.size());
    }

    @Test
    void a_run_is_like_the_others_again_when_it_is_over() throws InterruptedException {
        hurry.begin("first");
        hurry.begin("second");
        hurry.over("first");
        hurry.over("first");
        hurry.sent("first");
        assertFalse(hurry.has("first"));
        Thread first = start("first");
        givesWay(first);
        hurry.over("second");
        first.join();
        assertEquals(List.of("first"), done);
    }

    @Test
    void after_several_at_once_others_give_way_a_little_longer() throws InterruptedException {
        Hurry burst = new Hurry(Duration.ofHours(1), Duration.ofHours(1));
        ApiPermits here = new ApiPermits(2, burst);
        burst.begin("first");
        burst.over("first");
        here.callPolitely("first", () -> done.add("after one they do not"));
        burst.begin("second");
        burst.begin("third");
        burst.over("second");
        burst.over("third");
        Thread second = Thread.ofVirtual().start(() -> here.callPolitely("second", () -> done.add("second")));
        givesWay(second);
        burst.begin("straggler");
        here.callPolitely("straggler", () -> done.add("straggler"));
        burst.over("straggler");
        givesWay(second);
        second.interrupt();
        second.join();
        assertEquals(List.of("after one they do not", "straggler", "second"), done);
    }

    @Test
    void those_that_no_longer_count_are_no_burst() throws InterruptedException {
        Hurry brief = new Hurry(Duration.ofMillis(10), Duration.ofHours(1));
        brief.begin("lost");
        brief.begin("lost too");
        await().until(() -> !brief.has("lost too"));
        brief.begin("alone");
        brief.over("alone");
        assertTrue(brief.calm());
    }

    @Test
    void what_is_no_report_gives_way_to_nobody() {
        hurry.begin("first");
        assertEquals("made", permits.call(() -> "made"));
        assertTrue(hurry.has("first"));
    }

    @Test
    void nobody_gives_way_for_ever_nor_to_a_call_that_never_came() {
        Hurry brief = new Hurry(Duration.ofMillis(20), Duration.ofHours(1));
        ApiPermits here = new ApiPermits(1, brief);
        brief.begin("first");
        brief.begin("second");
        assertEquals("made", here.callPolitely("other", () -> "made"));
        brief.over("first");
        brief.over("second");
        assertEquals("made", here.callPolitely("other", () -> "made"));
        brief.begin("first");
        await().until(() -> !brief.has("first"));
        assertEquals("made", here.callPolitely("first", () -> "made"));
    }

    @Test
    void an_interrupted_thread_writes_at_once_and_stays_interrupted() throws InterruptedException {
        hurry.begin("first");
        Thread other = Thread.ofVirtual()
                .start(() -> permits.callPolitely(
                        "other",
                        () -> done.add("interrupted " + Thread.currentThread().isInterrupted())));
        other.interrupt();
        other.join();
        assertEquals(List.of("interrupted true"), done);
    }
}
