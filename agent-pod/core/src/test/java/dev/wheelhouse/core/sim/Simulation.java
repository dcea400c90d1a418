package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.drive.Observer;
import dev.wheelhouse.core.drive.Ports;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.drive.RunLoop;
import dev.wheelhouse.core.drive.Signals;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One run in a simulated cluster: processes that die, freeze and come back, and an operator that hands the run on. */
final class Simulation {
    private static final int TAKEOVERS = 200;
    private static final Duration NOTICED_AFTER = Duration.ofSeconds(3);

    private final Scheduler scheduler;
    private final Faults faults;
    private final Harness harness;
    private final PinnedRun pinned;
    private final Random random;
    private final SimStore store;
    private final World world;
    private final SimApprovals approvals;
    private final Set<String> intents = new HashSet<>();
    private final Set<String> announced = new HashSet<>();
    private final List<RunEnd> ends = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final List<Thaw> frozen = new ArrayList<>();
    private Signals holder;
    private long epoch;
    private int points;
    private boolean cancelled;
    private boolean over;

    private record Thaw(Scheduler.Process process, int atPoint) {}

    /** What is simulated, apart from what goes wrong. */
    record Scenario(
            PinnedRun pinned,
            ModelPort script,
            Harness harness,
            SimStore.Defect defect,
            People people,
            SimApprovals.Defect approvals) {
        Scenario(PinnedRun pinned, ModelPort script, Harness harness, SimStore.Defect defect) {
            this(pinned, script, harness, defect, People.NOBODY, SimApprovals.Defect.NONE);
        }

        Scenario(PinnedRun pinned, ModelPort script, People people, SimApprovals.Defect approvals) {
            this(pinned, script, Harness.standard(), SimStore.Defect.NONE, people, approvals);
        }

        Scenario(PinnedRun pinned, ModelPort script) {
            this(pinned, script, Harness.standard(), SimStore.Defect.NONE);
        }
    }

    private Simulation(Scenario scenario, Faults faults, long seed) {
        random = new Random(seed);
        scheduler = new Scheduler(random);
        this.faults = faults;
        pinned = scenario.pinned();
        harness = scenario.harness();
        store = new SimStore(this, scenario.defect(), this::durable);
        world = new World(this, scenario.script());
        approvals = new SimApprovals(this, scenario.people(), scenario.approvals());
    }

