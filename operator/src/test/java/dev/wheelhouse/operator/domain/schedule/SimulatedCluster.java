package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** An API server with one Schedule, two operators whose caches lag and whose clocks jump, and runs that end. */
final class SimulatedCluster {
    /** The operator died. */
    static final class Crash extends RuntimeException {}

    /** Somebody else wrote first, or it took too long. */
    static final class Conflict extends RuntimeException {}

    final Random random;
    final Policy policy;
    final Instant created;
    Instant time;
    ScheduleState recorded;
    long version = 1;
    final Map<String, Child> runs = new LinkedHashMap<>();
    final Set<String> everCreated = new HashSet<>();
    private final Set<Long> numbers = new HashSet<>();
    final Map<String, Child> ends = new HashMap<>();
    final List<String> faults = new ArrayList<>();
    final SimulatedOperator[] operators = new SimulatedOperator[2];
    SimulatedOperator leader;
    int creations;
    /** Created for a time that the other operator gave up a moment before: its end may be missing in the counts. */
    int lateCreations;

    boolean refusals = true;
    /** What each run may cost at most, all of which it does cost. */
    long limit = 7;

    /**
     * Whether a leader is elected: the other operator then comes only after the lease of this one has run out, and by
     * then this one no longer creates anything.
     */
    boolean elected = true;

    SimulatedCluster(Policy policy, Instant created, long seed) {
        this.policy = policy;
        this.created = created;
        this.time = created;
        this.random = new Random(seed);
        this.recorded = ScheduleState.created(created, policy.timetable().digest(), 1);
        for (int i = 0; i < operators.length; i++) {
            operators[i] = new SimulatedOperator(this);
        }
    }

    void create(Instant slot, Child child) {
        if (!everCreated.add(child.name())) {
            faults.add("twice: " + child.name() + " for " + slot);
        }
        if (child.origin() == Origin.BACKFILL) {
            createPast(child);
            return;
        }
        if (elected && recorded.lastScheduled() != null && !slot.isAfter(recorded.lastScheduled())) {
            faults.add("at or before the last scheduled time: " + slot);
        }
        if (!elected) {
            creations++;
            runs.put(child.name(), child);
            return;
        }
        boolean alone = switch (policy.concurrency()) {
            case Allow -> true;
            case Forbid, Replace, Queue ->
                runs.values().stream()
                        .filter(run -> run.origin() == Origin.TIME)
                        .allMatch(Child::finished);
        };
        if (!alone) {
            faults.add("beside an unfinished run: " + slot);
        }
        creations++;
        if (!slot.isAfter(recorded.decidedUntil()) && !recorded.queue().contains(slot)) {
            lateCreations++;
        }
        runs.put(child.name(), child);
    }

    private void createPast(Child child) {
        boolean alone = runs.values().stream()
                .filter(run -> run.origin() == Origin.BACKFILL)
                .allMatch(Child::finished);
        if (elected && !alone) {
            faults.add("beside an unfinished run of the backfill: " + child.slot());
        }
        creations++;
        if (elected && (child.number() < recorded.nextBackfillNumber() || !numbers.add(child.number()))) {
            faults.add("a run of the backfill that nobody will count: " + child);
        }
        runs.put(child.name(), child);
    }

    void endOne() {
        List<Child> unfinished =
                runs.values().stream().filter(run -> !run.finished()).toList();
        if (!unfinished.isEmpty()) {
            end(unfinished.get(random.nextInt(unfinished.size())));
        }
    }

    void endAll() {
        runs.values().stream().filter(run -> !run.finished()).toList().forEach(this::end);
    }

    private void end(Child run) {
        End end = run.cancelling() ? End.CANCELLED : random.nextInt(4) == 0 ? End.FAILED : End.SUCCEEDED;
        Child ended = Children.ended(run, end, time, run.limitMicros());
        runs.put(run.name(), ended);
        ends.put(run.uid(), ended);
    }

    /** One operator: its caches, its clock, and what may happen between any two of its requests. */
    static final class SimulatedOperator implements ScheduleWorld {
        private final SimulatedCluster cluster;
        private ScheduleState state;
        private long stateVersion;
        private List<Child> children = List.of();
        Duration skew = Duration.ZERO;
        private Instant begun;
        /** What the survey at the beginning of its lead saw, and whether its last round broke off. */
        private long surveyed;

        private boolean unknown;
        private boolean open;
        private int depth;

