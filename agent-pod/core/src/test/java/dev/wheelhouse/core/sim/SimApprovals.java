package dev.wheelhouse.core.sim;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.approval.Standing.Phase;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The API server's Approvals, the people who decide about them and the operator that settles their decisions. */
final class SimApprovals implements ApprovalPort {
    /** What is wrong with the Approvals, to see whether it is caught. */
    enum Defect {
        NONE,
        /** Says that what is pending is approved. */
        LIES,
        /** Lets the run see an approval of other arguments. */
        SWAPS,
        /** Says that everybody is who they say they are, and settles what nobody decided. */
        TRUSTS,
        /** Consumes what is not approved any more. */
        NO_LOCK
    }

    private static final class Thing {
        private final String uid;
        private final Request request;
        private final JsonNode shown;
        private int version = 1;
        private Phase phase = Phase.Pending;
        private Verdict verdict;
        private String by;
        private Instant at;
        private String text;
        private boolean verified = true;
        private boolean valid;
        private Long epoch;

        Thing(String uid, Request request) {
            this.uid = uid;
            this.request = request;
            shown = Json.tree(request);
        }
    }

    private final Simulation sim;
    private final People people;
    private final Defect defect;
    private final Map<String, Thing> things = new HashMap<>();
    private final List<Thing> ever = new ArrayList<>();
    private final Map<String, Integer> consumptions = new HashMap<>();
    private final List<Watch> watches = new ArrayList<>();
    private int calls;

    private record Watch(List<String> names, Runnable then) {}

    SimApprovals(Simulation sim, People people, Defect defect) {
        this.sim = sim;
        this.people = people;
        this.defect = defect;
    }

    /** How often each was used. */
    Map<String, Integer> consumptions() {
        return consumptions;
    }

    List<Phase> phases() {
        return ever.stream().map(thing -> thing.phase).toList();
    }

    /** Whether exactly this call was allowed by who may, in time, and that was used up. */
    boolean covers(ToolInvocation call) {
        return ever.stream()
                .anyMatch(thing -> thing.request.callId().equals(call.callId())
                        && thing.phase == Phase.Consumed
                        && thing.valid
                        && thing.verdict == Verdict.Approve
                        && thing.request.arguments().equals(Canonical.text(call.arguments())));
    }

    private void before(String what) throws Unavailable {
        sim.point("before " + what);
        fault = sim.faults().inApprovals(++calls);
        if (fault == Faults.InStore.REFUSED) {
            throw new Unavailable("simulated");
        }
    }

    private Faults.InStore fault = Faults.InStore.NOTHING;

    private void after(String what, Faults.InStore of) throws Unavailable {
        sim.point("after " + what);
        if (of != Faults.InStore.NOTHING) {
            throw new Unavailable("simulated: reply lost");
        }
    }

    @Override
    public Optional<String> create(RunId run, String name, Request request) throws Unavailable {
        before("create approval");
        Faults.InStore lost = fault;
        Thing there = things.get(name);
        if (there == null) {
            there = new Thing("uid-" + ever.size(), request);
            things.put(name, there);
            ever.add(there);
            live(name, there);
        }
        String uid = there.request.payloadHash().equals(request.payloadHash()) ? there.uid : null;
        after("create approval", lost);
        return Optional.ofNullable(uid);
    }

    @Override
    public Optional<Standing> look(RunId run, String name) throws Unavailable {
        before("look at approval");
        Faults.InStore lost = fault;
        Thing thing = things.get(name);
        Optional<Standing> seen = Optional.ofNullable(thing).map(t -> standing(name, t));
        after("look at approval", lost);
        return seen;
    }

    private Standing standing(String name, Thing thing) {
        boolean lie = defect == Defect.LIES && thing.phase == Phase.Pending;
        return new Standing(
                name,
                thing.uid,
                String.valueOf(thing.version),
                thing.request.run().uid(),
                Request.hash(thing.shown),
                lie ? Phase.Approved : thing.phase,
                lie ? Verdict.Approve : thing.verdict,
                thing.by,
                thing.at,
                "because",
                thing.text,
                defect == Defect.TRUSTS || thing.verified,
                thing.epoch);
    }

