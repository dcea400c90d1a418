package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A Schedule that gets more times: those that passed before it had them are not made good, and not missed either. */
class ScheduleChangesTest {
    private static QuietCluster hourly(Consumer<ObjectNode> edit) {
        return new QuietCluster(Specs.policy("0 * * * *", edit));
    }

    @Test
    void anEndThatIsMovedAfterItHasCome() {
        var cluster = hourly(spec -> spec.put("endAt", "2026-05-04T11:00:00Z"));
        begunAgain(cluster.at("04T11:00").at("04T12:00"), spec -> spec.put("endAt", "2026-05-05T00:00:00Z"));
    }

    @Test
    void moreRunsAfterTheLast() {
        var cluster = hourly(spec -> spec.put("maxRuns", 1));
        begunAgain(cluster.at("04T11:00").at("04T12:00"), spec -> spec.put("maxRuns", 2));
    }

    @Test
    void moreSuccessesAfterEnough() {
        var cluster = hourly(spec -> spec.putObject("stopAfter").put("successes", 1));
        cluster.at("04T11:00").end("04 11:00", End.SUCCEEDED, 0).at("04T12:00");
        begunAgain(cluster, spec -> spec.putObject("stopAfter").put("successes", 2));
    }

    private static void begunAgain(QuietCluster cluster, Consumer<ObjectNode> edit) {
        assertTrue(cluster.state.complete());
        cluster.policy = Specs.policy("0 * * * *", edit);
        cluster.generation++;
        cluster.at("04T15:30");
        assertEquals(List.of("04 11:00"), cluster.started);
        assertFalse(cluster.state.complete());
        cluster.at("04T16:00");
        assertEquals(List.of("04 11:00", "04 16:00"), cluster.started);
        assertEquals(0, cluster.state.counts().missed().total());
    }

    @Test
    void aBeginningThatIsMovedIntoThePast() {
        var cluster =
                hourly(spec -> spec.put("startAt", "2026-05-05T00:00:00Z")).at("04T11:00");
        cluster.policy = Specs.policy("0 * * * *", spec -> spec.put("startAt", "2026-05-04T12:00:00Z"));
        cluster.generation++;
        cluster.at("04T15:30").at("04T16:00");
        assertEquals(List.of("04 16:00"), cluster.started);
        assertEquals(0, cluster.state.counts().missed().total());
    }

    /** What waits has lost its meaning with the times it was one of; it was neither missed nor skipped. */
    @Test
    void otherTimesDropWhatWaitsAndWhatIsUndecided() {
        for (Consumer<ObjectNode> change : List.<Consumer<ObjectNode>>of(
                spec -> spec.put("timeZone", "Asia/Kolkata"),
                spec -> spec.remove("schedule"),
                spec -> spec.put("startAt", "2026-05-04T11:00:00Z"))) {
            var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue"))
                    .at("04T11:00")
                    .at("04T12:00");
            assertEquals(1, cluster.state.queue().size());
            cluster.policy = Specs.policy("0 * * * *", spec -> {
                spec.put("concurrencyPolicy", "Queue");
                change.accept(spec);
                if (!spec.has("schedule")) {
                    spec.putArray("schedules").add("15 * * * *").add("0 * * * *");
                }
            });
            cluster.generation++;
            cluster.at("04T13:10").end("04 11:00", End.SUCCEEDED, 0);
            assertEquals(List.of("04 11:00"), cluster.started, "neither 12:00, which waited, nor 13:00");
            assertEquals(
                    0,
                    cluster.state.counts().missed().total()
                            + cluster.state.counts().skipped().total());
            assertEquals(List.of(), cluster.state.queue());
        }
    }

    @Test
    void theLastRunDropsWhatWaits() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue").put("maxRuns", 2))
                .at("04T11:00")
                .at("04T12:00")
                .at("04T13:00");
        assertEquals(2, cluster.state.queue().size());
        cluster.end("04 11:00", End.SUCCEEDED, 0).end("04 12:00", End.SUCCEEDED, 0);
        assertEquals(List.of("04 11:00", "04 12:00"), cluster.started);
        assertEquals(List.of(), cluster.state.queue());
        assertEquals(
                0,
                cluster.state.counts().missed().total()
                        + cluster.state.counts().skipped().total());
        assertTrue(cluster.state.complete());
    }

    @Test
    void anEditThatChangesNoTimesLosesNone() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Replace"))
                .at("04T11:00")
                .at("04T12:00");
        cluster.policy = Specs.policy(
                "0 * * * *", spec -> spec.put("concurrencyPolicy", "Replace").put("endAt", "2026-05-05T00:00:00Z"));
        cluster.generation++;
        cluster.at("04T12:01").end("04 11:00", End.CANCELLED, 0);
        assertEquals(List.of("04 11:00", "04 12:00"), cluster.started, "12:00 still waited for the end of 11:00");
    }

    @Test
    void aScheduleThatStartsNothingAsksForNothing() {
        for (String idle : List.of("suspend", "maxRuns")) {
            var cluster = hourly(idle.equals("suspend") ? spec -> spec.put(idle, true) : spec -> spec.put(idle, 1));
            cluster.at("04T11:00");
            int looks = cluster.looks;
            int writes = cluster.writes;
            cluster.at("04T12:00").at("04T13:00").at("04T14:00");
            assertEquals(looks, cluster.looks, idle);
            assertTrue(cluster.writes - writes <= 1, idle);
        }
    }
}
