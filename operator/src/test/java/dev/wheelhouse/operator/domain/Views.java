package dev.wheelhouse.operator.domain;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.WaitingFor;
import java.time.Instant;
import java.util.List;

/** Run views for tests. */
final class Views {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    RunPhase phase;
    boolean deleting;
    boolean cancel;
    Long deadline;
    long epoch;
    String holder = "";
    boolean refused;
    Instant started;
    RunView.Wait waiting;
    private final String name;
    private final int second;

    private Views(String name, int second) {
        this.name = name;
        this.second = second;
    }

    static Views run(String name, int second) {
        return new Views(name, second);
    }

    static Views run(String name) {
        return run(name, 0);
    }

    Views heldBy(String holder, long epoch) {
        this.holder = holder;
        this.epoch = epoch;
        this.phase = RunPhase.Running;
        this.started = T0;
        return this;
    }

    Views started() {
        this.started = T0;
        return this;
    }

    Views epoch(long epoch) {
        this.epoch = epoch;
        return this;
    }

    Views cancel() {
        this.cancel = true;
        return this;
    }

    Views deadline(long seconds) {
        this.deadline = seconds;
        return this;
    }

    Views refused() {
        this.refused = true;
        return this;
    }

    Views finished() {
        this.phase = RunPhase.Succeeded;
        this.holder = "";
        return this;
    }

    Views waiting(WaitingFor.Kind kind, Instant retryAt, String... names) {
        this.waiting = new RunView.Wait(kind, List.of(names), T0, retryAt);
        this.phase = RunPhase.Waiting;
        this.holder = "";
        return started();
    }

    RunView view() {
        return new RunView(
                new RunId("ns", name, "uid-" + name),
                T0.plusSeconds(second),
                deleting,
                "agent",
                false,
                cancel,
                deadline,
                false,
                phase,
                epoch,
                holder,
                holder.isEmpty() ? "" : "pod-" + holder,
                holder.isEmpty() ? "" : "poduid-" + holder,
                refused,
                started,
                waiting);
    }
}
