package dev.wheelhouse.runtime.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.harness.RunId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HurryTest {
    private static final RunId FIRST = new RunId("team", "first", "1");
    private static final RunId SECOND = new RunId("team", "second", "2");
    private static final RunId OTHER = new RunId("team", "other", "3");

    private final Hurry hurry = new Hurry(Duration.ofHours(1));
    private final ApiPermits permits = new ApiPermits(2, hurry);
    private final List<String> done = new CopyOnWriteArrayList<>();

    private Thread behind(RunId run) {
        Thread thread = Thread.ofVirtual().start(() -> permits.call(run, () -> done.add(run.name())));
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return thread;
    }

    @Test
    void others_go_when_the_last_of_those_in_a_hurry_is_over() throws InterruptedException {
        hurry.begin(FIRST);
        hurry.begin(SECOND);
        Thread other = behind(OTHER);
        permits.call(FIRST, () -> done.add("first"));
        hurry.over(FIRST);
        permits.call(SECOND, () -> done.add("second"));
        assertEquals(List.of("first", "second"), done);
        hurry.over(SECOND);
        other.join();
        assertEquals(List.of("first", "second", "other"), done);
    }

    @Test
    void a_run_is_like_the_others_again_when_it_is_over() throws InterruptedException {
        hurry.begin(FIRST);
        hurry.begin(SECOND);
        hurry.over(FIRST);
        hurry.over(FIRST);
        assertFalse(hurry.has(FIRST));
        Thread first = behind(FIRST);
        hurry.over(SECOND);
        first.join();
        assertEquals(List.of("first"), done);
    }

    @Test
    void nobody_gives_way_for_ever_nor_to_a_call_that_never_came() {
        Hurry brief = new Hurry(Duration.ofMillis(20));
        ApiPermits here = new ApiPermits(1, brief);
        brief.begin(FIRST);
        assertEquals("made", here.call(OTHER, () -> "made"));
        await().until(() -> {
            here.call(() -> "made");
            return !brief.has(FIRST);
        });
    }

    @Test
    void an_interrupted_thread_makes_its_request_at_once_and_stays_interrupted() throws InterruptedException {
        hurry.begin(FIRST);
        Thread other = Thread.ofVirtual()
                .start(() -> permits.call(
                        OTHER,
                        () -> done.add("interrupted " + Thread.currentThread().isInterrupted())));
        other.interrupt();
        other.join();
        assertEquals(List.of("interrupted true"), done);
    }

    @Test
    void as_many_wait_as_there_are() throws InterruptedException {
        hurry.begin(FIRST);
        List<Thread> many = IntStream.range(0, 200)
                .mapToObj(i -> behind(new RunId("team", "run-" + i, "uid-" + i)))
                .toList();
        assertTrue(done.isEmpty());
        hurry.over(FIRST);
        for (Thread one : many) {
            one.join();
        }
        assertEquals(200, done.size());
    }
}
