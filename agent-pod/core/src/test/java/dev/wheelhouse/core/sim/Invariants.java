package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.drive.Summary;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Conversation;
import dev.wheelhouse.core.harness.Fold;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Chain;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.journal.StoreException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold after every simulated run, whatever went wrong in it. */
final class Invariants {
    private final Simulation sim;
    private final List<String> broken = new ArrayList<>();

    private Invariants(Simulation sim) {
        this.sim = sim;
    }

    /** Everything that does not hold, by the number of the invariant. */
    static List<String> broken(Simulation sim) {
        Invariants check = new Invariants(sim);
        try {
            check.all(Chain.read(
                    sim.store().lines(),
                    digest -> Optional.ofNullable(sim.store().blobs().get(digest))));
        } catch (DamagedJournalException | StoreException e) {
            check.broken.add("I1/I6 the journal is an unbroken chain with epochs that never fall: " + e.getMessage());
        }
        return check.broken;
    }

    private void all(List<JournalRecord> records) {
        State state = Fold.all(records);
        effects(state);
        terminal(records);
        progress(state);
        replay(state);
        budget(state);
        conversation(state);
    }

    private void must(boolean holds, String what) {
        if (!holds) {
            broken.add(what);
        }
    }

    private void effects(State state) {
        must(
                sim.world().withoutIntent().isEmpty(),
                "I2 every effect has an earlier durable intent: " + sim.world().withoutIntent());
        sim.world().effects().forEach((call, count) -> must(count <= 1, "I3 " + count + " effects of call " + call));
        sim.world().keys().forEach((call, keys) -> must(keys.size() == 1, "I3 call " + call + " had keys " + keys));
        Set<String> keys = new HashSet<>();
        sim.world().keys().values().forEach(of -> must(keys.addAll(of), "I3 two calls share a key"));
        must(
                sim.world().withoutRecord().isEmpty(),
                "I2 every request has an earlier durable record: " + sim.world().withoutRecord());
        must(
                sim.world().untold() == 0,
                "every announcement is answered: " + sim.world().untold() + " are not");
        must(state.egress() == sim.announced().size(), "requests are counted: " + state.egress());
        must(
                sim.world().withoutApproval().isEmpty(),
                "I4 every gated effect has a valid decision about just that, used once: "
                        + sim.world().withoutApproval());
        sim.approvals().consumptions().forEach((name, times) -> must(times <= 1, "I4 " + name + " used " + times));
        for (State.Turn turn : state.turns()) {
            for (State.Call call : turn.calls()) {
                boolean said =
                        call.outcome() != null && call.outcome().content().startsWith("did ");
                int happened = sim.world().effects().getOrDefault(call.asked().id(), 0);
                boolean readOnly = call.intent() != null && call.intent().effect() == EffectClass.READ_ONLY;
                must(!said || readOnly || happened == 1, "the journal says that " + call.asked() + " happened");
            }
        }
    }

    private void terminal(List<JournalRecord> records) {
        int end = -1;
        for (int i = 0; i < records.size(); i++) {
            Entry entry = records.get(i).entry();
            boolean terminal = entry instanceof Entry.Completed
                    || entry instanceof Entry.Failed
                    || entry instanceof Entry.Cancelled;
            must(!terminal || end < 0, "I7 two terminal records");
            must(end < 0 || entry instanceof Entry.Epoch, "I7 " + entry + " after the end");
            end = terminal ? i : end;
        }
        long kinds = sim.ends().stream()
                .filter(e ->
                        e instanceof RunEnd.Completed || e instanceof RunEnd.Failed || e instanceof RunEnd.Cancelled)
                .map(Invariants::terminalText)
                .distinct()
                .count();
        must(kinds <= 1, "I7 processes reported different ends: " + sim.ends());
    }

    private static String terminalText(RunEnd end) {
        return switch (end) {
            case RunEnd.Completed completed -> "completed " + completed.result();
            case RunEnd.Failed failed -> failed.reason() + failed.message();
            default -> end.getClass().getSimpleName();
        };
    }

    private void progress(State state) {
        boolean doubt = state.lastTurn().stream()
                .flatMap(turn -> turn.calls().stream())
                .anyMatch(call -> call.doubt() != null && !call.settled());
        boolean waits = sim.ends().stream()
                .anyMatch(end ->
                        end instanceof RunEnd.Waiting waiting && waiting.reason() instanceof WaitReason.ForApprovals);
        must(
                state.end() != null || (doubt && waits),
                "I9 the run neither ended nor waits for a person: " + sim.lastEnd());
    }

    /** What a process had in memory when it ended is what the journal says. */
    private void replay(State state) {
        must(state.problem() == null, "I10 the journal makes sense: " + state.problem());
        sim.ends().stream()
                .map(Invariants::summary)
                .filter(summary -> summary != null && summary.head() != null)
                .filter(summary -> summary.head().equals(state.head()))
                .forEach(summary -> must(
                        summary.spent().equals(state.committed())
                                && summary.steps() == state.turns().size()
                                && summary.toolCalls() == state.toolCalls()
                                && summary.modelCalls() == state.modelCalls()
                                && summary.records() == state.records(),
                        "I10 live state " + summary + " differs from the replayed " + state));
    }

    private static Summary summary(RunEnd end) {
        return switch (end) {
            case RunEnd.Completed completed -> completed.summary();
            case RunEnd.Failed failed -> failed.summary();
            case RunEnd.Cancelled cancelled -> cancelled.summary();
            case RunEnd.Waiting waiting -> waiting.summary();
            case RunEnd.Drained drained -> drained.summary();
            case RunEnd.Paused paused -> paused.summary();
            case RunEnd.Fenced _, RunEnd.Gone _ -> null;
        };
    }

    private void budget(State state) {
        Limits limits = sim.pinned().limits();
        long tokens = sim.world().billedTokens();
        long micros = sim.world().billedMicros();
        must(limits.tokens() == null || tokens <= limits.tokens(), "budget: " + tokens + " tokens were billed");
        must(limits.costMicros() == null || micros <= limits.costMicros(), "budget: " + micros + " were billed");
        must(
                state.committed().tokens().total() >= tokens,
                "ledger: " + tokens + " tokens were billed, " + state.committed());
        must(state.committed().costMicros() >= micros, "ledger: " + micros + " were billed, " + state.committed());
    }

    private void conversation(State state) {
        if (state.input() == null) {
            return;
        }
        Set<String> open = new HashSet<>();
        for (Message message : Conversation.of(state)) {
            switch (message) {
                case Message.Assistant assistant -> {
                    must(open.isEmpty(), "history: an answer before the results of " + open);
                    assistant.calls().forEach(call -> must(open.add(call.id()), "history: id twice " + call.id()));
                }
                case Message.ToolOutput output -> must(open.remove(output.callId()), "history: result of no call");
                case Message.User _ -> must(open.isEmpty(), "history: input before the results of " + open);
            }
        }
        must(open.isEmpty(), "history: no result of " + open);
    }
}
