package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.approval.Consequences;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Requests;
import dev.wheelhouse.core.guard.AnswerCheck;
import dev.wheelhouse.core.guard.ApprovalGate;
import dev.wheelhouse.core.guard.ArgumentCheck;
import dev.wheelhouse.core.guard.Budget;
import dev.wheelhouse.core.guard.CountLimits;
import dev.wheelhouse.core.guard.Guard;
import dev.wheelhouse.core.guard.LoopBreaker;
import dev.wheelhouse.core.guard.WallTime;
import dev.wheelhouse.core.harness.State.Call;
import dev.wheelhouse.core.harness.Step.Planned;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Decides what a run does next: what the journal calls for, then what each guard makes of it. Pure. */
public final class Harness {
    /** Calls of one answer that run at the same time; the others follow. */
    public static final int PARALLEL_CALLS = 16;

    /** Attempts at a call that may be repeated, the first included. */
    public static final int TOOL_ATTEMPTS = 4;

    private final List<Guard> guards;

    public Harness(List<Guard> guards) {
        this.guards = List.copyOf(guards);
    }

    /** With all guards, in their order: cheap refusals first, money last, as it must see what is really sent. */
    public static Harness standard() {
        return standard(Conditions.NONE);
    }

    /** The same, with these to say which calls need a person. */
    public static Harness standard(Conditions conditions) {
        return new Harness(List.of(
                new WallTime(),
                new CountLimits(),
                new LoopBreaker(),
                new ArgumentCheck(),
                new ApprovalGate(conditions),
                new AnswerCheck(),
                new Budget()));
    }

    /** @param now by the clock of the process; matters only for waiting and the wall time limit */
    public Step next(State state, Instant now) {
        Step step = propose(state, now);
        for (Guard guard : guards) {
            step = guard.check(state, step, now);
        }
        return step;
    }

    private Step propose(State state, Instant now) {
        if (state.problem() != null) {
            return new Step.Pause(state.problem());
        }
        if (state.end() != null) {
            return new Step.Ended(state.end());
        }
        State.Turn last = state.lastTurn().orElse(null);
        if (last != null && last.calls().isEmpty() && last.correction() == null) {
            return new Step.Finish(last.answer().text());
        }
        if (last == null || last.settled()) {
            return ModelChoice.next(state, now);
        }
        return Consequences.ofRun(last.calls()).orElseGet(() -> callsOf(state, last, now));
    }

    private static Step callsOf(State state, State.Turn turn, Instant now) {
        List<Call> open = turn.calls().stream().filter(call -> !call.settled()).toList();
        // People take longer than tools: what needs nobody is done first.
        List<Planned> planned = open.stream()
                .filter(call -> call.consent() == null || !call.consent().open())
                .limit(PARALLEL_CALLS)
                .map(call -> plan(state, call, now))
                .toList();
        return planned.isEmpty() ? new Step.Decide(open) : new Step.CallTools(planned);
    }

    private static Planned plan(State state, Call call, Instant now) {
        State.Consent consent = call.consent();
        if (consent != null && (consent.usable() || (consent.closed() != null && asksAbout(call, consent)))) {
            return Consequences.of(state, call, now);
        }
        if (call.doubt() != null) {
            return Requests.inDoubt(state, call, now);
        }
        var intent = call.intent();
        if (intent == null) {
            return new Planned.Unchecked(call.asked());
        }
        PinnedTool tool = state.run().tool(intent.tool()).orElse(null);
        if (tool == null) {
            return new Planned.Doubt(call.asked(), "its tool is not among those of the run");
        }
        return switch (intent.effect()) {
            case READ_ONLY, IDEMPOTENT -> again(state, call, tool, now);
            case RECONCILABLE -> new Planned.Lookup(call.asked(), tool, intent);
            case AT_MOST_ONCE ->
                new Planned.Doubt(call.asked(), "the process that made the call was lost before it saw the outcome");
        };
    }

    /** Whether a closed question is about what is open now, and not about an attempt before. */
    private static boolean asksAbout(Call call, State.Consent consent) {
        return call.doubt() == null || consent.request().kind() == Request.Kind.InDoubt;
    }

    private static Planned again(State state, Call call, PinnedTool tool, Instant now) {
        var intent = call.intent();
        if (intent.attempt() >= TOOL_ATTEMPTS) {
            String why = intent.retryOf() == null ? "" : " (" + intent.retryOf() + ")";
            return new Planned.Refuse(
                    call.asked(),
                    false,
                    "The outcome of this call is unknown: no answer in " + intent.attempt() + " attempts" + why + ".");
        }
        Duration wait = Backoff.TOOL.left(
                state.run().id().uid() + intent.callId(), intent.attempt(), null, call.intendedAt(), now);
        return new Planned.Execute(
                call.asked(),
                tool,
                intent.arguments(),
                intent.attempt() + 1,
                "the process was lost or the outcome was unknown",
                intent.allowance(),
                wait);
    }
}
