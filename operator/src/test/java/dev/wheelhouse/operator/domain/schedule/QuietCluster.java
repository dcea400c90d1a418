package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A cluster in which nothing goes wrong, one operator, and a clock that a test moves: for what the rules say. */
final class QuietCluster implements ScheduleWorld {
    static final Instant CREATED = Instant.parse("2026-05-04T10:00:30Z");

    Policy policy;
    Instant now = CREATED;
    ScheduleState state;
    long generation = 1;
    int writes;
    /** How often all runs were asked for. */
    int looks;

    final Map<String, Child> runs = new LinkedHashMap<>();
    final List<String> started = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();
    /** What the next starts are refused for; null if they are not. */
    Reason refusal;
    /** What the last run may cost. */
    OptionalLong ceiling = OptionalLong.empty();

    QuietCluster(Policy policy) {
        this.policy = policy;
        this.state = ScheduleState.created(CREATED, policy.timetable().digest(), 1);
    }

    /** Moves the clock and looks. */
    QuietCluster at(String time) {
        now = Instant.parse("2026-05-" + time + ":01Z");
        return look();
    }

    QuietCluster look() {
        var round = new ScheduleRound(policy, this, now, true);
        state = round.run(state, generation);
        return this;
    }

    QuietCluster end(String name, End end, long cost) {
        Child run = runs.get(name);
        runs.put(
                name,
                new Child(
                        name,
                        run.uid(),
                        run.origin(),
                        run.slot(),
                        end,
                        now,
                        cost,
                        run.limitMicros(),
                        "result of " + name,
                        false));
        return look();
    }

    /** An operator starts the run of a time, and dies before it records that. */
    void startedUnseen(Instant slot, long limitMicros) {
        runs.put(
                runName(slot),
                new Child(
                        runName(slot),
                        "uid-" + runName(slot),
                        Origin.TIME,
                        slot,
                        null,
                        null,
                        0,
                        limitMicros,
                        null,
                        false));
    }

    /** A person starts a run, which ends at once. */
    void byHand(String name, End end) {
        runs.put(name, new Child(name, "uid-" + name, Origin.MANUAL, null, end, now, 0, 0, null, false));
    }

    String only() {
        List<Child> unfinished =
                runs.values().stream().filter(run -> !run.finished()).toList();
        if (unfinished.size() != 1) {
            throw new AssertionError(unfinished + " are unfinished");
        }
        return unfinished.getFirst().name();
    }

    @Override
    public List<Child> children() {
        return List.copyOf(runs.values());
    }

    @Override
    public List<Child> freshChildren() {
        looks++;
        return children();
    }

    @Override
    public String runName(Instant slot) {
        return slot.toString().substring(8, 16).replace("T", " ");
    }

    @Override
    public Optional<Child> find(String name) {
        return Optional.ofNullable(runs.get(name));
    }

    @Override
    public Attempt start(Instant slot, Origin origin, ScheduleState from, OptionalLong costMicros) {
        if (refusal != null) {
            return new Attempt.Refused(refusal, "refused");
        }
        Child existing = runs.get(runName(slot));
        if (existing != null) {
            return new Attempt.Existing(existing);
        }
        var child = new Child(
                runName(slot), "uid-" + runName(slot), origin, slot, null, null, 0, costMicros.orElse(0), null, false);
        runs.put(child.name(), child);
        started.add(child.name());
        ceiling = costMicros;
        return new Attempt.Started(child);
    }

    @Override
    public void cancel(Child child) {
        cancelled.add(child.name());
        runs.put(
                child.name(),
                new Child(child.name(), child.uid(), child.origin(), child.slot(), null, null, 0, 0, null, true));
    }

    @Override
    public void record(ScheduleState next) {
        if (!next.equals(state)) {
            writes++;
        }
    }

    @Override
    public void delete(Child child) {
        runs.remove(child.name());
    }
}
