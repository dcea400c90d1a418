package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Active;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Counts;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Accounts for ended runs: each run that was started leaves {@code active} once, and counts then. */
final class Ledger {
    private Ledger() {}

    /** The state after every active run that has ended, or is gone, was accounted for. */
    static ScheduleState settle(Policy policy, ScheduleState state, Collection<Child> children) {
        Map<String, Child> byUid =
                children.stream().collect(Collectors.toMap(Child::uid, Function.identity(), (one, other) -> one));
        List<Active> open = state.active().stream()
                .filter(run ->
                        byUid.containsKey(run.uid()) && !byUid.get(run.uid()).finished())
                .toList();
        ScheduleState settled = state.edit().active(open).done();
        List<Child> ended = state.active().stream()
                .map(run -> byUid.get(run.uid()))
                .filter(child -> child != null && child.finished())
                .sorted(Comparator.comparing(Child::endedAt))
                .toList();
        for (Child child : ended) {
            settled = account(policy, settled, child);
        }
        return forgiven(settled, children);
    }

    private static ScheduleState account(Policy policy, ScheduleState state, Child child) {
        Counts counts = state.counts();
        StateEdit edit = state.edit().spend(Spending.add(policy, state.spend(), child.costMicros(), child.endedAt()));
        switch (child.end()) {
            case SUCCEEDED ->
                edit.counts(counts.successful())
                        .consecutiveFailures(0)
                        .lastSuccessful(child.endedAt())
                        .lastResult(policy.input().usesLastResult() ? child.result() : null);
            case FAILED ->
                edit.counts(counts.unsuccessful())
                        .consecutiveFailures(state.consecutiveFailures() + 1)
                        .lastFailure(child.endedAt());
            case CANCELLED -> {
                // Somebody ended it, or concurrencyPolicy Replace did: it says nothing about the Schedule.
            }
        }
        return edit.done();
    }

    /** A run by hand that succeeded after the last failure proves that the cause is gone. */
    private static ScheduleState forgiven(ScheduleState state, Collection<Child> children) {
        boolean proven = state.consecutiveFailures() > 0
                && state.lastFailure() != null
                && children.stream()
                        .anyMatch(child -> child.origin() == Origin.MANUAL
                                && child.end() == Child.End.SUCCEEDED
                                && child.endedAt().isAfter(state.lastFailure()));
        return proven ? state.edit().consecutiveFailures(0).done() : state;
    }
}