    @Override
    public boolean consume(RunId run, Standing seen, long epoch) throws Unavailable {
        before("consume");
        Faults.InStore lost = fault;
        boolean done = change(seen, Phase.Consumed, epoch);
        after("consume", lost);
        return done;
    }

    @Override
    public boolean withdraw(RunId run, Standing seen, String why) throws Unavailable {
        before("withdraw");
        Faults.InStore lost = fault;
        boolean done = change(seen, Phase.Withdrawn, null);
        after("withdraw", lost);
        return done;
    }

    private boolean change(Standing seen, Phase phase, Long epoch) {
        Thing thing = things.get(seen.name());
        boolean fits =
                thing != null && thing.uid.equals(seen.uid()) && seen.version().equals("" + thing.version);
        if (thing == null || (!fits && defect != Defect.NO_LOCK)) {
            return false;
        }
        if (phase == Phase.Consumed) {
            consumptions.merge(thing.uid, 1, Integer::sum);
            thing.epoch = epoch;
        }
        thing.phase = phase;
        thing.version++;
        return true;
    }

    /** Calls back once one of them is decided, or gone. */
    void whenDecided(List<String> names, Runnable then) {
        watches.add(new Watch(names, then));
        tell();
    }

    private void tell() {
        for (Watch watch : List.copyOf(watches)) {
            if (watch.names().stream().anyMatch(this::decided) && watches.remove(watch)) {
                watch.then().run();
            }
        }
    }

    private boolean decided(String name) {
        Thing thing = things.get(name);
        return thing == null || thing.phase != Phase.Pending;
    }

    private void live(String name, Thing thing) {
        boolean happened = sim.world().effects().getOrDefault(thing.request.callId(), 0) > 0;
        for (People.Act act : people.about(thing.request, happened)) {
            Duration after = act.otherwise() == People.Otherwise.EXPIRES || isAtExpiry(thing, act)
                    ? act.after().minusNanos(sim.scheduler().nanos())
                    : act.after();
            sim.scheduler().spawn(new Scheduler.Process(0, Duration.ZERO), () -> {
                sleep(after);
                sim.trace().add("  people: " + name + " " + act);
                act(name, thing, act);
                tell();
            });
        }
    }

    private static boolean isAtExpiry(Thing thing, People.Act act) {
        return act.after().equals(People.lifetime(thing.request));
    }

    private void sleep(Duration duration) {
        try {
            sim.scheduler().sleep(duration);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void act(String name, Thing thing, People.Act act) {
        if (act.otherwise() == People.Otherwise.DELETE) {
            things.remove(name, thing);
            return;
        }
        if (thing.phase != Phase.Pending) {
            return;
        }
        thing.version++;
        Instant now = Specs.START.plusNanos(sim.scheduler().nanos());
        if (!now.isBefore(Instant.parse(thing.request.expiresAt())) || act.otherwise() == People.Otherwise.EXPIRES) {
            thing.phase = Phase.Expired;
            return;
        }
        thing.by = "bob";
        thing.at = now;
        if (act.otherwise() == People.Otherwise.FORGED) {
            thing.phase = Phase.Approved;
            thing.verdict = Verdict.Approve;
            thing.verified = false;
            return;
        }
        thing.verdict = act.verdict();
        thing.text = act.text();
        thing.valid = true;
        thing.phase = switch (act.verdict()) {
            case Reject -> Phase.Rejected;
            case Edit -> Phase.Withdrawn;
            default -> Phase.Approved;
        };
        // What somebody finds out about a call that may still be under way is worth nothing.
        if (act.verdict() == Verdict.DidNotHappen
                && (sim.zombies() || sim.world().effects().getOrDefault(thing.request.callId(), 0) > 0)) {
            thing.verdict = Verdict.Abort;
        }
        if (defect == Defect.SWAPS) {
            ((com.fasterxml.jackson.databind.node.ObjectNode) thing.shown).put("arguments", "{}");
        }
    }
}