    /** Simulates one run to the point where nothing moves any more. */
    static Simulation of(Scenario scenario, Faults faults, long seed) {
        Simulation simulation = new Simulation(scenario, faults, seed);
        simulation.assign(Duration.ZERO);
        // Handing over between virtual threads is cheap; to and from a platform thread it is not.
        var run = new FutureTask<>(() -> simulation.scheduler.run(simulation::stuck), simulation);
        Thread.ofVirtual().start(run);
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage() + "\n" + String.join("\n", simulation.trace), e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Faults faults() {
        return faults;
    }

    Set<String> intents() {
        return intents;
    }

    /** Requests of commands of which a record is durable, by their id. */
    Set<String> announced() {
        return announced;
    }

    SimStore store() {
        return store;
    }

    World world() {
        return world;
    }

    SimApprovals approvals() {
        return approvals;
    }

    /** Whether a process stands still that may yet act. */
    boolean zombies() {
        return frozen.stream().anyMatch(thaw -> thaw.process().frozen);
    }

    PinnedRun pinned() {
        return pinned;
    }

    List<RunEnd> ends() {
        return ends;
    }

    RunEnd lastEnd() {
        return ends.isEmpty() ? null : ends.getLast();
    }

    int points() {
        return points;
    }

    long processes() {
        return epoch;
    }

    List<String> trace() {
        return trace;
    }

    private void durable(List<String> lines) {
        for (String line : lines) {
            var node = Specs.json(line);
            trace.add("  durable " + node.get("epoch") + "/" + node.get("seq") + " "
                    + node.get("type").asText());
            if (node.get("type").asText().equals(Entry.EgressRequested.class.getSimpleName())) {
                announced.add(node.get("payload").get("id").asText());
            }
            if (node.get("type").asText().equals(Entry.ToolIntent.class.getSimpleName()) && node.has("payload")) {
                var payload = node.get("payload");
                intents.add(payload.get("callId").asText() + " "
                        + payload.get("idempotencyKey").asText());
            }
        }
    }

    /** Called by everything outside the core, before and after each call of it. */
    void point(String what) {
        Scheduler.Process self = scheduler.process();
        int point = ++points;
        Faults.AtPoint fault = faults.atPoint(point);
        trace.add(
                point + " process " + self.number + " " + what + (fault == Faults.AtPoint.NOTHING ? "" : " " + fault));
        switch (fault) {
            case CRASH -> {
                self.dead = true;
                if (self.number == epoch) {
                    assign(NOTICED_AFTER);
                }
                throw new Scheduler.Crash();
            }
            case FREEZE -> {
                self.frozen = true;
                frozen.add(new Thaw(self, (int) Math.min(Integer.MAX_VALUE, (long) point + faults.freezeFor(point))));
                if (self.number == epoch) {
                    assign(NOTICED_AFTER);
                }
            }
            case DRAIN -> holder.drain();
            case CANCEL -> {
                cancelled = true;
                holder.cancel();
            }
            case NOTHING -> {}
        }
        frozen.stream().filter(thaw -> thaw.atPoint() <= point).forEach(thaw -> thaw.process().frozen = false);
        scheduler.block(() -> true, scheduler.nanos());
    }

    /** Nothing can go on but those that stand still. */
    private void stuck() {
        frozen.forEach(thaw -> thaw.process().frozen = false);
        frozen.clear();
    }

    private void assign(Duration delay) {
        if (over) {
            return;
        }
        if (epoch >= TAKEOVERS) {
            throw new AssertionError("no progress after " + epoch + " processes");
        }
        long mine = ++epoch;
        Duration skew = random.nextInt(4) == 0 ? Duration.ofSeconds(random.nextInt(-3600, 3600)) : Duration.ZERO;
        var process = new Scheduler.Process((int) mine, skew);
        Signals signals = new Signals(() -> false);
        holder = signals;
        if (cancelled) {
            signals.cancel();
        }
        scheduler.spawn(process, () -> live(process, mine, signals, delay));
    }

    private void live(Scheduler.Process process, long mine, Signals signals, Duration delay) {
        try {
            scheduler.sleep(delay);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        var ports = new Ports(
                store,
                world,
                world,
                world,
                approvals,
                Conditions.NONE,
                () -> Specs.START.plusNanos(scheduler.nanos()).plus(process.clockSkew),
                scheduler.parallel(),
                Observer.NONE);
        RunEnd end = new RunLoop(ports, harness).run(pinned.id(), mine, () -> pinned, signals);
        trace.add("process " + mine + " ends: " + end);
        ends.add(end);
        if (mine == epoch) {
            handOn(mine, end);
        }
    }

    private void handOn(long mine, RunEnd end) {
        switch (end) {
            case RunEnd.Drained _, RunEnd.Fenced _ -> assign(NOTICED_AFTER);
            case RunEnd.Waiting waiting
            when waiting.reason() instanceof WaitReason.ForRuns -> assign(world.untilChildrenEnd());
            case RunEnd.Waiting waiting
            when waiting.reason() instanceof WaitReason.ForApprovals(var names, var _) ->
                approvals.whenDecided(names, () -> {
                    if (mine == epoch) {
                        assign(NOTICED_AFTER);
                    }
                });
            case RunEnd.Waiting waiting
            when waiting.reason() instanceof WaitReason.ForResources -> assign(Duration.ofSeconds(30));
            case RunEnd.Waiting _, RunEnd.Completed _, RunEnd.Failed _, RunEnd.Cancelled _, RunEnd.Paused _ ->
                over = true;
            case RunEnd.Gone _ -> throw new AssertionError("nobody deleted the run");
        }
    }
}
