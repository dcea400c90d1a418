package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.api.v1alpha1.Verdict;
import dev.wheelhouse.operator.domain.approval.ApprovalView;
import dev.wheelhouse.operator.domain.approval.DecisionCheck;
import dev.wheelhouse.operator.domain.approval.Ruling;
import dev.wheelhouse.operator.domain.approval.Rulings;
import dev.wheelhouse.operator.kube.ApprovalApi;
import dev.wheelhouse.operator.kube.ApprovalStatuses;
import dev.wheelhouse.operator.kube.ApprovalViews;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Approvals until they are settled: believes decisions only after the policies were seen to work, rules, and wakes the
 * run. It watches pending ones only.
 */
@Singleton
public final class ApprovalReconciler implements Reconciler<Approval> {
    private static final Duration SOON = Duration.ofMillis(500);
    private static final Duration CONFLICT = Duration.ofMillis(100);
    /** How often it is tried whether the policies are back. */
    private static final Duration HELD = Duration.ofSeconds(6);

    private final ApprovalBook approvals;
    private final Trust trust;
    private final ApprovalApi api;
    private final RunBook runs;
    private final StatusWriter writer;
    private final Events events;
    private final Gate gate;
    private final Clockwork clock;
    private volatile IndexerResourceCache<Approval> cache;
    private volatile Feed<Approval> feed;

    public ApprovalReconciler(
            ApprovalBook approvals,
            Trust trust,
            ApprovalApi api,
            RunBook runs,
            StatusWriter writer,
            Events events,
            Gate gate,
            Clockwork clock) {
        this.approvals = approvals;
        this.trust = trust;
        this.api = api;
        this.runs = runs;
        this.writer = writer;
        this.events = events;
        this.gate = gate;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Approval>> prepareEventSources(EventSourceContext<Approval> context) {
        cache = context.getPrimaryCache();
        feed = new Feed<>("approvals", (approval, before) -> seen(approval), this::gone);
        return List.of(feed);
    }

    private void seen(Approval approval) {
        if (!ApprovalViews.settled(approval)) {
            approvals.seen(approval);
        }
    }

    /** Settled, or deleted, which counts as a rejection: the run has to see it. */
    private void gone(Approval approval) {
        writer.forget(approval.getMetadata().getUid());
        settled(approval);
    }

    private void settled(Approval approval) {
        approvals.gone(approval);
        runs.decided(
                approval.getMetadata().getNamespace(),
                approval.getSpec().request().run().name());
    }

    /** The regular test of the policies. */
    void test() {
        if (!gate.leading()) {
            return;
        }
        Map<String, Approval> somePending = new HashMap<>();
        cache.list()
                .forEach(approval ->
                        somePending.putIfAbsent(approval.getMetadata().getNamespace(), approval));
        trust.retain(somePending::containsKey);
        boolean sound = trust.sound();
        trust.test(somePending.values());
        if (trust.sound() != sound) {
            cache.list()
                    .forEach(approval -> feed.wake(
                            approval.getMetadata().getNamespace(),
                            approval.getMetadata().getName()));
        }
    }

    @Override
    public UpdateControl<Approval> reconcile(Approval approval, Context<Approval> context) {
        if (!gate.loaded() || writer.lags(approval)) {
            return again(SOON);
        }
        if (ApprovalViews.settled(approval) || approval.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        Map<String, Decision> decisions = ApprovalViews.decisions(approval);
        Trust.State state =
                decisions.isEmpty() ? trust.lately(approval) : trust.since(approval, approvals.latest(approval));
        return state == Trust.State.UNKNOWN
                ? again(SOON)
                : problems(approval, decisions)
                        .map(problems -> rule(approval, problems, state == Trust.State.VERIFIED))
                        .orElseGet(UpdateControl::noUpdate);
    }

    /** Why decisions cannot be used, by user name; empty if the Approval is gone. */
    private Optional<Map<String, String>> problems(Approval approval, Map<String, Decision> decisions) {
        boolean toCheck = decisions.values().stream()
                .anyMatch(decision -> decision.verdict() == Verdict.Edit || decision.verdict() == Verdict.Respond);
        if (!toCheck) {
            return Optional.of(Map.of());
        }
        Optional<ApprovalRequest> request = api.request(approval);
        return request.map(whole -> {
            Map<String, String> problems = new TreeMap<>();
            decisions.forEach((user, decision) ->
                    DecisionCheck.problem(whole, decision).ifPresent(problem -> problems.put(user, problem)));
            return problems;
        });
    }

    private UpdateControl<Approval> rule(Approval approval, Map<String, String> problems, boolean verified) {
        Map<String, String> before = ApprovalViews.invalid(approval);
        ApprovalView view = ApprovalViews.of(
                approval,
                problems,
                user -> approvals.firstSeen(approval, user, before.containsKey(user) && !problems.containsKey(user)));
        Instant now = clock.now().get();
        Ruling ruling = Rulings.of(view, now, verified);
        var outcome = writer.write(approval, ApprovalStatuses.of(approval, view, ruling, now), Approval::new);
        return switch (outcome) {
            case WRITTEN, EQUAL -> after(approval, ruling, outcome == StatusWriter.Outcome.WRITTEN);
            case GONE -> UpdateControl.noUpdate();
            case SPEC_MOVED, STATUS_MOVED -> again(CONFLICT);
        };
    }

    private UpdateControl<Approval> after(Approval approval, Ruling ruling, boolean written) {
        return switch (ruling) {
            case Ruling.Settled settled -> {
                tell(approval, settled);
                settled(approval);
                yield UpdateControl.noUpdate();
            }
            case Ruling.Open open -> at(open.lookAgain());
            case Ruling.Held ignored -> {
                if (written) {
                    events.emit(
                            approval,
                            Events.Type.Warning,
                            "IdentityUnverified",
                            "the admission policies of approvals are not in force: nothing is decided until they are");
                }
                yield again(HELD);
            }
        };
    }

    /** Decisions are told by the run that acts on them; what nobody decided is told here. */
    private void tell(Approval approval, Ruling.Settled settled) {
        switch (settled.why()) {
            case DECIDED -> {}
            case EXPIRED -> events.emit(approval, Events.Type.Warning, "Expired", "nobody decided in time");
            case DOUBT ->
                events.emit(
                        approval,
                        Events.Type.Warning,
                        "Withdrawn",
                        "decisions were made while nothing held people to their own names; the run asks anew");
        }
    }

    private UpdateControl<Approval> at(Instant when) {
        Duration left = Duration.between(clock.now().get(), when);
        return again(left.compareTo(Duration.ZERO) > 0 ? left.plusMillis(1) : Duration.ofMillis(1));
    }

    private static UpdateControl<Approval> again(Duration after) {
        return UpdateControl.<Approval>noUpdate().rescheduleAfter(after);
    }
}
