package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.harness.State.Asking;
import dev.wheelhouse.core.harness.State.Call;
import dev.wheelhouse.core.harness.State.Consent;
import dev.wheelhouse.core.harness.State.Turn;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Spend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Puts records into a state, one after the other. A record that makes no sense stops the run; it never throws. */
public final class Fold {
    private Fold() {}

    /** The state after all records. */
    public static State all(List<JournalRecord> records) {
        State state = State.EMPTY;
        for (JournalRecord record : records) {
            state = next(state, record);
        }
        return state;
    }

    /** The state after one more record. */
    public static State next(State state, JournalRecord record) {
        State placed =
                new Draft(state).at(record.epoch(), record.seq(), record.hash()).build();
        if (state.problem() != null || state.end() != null) {
            // What ended stays ended; a process that takes over still leaves its mark.
            return placed;
        }
        if (state.run() == null && !mayComeFirst(record.entry())) {
            return new Draft(placed).problem(record, "comes before RunStarted").build();
        }
        return new Draft(placed).apply(record).build();
    }

    private static boolean mayComeFirst(Entry entry) {
        return switch (entry) {
            // A run that ends before it starts leaves a mark too, or an earlier process could still start it.
            case Entry.RunStarted _, Entry.Cancelled _, Entry.Failed _, Entry.Unknown _ -> true;
            default -> false;
        };
    }

    /** A mutable copy for the length of one record. */
    private static final class Draft {
        private final State old;
        private PinnedRun run;
        private String pinnedDigest;
        private String input;
        private List<Turn> turns;
        private Asking asking;
        private Spend spent;
        private int modelCalls;
        private int toolCalls;
        private String place;
        private int egress;
        private long epoch;
        private long records;
        private String head;
        private Entry end;
        private String problem;

        Draft(State old) {
            this.old = old;
            run = old.run();
            pinnedDigest = old.pinnedDigest();
            input = old.input();
            turns = old.turns();
            asking = old.asking();
            spent = old.spent();
            modelCalls = old.modelCalls();
            toolCalls = old.toolCalls();
            place = old.place();
            egress = old.egress();
            epoch = old.epoch();
            records = old.records();
            head = old.head();
            end = old.end();
            problem = old.problem();
        }

        State build() {
            return new State(
                    run,
                    pinnedDigest,
                    input,
                    turns,
                    asking,
                    spent,
                    modelCalls,
                    toolCalls,
                    place,
                    egress,
                    epoch,
                    records,
                    head,
                    end,
                    problem);
        }

        Draft at(long newEpoch, long seq, String hash) {
            epoch = newEpoch;
            records = seq;
            head = hash;
            return this;
        }

        Draft problem(JournalRecord record, String what) {
            problem = "journal record " + record.seq() + " ("
                    + record.entry().getClass().getSimpleName() + ") " + what;
            return this;
        }

        Draft apply(JournalRecord record) {
            switch (record.entry()) {
                case Entry.RunStarted started -> {
                    run = started.run();
                    input = run.input();
                    pinnedDigest = record.hash();
                }
                case Entry.Input given -> input = given.text();
                case Entry.Epoch _ -> chargeLost();
                case Entry.ModelRequested requested -> {
                    chargeLost();
                    modelCalls++;
                    asking = new Asking(requested, asking.failures(), asking.lost());
                }
                case Entry.ModelResponded answer -> answered(answer);
                case Entry.ModelFailed failed -> failed(record.at(), failed);
                case Entry.ToolIntent intent -> intended(record, intent);
                case Entry.ToolOutcome outcome -> {
                    if (outcome.spent() != null) {
                        spent = spent.plus(outcome.spent());
                    }
                    if (outcome.rejected()) {
                        toolCalls++;
                    }
                    call(record, outcome.callId(), c -> changed(c, outcome, c.doubt(), c.consent()));
                }
                case Entry.InDoubt doubt ->
                    call(record, doubt.callId(), c -> changed(c, c.outcome(), doubt, c.consent()));
                case Entry.ApprovalRequested asked ->
                    call(
                            record,
                            asked.callId(),
                            c -> consented(
                                    c,
                                    new Consent(
                                            asked.number(), asked.name(), asked.request(), null, null, null, false)));
                case Entry.ApprovalCreated created ->
                    consent(record, created.callId(), created.name(), c -> c.with(created.uid(), null, null));
                case Entry.ApprovalConsumed granted ->
                    consent(record, granted.callId(), granted.name(), c -> c.with(c.uid(), granted, null));
                case Entry.ApprovalResolved closed ->
                    consent(record, closed.callId(), closed.name(), c -> c.with(c.uid(), null, closed));
                case Entry.GuardDecided decided -> corrected(record, decided);
                case Entry.PricesChanged changed -> run = run.priced(changed.model(), changed.prices());
                case Entry.EgressRequested _ -> egress++;
                case Entry.EgressEnded _ -> {}
                case Entry.Cancelled ended -> end(ended);
                case Entry.Completed ended -> end(ended);
                case Entry.Failed ended -> end(ended);
                case Entry.Unknown unknown ->
                    problem = "journal record " + record.seq() + " has the type '" + unknown.type()
                            + "', or content, that this version does not understand; a newer version can go on";
            }
            return this;
        }

