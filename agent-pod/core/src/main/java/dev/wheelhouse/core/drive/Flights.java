package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tool calls and lookups under way. */
final class Flights implements AutoCloseable {
    /** What an adapter may take beyond the tool's timeout before it is given up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** What a call that was given up may take to come back: it may still note how what it began has ended. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(6);

    private final Ports ports;
    private final Signals signals;
    private final Parallel.Scope<Landed> scope;
    private final Runnable unsubscribe;
    private final NoteBox notes;
    private final Map<Integer, Flight> flying = new HashMap<>();
    private int started;

    private record Flight(
            int number,
            ToolInvocation invocation,
            boolean lookup,
            Duration start,
            Duration deadline,
            boolean givenUp,
            Parallel.Task task) {
        Flight giveUp() {
            task.interrupt();
            return new Flight(number, invocation, lookup, start, deadline.plus(LAST_WORDS), true, task);
        }

        /** What it says once it was given up does not count: an adapter that is interrupted may not know better. */
        Landed noAnswer() {
            ToolResult result = new ToolResult.Unknown(
                    "no answer within " + invocation.timeout().toSeconds() + " s");
            return new Landed(number, invocation, lookup, Optional.of(result));
        }
    }

    /**
     * The end of a call or lookup.
     *
     * @param result empty only for a lookup that found that the call did not happen
     */
    record Landed(int number, ToolInvocation invocation, boolean lookup, Optional<ToolResult> result) {}

    /**
     * What came in.
     *
     * @param notes to be staged before the rest
     */
    record Arrived(List<Entry.Note> notes, List<Landed> landed) {}

    Flights(Ports ports, Signals signals) {
        this.ports = ports;
        this.signals = signals;
        scope = ports.parallel().open();
        notes = new NoteBox(scope::wake);
        unsubscribe = signals.onChange(scope::wake);
    }

    boolean isEmpty() {
        return flying.isEmpty();
    }

    /** @param requests of commands so far, see {@link Notes#requests} */
    void start(ToolInvocation planned, boolean lookup, int requests) {
        int number = ++started;
        ToolInvocation invocation = planned.with(notes.open(number, requests));
        Duration now = scope.elapsed();
        Parallel.Task task = scope.start(() -> new Landed(number, invocation, lookup, fly(invocation, lookup)));
        Duration deadline = now.plus(invocation.timeout()).plus(GRACE);
        flying.put(number, new Flight(number, invocation, lookup, now, deadline, false, task));
    }

    private Optional<ToolResult> fly(ToolInvocation invocation, boolean lookup) {
        try {
            return lookup
                    ? ports.tools().lookup(invocation)
                    : Optional.of(ports.tools().call(invocation));
        } catch (InterruptedException e) {
            return Optional.of(new ToolResult.Unknown("interrupted"));
        } catch (RuntimeException e) {
            // The message might hold what must not be journaled.
            return Optional.of(new ToolResult.Unknown("the adapter failed: " + e.getClass()));
        }
    }

    /** Waits for at least one to land or to hand in a note; more than one if they came at the same time. */
    Arrived next() throws LetGo, InterruptedException {
        List<Landed> landed = new ArrayList<>();
        while (landed.isEmpty() && notes.isEmpty()) {
            look();
            take(scope.next(untilDeadline()), landed);
            landed.addAll(overdue());
        }
        int before;
        do {
            before = landed.size();
            if (!flying.isEmpty()) {
                take(scope.next(Duration.ZERO), landed);
            }
        } while (landed.size() > before);
        landed.forEach(one -> notes.close(one.number()));
        return new Arrived(notes.take(), landed);
    }

    /** All notes that came in so far are durable. */
    void noted() {
        notes.durable();
    }

    private void look() throws LetGo {
        if (signals.fenced()) {
            throw new LetGo(new RunEnd.Fenced());
        }
        if (signals.draining()) {
            // Harmless to repeat elsewhere: no reason to hold the process.
            flying.values().stream()
                    .filter(f -> f.invocation().tool().effect() == EffectClass.READ_ONLY)
                    .forEach(f -> f.task().interrupt());
        }
    }

    private void take(Optional<Landed> arrival, List<Landed> landed) {
        // One that did not come back when it was given up may land late; its outcome is already decided.
        arrival.filter(one -> flying.containsKey(one.number())).ifPresent(arrived -> {
            Flight flight = flying.remove(arrived.number());
            Landed one = flight.givenUp() ? flight.noAnswer() : arrived;
            one.result()
                    .ifPresent(result -> ports.observer()
                            .toolCalled(
                                    one.invocation().run(),
                                    one.invocation().tool(),
                                    scope.elapsed().minus(flight.start()),
                                    result));
            landed.add(one);
        });
    }

    private Duration untilDeadline() {
        Duration now = scope.elapsed();
        return flying.values().stream()
                .map(flight -> flight.deadline().minus(now))
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** Those that did not even come back when they were given up; their notes are refused from now on. */
    private List<Landed> overdue() {
        Duration now = scope.elapsed();
        List<Flight> late = flying.values().stream()
                .filter(flight -> flight.deadline().compareTo(now) <= 0)
                .toList();
        List<Landed> overdue = new ArrayList<>();
        for (Flight flight : late) {
            if (flight.givenUp()) {
                flying.remove(flight.number());
                overdue.add(flight.noAnswer());
            } else {
                flying.put(flight.number(), flight.giveUp());
            }
        }
        return overdue;
    }

    @Override
    public void close() {
        unsubscribe.run();
        notes.close();
        scope.close();
    }
}
