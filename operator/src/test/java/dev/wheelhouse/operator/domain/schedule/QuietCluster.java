package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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
    /** Runs about which somebody is asked. */
    final Set<String> asked = new HashSet<>();
    /** Whether the operator's cache knows no runs; asked for, they are there. */
    boolean blind;
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
        return look(true);
    }

    /** Looks; {@code sure}: whether it did the look before. */
    QuietCluster look(boolean sure) {
        var round = new ScheduleRound(policy, this, now, sure);
        state = round.run(state, generation);
        return this;
    }

    /** A run ends, and nobody looks. */
    void endUnseen(String name, End end, long cost) {
        runs.computeIfPresent(name, (same, run) -> Children.ended(run, end, now, cost));
    }

    QuietCluster end(String name, End end, long cost) {
        endUnseen(name, end, cost);
        return look();
    }

    /** Somebody wants the run to stay, or no longer. */
    QuietCluster keep(String name, boolean kept) {
        runs.computeIfPresent(name, (same, run) -> Children.kept(run, kept));
        return look();
    }

    /** An operator starts the next run of the backfill, and dies before it records that. */
    void backfilledUnseen(Instant slot, long limitMicros) {
        startedUnseen(slot, Origin.BACKFILL, limitMicros, state.nextBackfillNumber());
    }

    /** An operator starts the run of a time, and dies before it records that. */
    void startedUnseen(Instant slot, long limitMicros) {
        startedUnseen(slot, Origin.TIME, limitMicros, 0);
    }

    private void startedUnseen(Instant slot, Origin origin, long limitMicros, long number) {
        String name = runName(slot);
        runs.put(name, Children.started(name, "uid-" + name, origin, slot, limitMicros, number));
    }

    /** A person starts a run, which ends at once. */
    void byHand(String name, End end) {
        runs.put(name, Children.ended(Children.started(name, "uid-" + name, Origin.MANUAL, null, 0, 0), end, now, 0));
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
        return blind ? List.of() : List.copyOf(runs.values());
    }

    @Override
    public List<Child> freshChildren() {
        looks++;
        return List.copyOf(runs.values());
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
        Child child = Children.started(
                runName(slot), "uid-" + runName(slot), origin, slot, costMicros.orElse(0), from.nextBackfillNumber());
        runs.put(child.name(), child);
        started.add(child.name());
        ceiling = costMicros;
        return new Attempt.Started(child);
    }

    @Override
    public void cancel(Child child) {
        cancelled.add(child.name());
        runs.computeIfPresent(child.name(), (same, run) -> Children.cancelled(run));
    }

    @Override
    public void record(ScheduleState next) {
        if (!next.equals(state)) {
            writes++;
        }
    }

    @Override
    public boolean awaitsDecision(Child child) {
        return asked.contains(child.name());
    }

    @Override
    public void delete(Child child) {
        runs.remove(child.name());
    }
}
