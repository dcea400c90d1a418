package dev.wheelhouse.operator.domain.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec.CatchUp;
import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.MissReason;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Each time that does not run is counted under what kept it from that. The Schedule is created at 10:00:30. */
class ScheduleReasonsTest {
    private static QuietCluster hourly(Consumer<ObjectNode> edit) {
        return new QuietCluster(Specs.policy("0 * * * *", edit));
    }

    @Example
    void tooLateComesBeforeWhatCatchUpSays() {
        assertMissed(
                hourly(spec -> spec.put("startingDeadlineSeconds", 6000)).at("04T14:30"),
                Map.of(MissReason.TooLate, 2L, MissReason.NotCaughtUp, 1L));
        assertMissed(
                hourly(spec -> spec.put("startingDeadlineSeconds", 60)
                                .put("catchUp", "All")
                                .put("catchUpLimit", 1))
                        .at("04T14:30"),
                Map.of(MissReason.TooLate, 4L));
    }

    @Example
    void whatCatchUpDoesNotMakeGood() {
        assertMissed(hourly(spec -> {}).at("04T14:30"), Map.of(MissReason.NotCaughtUp, 3L));
        assertMissed(hourly(spec -> spec.put("catchUp", "None")).at("04T14:30"), Map.of(MissReason.NotCaughtUp, 4L));
        assertMissed(
                hourly(spec -> spec.put("catchUp", "All").put("catchUpLimit", 3))
                        .at("04T14:30"),
                Map.of(MissReason.CatchUpLimit, 1L));
    }

    /** After a suspension catchUp does not count, All neither. */
    @Example
    void whatARunOfTheLatestAfterASuspensionLeavesOut() {
        Consumer<ObjectNode> all = spec -> spec.put("catchUp", "All").put("onResume", "RunLatest");
        var cluster = hourly(all.andThen(spec -> spec.put("suspend", true))).at("04T13:30");
        cluster.policy = Specs.policy("0 * * * *", all);
        assertMissed(cluster.at("04T13:40"), Map.of(MissReason.NotCaughtUp, 2L));
    }

    @Example
    void whatWaitedTooLong() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue").put("startingDeadlineSeconds", 600));
        assertMissed(cluster.at("04T11:00").at("04T12:00").at("04T12:30"), Map.of(MissReason.QueuedTooLong, 1L));
    }

    @Example
    void whatWaitedAndRanIsNotGivenUpForItsWaiting() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue").put("startingDeadlineSeconds", 600))
                .at("04T11:00")
                .at("04T12:00");
        cluster.endUnseen("04 11:00", End.SUCCEEDED, 0);
        cluster.startedUnseen(Instant.parse("2026-05-04T12:00:00Z"), 0);
        cluster.endUnseen("04 12:00", End.SUCCEEDED, 0);
        cluster.now = Instant.parse("2026-05-04T12:30:00Z");
        assertMissed(cluster.look(false), Map.of());
        assertEquals(2, cluster.state.counts().runs());
        assertEquals(2, cluster.state.counts().succeeded());
    }

    @Example
    void whatSomebodyPassedOverWhoDiedThen() {
        var cluster = hourly(spec -> spec.put("concurrencyPolicy", "Queue"))
                .at("04T11:00")
                .at("04T12:00");
        cluster.startedUnseen(Instant.parse("2026-05-04T14:00:00Z"), 0);
        assertMissed(cluster.at("04T14:01"), Map.of(MissReason.Overtaken, 2L));
        assertEquals(List.of(), cluster.state.queue(), "12:00, which waited, and 13:00");
    }

    @Example
    void whatIsSkipped() {
        var forbid = hourly(spec -> spec.put("concurrencyPolicy", "Forbid"));
        assertSkipped(forbid.at("04T11:00").at("04T12:00").at("04T13:00"), Map.of(Reason.RunActive, 2L));
        var queue = hourly(spec -> spec.put("concurrencyPolicy", "Queue").put("queueLimit", 1));
        assertSkipped(queue.at("04T11:00").at("04T12:00").at("04T13:00").at("04T14:00"), Map.of(Reason.QueueFull, 2L));
        var many = new QuietCluster(Specs.policy("* * * * *"));
        for (int minute = 1; minute <= 52; minute++) {
            many.at("04T10:%02d".formatted(minute));
        }
        assertSkipped(many, Map.of(Reason.ActiveLimit, 2L));
        var paused = hourly(spec -> spec.put("suspend", true)).at("04T13:30");
        paused.policy = Specs.policy("0 * * * *");
        assertSkipped(paused.look(), Map.of(Reason.Suspended, 3L));
        var poor = hourly(spec -> spec.putObject("spendLimit").put("costMicros", 100));
        assertSkipped(
                poor.at("04T11:00").end("04 11:00", End.SUCCEEDED, 100).at("04T12:00"), Map.of(Reason.SpendLimit, 1L));
    }

    @Example
    void reasonsAreCountedBesideEachOther() {
        var cluster = hourly(spec -> {});
        for (var refusal : List.of(Reason.NotAllowed, Reason.NameConflict, Reason.InvalidRun, Reason.NotAllowed)) {
            cluster.refusal = refusal;
            cluster.at(cluster.now.plusSeconds(3600).toString().substring(8, 16));
        }
        assertSkipped(cluster, Map.of(Reason.NotAllowed, 2L, Reason.NameConflict, 1L, Reason.InvalidRun, 1L));
    }

    /** As if each time were looked at by itself, the oldest thousand of those that are lost. */
    @Property(tries = 300)
    void everyLostTimeHasTheReasonThatAppliesToIt(
            @ForAll CatchUp catchUp,
            @ForAll boolean bounded,
            @ForAll @IntRange(max = 90_000) int deadline,
            @ForAll @IntRange(max = 90_000) int away,
            @ForAll @IntRange(min = 1, max = 50) int limit) {
        var policy = Specs.policy("* * * * *", spec -> {
            spec.put("catchUp", catchUp.name()).put("catchUpLimit", limit);
            if (bounded) {
                spec.put("startingDeadlineSeconds", deadline);
            }
        });
        Instant now = QuietCluster.CREATED.plusSeconds(away);
        var due = DueTimes.find(policy, catchUp, QuietCluster.CREATED, now);
        var expected = new EnumMap<MissReason, Integer>(MissReason.class);
        Instant run = due.run().isEmpty() ? Instant.MAX : due.run().getFirst();
        policy.timetable().last(QuietCluster.CREATED, now, 2000).stream()
                .filter(time -> time.isBefore(run))
                .limit(DueTimes.MAX_COUNTED)
                .map(time -> bounded && Duration.between(time, now).toSeconds() > deadline
                        ? MissReason.TooLate
                        : catchUp == CatchUp.All ? MissReason.CatchUpLimit : MissReason.NotCaughtUp)
                .forEach(reason -> expected.merge(reason, 1, Integer::sum));
        assertEquals(expected, due.missed());
    }

    private static void assertMissed(QuietCluster cluster, Map<MissReason, Long> expected) {
        assertEquals(tally(expected), cluster.state.counts().missed());
        assertEquals(Tally.none(), cluster.state.counts().skipped());
    }

    private static void assertSkipped(QuietCluster cluster, Map<Reason, Long> expected) {
        assertEquals(tally(expected), cluster.state.counts().skipped());
        assertEquals(Tally.none(), cluster.state.counts().missed());
    }

    private static <R extends Enum<R>> Tally<R> tally(Map<R, Long> reasons) {
        return new Tally<>(reasons.values().stream().mapToLong(Long::longValue).sum(), reasons);
    }
}