        /** Nobody knows how the call ended that was under way, so it counts at its upper bound. */
        private void chargeLost() {
            if (asking.open() != null) {
                spent = spent.plus(asking.open().reserved());
                asking = new Asking(null, asking.failures(), asking.lost() + 1);
            }
        }

        private void answered(Entry.ModelResponded answer) {
            spent = spent.plus(new Spend(answer.usage(), answer.costMicros()));
            asking = Asking.NOT;
            List<Call> calls = answer.calls().stream().map(Call::of).toList();
            turns = with(turns, new Turn(answer, calls, null));
        }

        private void failed(Instant at, Entry.ModelFailed failed) {
            spent = spent.plus(failed.charged());
            asking = new Asking(null, with(asking.failures(), new Asking.Failure(at, failed)), asking.lost());
        }

        private void intended(JournalRecord record, Entry.ToolIntent intent) {
            if (intent.attempt() == 1) {
                toolCalls++;
            }
            place = intent.place() == null ? place : intent.place();
            // A new attempt: whatever doubt there was, a person has settled it.
            call(
                    record,
                    intent.callId(),
                    c -> new Call(
                            c.asked(),
                            intent,
                            record.at(),
                            c.outcome(),
                            null,
                            c.consent() == null ? null : c.consent().used()));
        }

        private static Call changed(Call call, Entry.ToolOutcome outcome, Entry.InDoubt doubt, Consent consent) {
            return new Call(call.asked(), call.intent(), call.intendedAt(), outcome, doubt, consent);
        }

        private static Call consented(Call call, Consent consent) {
            return changed(call, call.outcome(), call.doubt(), consent);
        }

        private void consent(JournalRecord record, String callId, String name, UnaryOperator<Consent> change) {
            boolean open = turns.stream()
                    .skip(Math.max(0, turns.size() - 1))
                    .flatMap(turn -> turn.calls().stream())
                    .anyMatch(c -> c.asked().id().equals(callId)
                            && c.consent() != null
                            && c.consent().open()
                            && c.consent().name().equals(name));
            if (!open) {
                problem(record, "belongs to the Approval '" + name + "', which is not open");
                return;
            }
            call(record, callId, c -> consented(c, change.apply(c.consent())));
        }

        private void corrected(JournalRecord record, Entry.GuardDecided decided) {
            if (turns.isEmpty()) {
                problem(record, "belongs to no answer");
                return;
            }
            Turn last = turns.getLast();
            replaceLast(new Turn(last.answer(), last.calls(), decided.message()));
        }

        private void end(Entry ended) {
            chargeLost();
            end = ended;
        }

        private void call(JournalRecord record, String callId, UnaryOperator<Call> change) {
            List<Call> calls = turns.isEmpty() ? List.of() : turns.getLast().calls();
            if (calls.stream().noneMatch(c -> c.asked().id().equals(callId))) {
                spent = old.spent();
                problem(record, "belongs to the call '" + callId + "', which the last answer does not have");
                return;
            }
            List<Call> changed = calls.stream()
                    .map(c -> c.asked().id().equals(callId) ? change.apply(c) : c)
                    .toList();
            Turn last = turns.getLast();
            replaceLast(new Turn(last.answer(), changed, last.correction()));
        }

        private void replaceLast(Turn turn) {
            turns = with(turns.subList(0, turns.size() - 1), turn);
        }

        private static <T> List<T> with(List<T> list, T more) {
            List<T> copy = new ArrayList<>(list);
            copy.add(more);
            return List.copyOf(copy);
        }
    }
}
