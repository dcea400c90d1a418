package dev.wheelhouse.operator.domain;

import static dev.wheelhouse.operator.domain.Views.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final RuntimeRef A = new RuntimeRef("ns", "a", "ua", "ua.1");
    private static final RuntimeRef B = new RuntimeRef("ns", "b", "ub", "ub.1");
    private static final List<RuntimeRef> BOTH = List.of(A, B);

    private final Admission admission = new Admission();

    private Placement place(Views run, int limit) {
        return admission.place(run.view(), limit, false, BOTH);
    }

    @Test
    void spreadsRunsOverTheLeastLoaded() {
        Map<RuntimeRef, Integer> load = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            var assigned = assertInstanceOf(Placement.Assigned.class, place(run("r" + i), 100));
            load.merge(assigned.runtime(), 1, Integer::sum);
        }
        assertEquals(Map.of(A, 5, B, 5), load);
    }

    @Test
    void queuesByAgeNotByArrival() {
        place(run("first"), 1);
        assertEquals(new Placement.Queued(1, 1), place(run("late", 9), 1));
        assertEquals(new Placement.Queued(1, 1), place(run("early", 5), 1));
        assertEquals(new Placement.Queued(2, 1), place(run("late", 9), 1));
        admission.forget("uid-first");
        assertEquals(
                List.of("early"), admission.turns(1).stream().map(RunId::name).toList());
        assertEquals(List.of(), admission.turns(1), "each is told once");
        assertInstanceOf(Placement.Assigned.class, place(run("early", 5), 1));
    }

    @Test
    void anOldObservationDoesNotUndoADecision() {
        place(run("r"), 1);
        admission.observe(run("r").view());
        assertEquals(new Admission.Counts(1, 0), admission.counts());
        assertInstanceOf(Placement.Queued.class, place(run("other"), 1));
    }

    @Test
    void itsOwnReconciliationCorrectsAWriteThatDidNotComeAbout() {
        place(run("r"), 1);
        admission.correct(run("r").waiting(dev.wheelhouse.api.v1alpha1.WaitingFor.Kind.InDoubt, null)
                .view());
        assertEquals(new Admission.Counts(0, 0), admission.counts());
    }

    @Test
    void aRunThatWaitsForItsOwnPodKeepsItsPlace() {
        assertEquals(new Placement.OwnRuntime(), admission.place(run("own").view(), 1, true, List.of()));
        admission.correct(run("own").view());
        assertInstanceOf(Placement.Queued.class, place(run("other"), 1));
        assertEquals(new Placement.Assigned(A), admission.place(run("own").view(), 1, true, List.of(A)));
    }

    @Test
    void aLostRunKeepsItsPlaceAndGoesToAnother() {
        place(run("r"), 1);
        admission.observe(run("r").heldBy("ua.1", 1).view());
        assertEquals(
                new Placement.Assigned(B),
                admission.place(run("r").heldBy("ua.1", 1).view(), 1, false, List.of(B)));
        assertEquals(List.of(), admission.heldBy("ua.1"));
        assertEquals(1, admission.heldBy("ub.1").size());
        assertEquals(1, admission.heldByOthers(Set.of("ua.1")).size());
        assertEquals(List.of(), admission.heldByOthers(Set.of("ub.1")));
    }

    @Test
    void aTenantWithoutPlacesLetsNobodyIn() {
        assertEquals(new Placement.Queued(1, 0), place(run("r"), 0));
        assertEquals(List.of(), admission.turns(0));
    }

    /**
     * Events in any order, some of them old or twice, and runs woken by turns only: never more than the limit, nobody
     * is forgotten, and the truth is what the ledger shows in the end.
     */
    @Property(tries = 300)
    void neverOverTheLimitAndNobodyStarves(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int limit) {
        Random random = new Random(seed);
        Admission ledger = new Admission();
        int total = 12;
        Map<String, Views> truth = new TreeMap<>();
        List<RunView> past = new ArrayList<>();
        List<String> toReconcile = new ArrayList<>();
        for (int i = 0; i < total; i++) {
            String name = "r" + i;
            truth.put(name, run(name, random.nextInt(5)));
            toReconcile.add(name);
        }
        int finished = 0;
        for (int step = 0; step < 20_000 && finished < total; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    if (!toReconcile.isEmpty()) {
                        String name = toReconcile.remove(random.nextInt(toReconcile.size()));
                        reconcile(ledger, truth.get(name), limit, past);
                    }
                }
                case 2 -> { // A stale or repeated watch event.
                    if (!past.isEmpty()) {
                        RunView view = past.get(random.nextInt(past.size()));
                        if (!truth.get(view.id().name()).view().finished()) {
                            ledger.observe(view);
                        }
                    }
                }
                default -> {
                    var running = truth.values().stream()
                            .filter(v -> !v.holder.isEmpty())
                            .toList();
                    if (!running.isEmpty()) {
                        Views done = running.get(random.nextInt(running.size())).finished();
                        ledger.forget(done.view().id().uid());
                        finished++;
                    }
                }
            }
            ledger.turns(limit).forEach(id -> toReconcile.add(id.name()));
            long active =
                    truth.values().stream().filter(v -> !v.holder.isEmpty()).count();
            assertTrue(active <= limit, active + " runs execute");
        }
        assertEquals(total, finished, "all runs came to their turn");
        assertEquals(new Admission.Counts(0, 0), ledger.counts());
    }

    private static void reconcile(Admission ledger, Views run, int limit, List<RunView> past) {
        RunView view = run.view();
        if (view.finished() || view.held()) {
            return;
        }
        past.add(view);
        ledger.correct(view);
        if (ledger.place(view, limit, false, BOTH) instanceof Placement.Assigned assigned) {
            run.heldBy(assigned.runtime().holder(), view.epoch() + 1);
            past.add(run.view());
        }
    }
}