        SimulatedOperator(SimulatedCluster cluster) {
            this.cluster = cluster;
            seeSchedule();
        }

        void seeSchedule() {
            state = cluster.recorded;
            stateVersion = cluster.version;
        }

        void seeRuns() {
            children = List.copyOf(cluster.runs.values());
        }

        void round() {
            if (depth > 0) {
                return;
            }
            depth++;
            begun = cluster.time;
            try {
                if (cluster.leader != this) {
                    survey();
                }
                if (stateVersion < surveyed) {
                    return;
                }
                boolean first = !open;
                boolean sure = !unknown && !open;
                open = true;
                var round = new ScheduleRound(cluster.policy, this, cluster.time.plus(skew), sure);
                state = round.run(state, 1);
                if (round.sure()) {
                    unknown = false;
                }
                if (round.sure() || first) {
                    open = false;
                }
            } catch (Crash crash) {
                // Another process comes up in its place.
                cluster.leader = null;
                open = false;
                seeSchedule();
                seeRuns();
            } catch (Conflict conflict) {
                seeSchedule();
            } finally {
                depth--;
            }
        }

        private void survey() {
            cluster.leader = this;
            surveyed = cluster.version;
            Set<String> known = children.stream().map(Child::uid).collect(Collectors.toSet());
            unknown = !cluster.runs.values().stream().map(Child::uid).allMatch(known::contains);
        }

        /** Before each request: nothing, a crash, a run's end, or the other operator first. */
        private void disturb() {
            switch (cluster.random.nextInt(12)) {
                case 0 -> throw new Crash();
                case 1 -> cluster.endOne();
                case 2 -> cluster.time = cluster.time.plusSeconds(cluster.random.nextInt(4));
                case 3 -> seeRuns();
                case 4, 5 -> takeOver();
                default -> {}
            }
        }

        /** As the real one: whoever was away too long after reading does not write. */
        private boolean tooOld() {
            return cluster.time.isAfter(begun.plusSeconds(10));
        }

        private void takeOver() {
            if (cluster.elected) {
                cluster.time = cluster.time.plusSeconds(11 + cluster.random.nextInt(60));
            }
            other().round();
        }

        private SimulatedOperator other() {
            return cluster.operators[0] == this ? cluster.operators[1] : cluster.operators[0];
        }

        @Override
        public List<Child> children() {
            return children;
        }

        @Override
        public List<Child> freshChildren() {
            disturb();
            if (stateVersion != cluster.version) {
                throw new Conflict();
            }
            return List.copyOf(cluster.runs.values());
        }

        @Override
        public String runName(Instant slot) {
            return RunNames.of("s", slot);
        }

        @Override
        public Optional<Child> find(String name) {
            disturb();
            return Optional.ofNullable(cluster.runs.get(name));
        }

        @Override
        public Attempt start(Instant slot, Origin origin, ScheduleState from, OptionalLong costMicros) {
            disturb();
            if (tooOld()) {
                throw new Conflict();
            }
            String name = runName(slot);
            Child existing = cluster.runs.get(name);
            if (existing != null) {
                return new Attempt.Existing(existing);
            }
            if (cluster.refusals && cluster.random.nextInt(40) == 0) {
                return new Attempt.Refused(Reason.NotAllowed, "no");
            }
            long limit = Math.min(cluster.limit, costMicros.orElse(cluster.limit));
            Child child =
                    Children.started(name, "uid-" + cluster.creations, origin, slot, limit, from.nextBackfillNumber());
            cluster.create(slot, child);
            disturb();
            return new Attempt.Started(child);
        }

        @Override
        public void cancel(Child child) {
            disturb();
            cluster.runs.computeIfPresent(child.name(), (name, run) -> run.finished() ? run : Children.cancelled(run));
        }

        @Override
        public void record(ScheduleState next) {
            if (next.equals(state)) {
                return;
            }
            disturb();
            if (stateVersion != cluster.version || tooOld()) {
                throw new Conflict();
            }
            if (next.decidedUntil().isBefore(cluster.recorded.decidedUntil())) {
                cluster.faults.add("decidedUntil went back to " + next.decidedUntil());
            }
            cluster.recorded = next;
            stateVersion = ++cluster.version;
        }

        @Override
        public boolean awaitsDecision(Child child) {
            return false;
        }

        @Override
        public void delete(Child child) {
            disturb();
            cluster.runs.remove(child.name());
        }
    }
}
