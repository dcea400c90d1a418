package dev.wheelhouse.core.harness;

import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is known of a run: the fold of its journal. Immutable; equal journals give equal states.
 *
 * @param run what the run is held to; null before its first record
 * @param pinnedDigest hash of the record that holds {@code run}, or null
 * @param turns answers of the model, with what came of their calls
 * @param asking the model call that is under way, or was when a process was lost
 * @param spent what is settled: answers, failed and lost calls, child runs
 * @param modelCalls attempts included
 * @param toolCalls calls with an intent and malformed ones
 * @param place that the intents said last, or null
 * @param egress requests of commands in sandboxes, refused ones included
 * @param epoch of the last record
 * @param end last record of a run that ended, or null
 * @param problem why this version cannot go on, or null
 */
public record State(
        PinnedRun run,
        String pinnedDigest,
        String input,
        List<Turn> turns,
        Asking asking,
        Spend spent,
        int modelCalls,
        int toolCalls,
        String place,
        int egress,
        long epoch,
        long records,
        String head,
        Entry end,
        String problem) {
    public static final State EMPTY =
            new State(null, null, null, List.of(), Asking.NOT, Spend.NONE, 0, 0, null, 0, 0, 0, null, null, null);

    /**
     * An answer of the model.
     *
     * @param correction what a guard answered to it, or null
     */
    public record Turn(Entry.ModelResponded answer, List<Call> calls, String correction) {
        /** Whether a call or the answer itself was sent back as malformed. */
        public boolean repaired() {
            return correction != null
                    || calls.stream()
                            .anyMatch(call ->
                                    call.outcome() != null && call.outcome().rejected());
        }

        boolean settled() {
            return calls.stream().allMatch(Call::settled);
        }
    }

    /**
     * A call of the model.
     *
     * @param intent of the last attempt, or null
     * @param intendedAt when, or null
     * @param outcome null while there is none
     * @param doubt set if nobody knows whether it happened
     * @param consent the last question to people about it, or null if nobody was asked
     */
    public record Call(
            ToolCall asked,
            Entry.ToolIntent intent,
            Instant intendedAt,
            Entry.ToolOutcome outcome,
            Entry.InDoubt doubt,
            Consent consent) {
        static Call of(ToolCall asked) {
            return new Call(asked, null, null, null, null, null);
        }

        public boolean settled() {
            return outcome != null;
        }
    }

    /**
     * A question to people about a call. It is open, then either granted or closed, and what is granted is spent by the
     * next intent.
     *
     * @param uid of the Approval, or null while it is not known to exist
     * @param granted or null
     * @param closed or null
     */
    public record Consent(
            int number,
            String name,
            Request request,
            String uid,
            Entry.ApprovalConsumed granted,
            Entry.ApprovalResolved closed,
            boolean spent) {
        public boolean open() {
            return granted == null && closed == null;
        }

        /** Whether something is granted that was not made use of. */
        public boolean usable() {
            return granted != null && !spent;
        }

        Consent with(String newUid, Entry.ApprovalConsumed newGranted, Entry.ApprovalResolved newClosed) {
            return new Consent(number, name, request, newUid, newGranted, newClosed, spent);
        }

        Consent used() {
            return new Consent(number, name, request, uid, granted, closed, granted != null);
        }
    }

    /**
     * The attempts at the next answer.
     *
     * @param open request without a record of its end, or null
     * @param failures attempts that failed
     * @param lost requests whose process was lost
     */
    public record Asking(Entry.ModelRequested open, List<Failure> failures, int lost) {
        static final Asking NOT = new Asking(null, List.of(), 0);

        /** A failed attempt and when it failed. */
        public record Failure(Instant at, Entry.ModelFailed failed) {}

        /** Number of the next attempt, from 1. */
        public int nextAttempt() {
            return failures.size() + lost + (open == null ? 0 : 1) + 1;
        }
    }

    /** The last answer of the model. */
    public Optional<Turn> lastTurn() {
        return turns.isEmpty() ? Optional.empty() : Optional.of(turns.getLast());
    }

    /** Where the last attempt of this call of the last answer is made, or null. */
    public String placeOf(String callId) {
        return lastTurn().stream()
                .flatMap(turn -> turn.calls().stream())
                .filter(call -> call.asked().id().equals(callId) && call.intent() != null)
                .findFirst()
                .map(call -> call.intent().place())
                .orElse(null);
    }

    /** Questions to people that are neither granted nor closed. */
    public List<Consent> openConsents() {
        return turns.isEmpty()
                ? List.of()
                : turns.getLast().calls().stream()
                        .map(Call::consent)
                        .filter(consent -> consent != null && consent.open())
                        .toList();
    }

    /** How often something malformed was sent back to the model. */
    public int repairs() {
        return (int) turns.stream().filter(Turn::repaired).count();
    }

    /** What is spent or reserved: lost calls and child runs count at their upper bound. */
    public Spend committed() {
        Spend sum = asking.open() == null ? spent : spent.plus(asking.open().reserved());
        return turns.isEmpty()
                ? sum
                : turns.getLast().calls().stream()
                        .filter(call -> !call.settled() && call.intent() != null)
                        .map(call -> Allowances.reserved(call.intent().allowance()))
                        .reduce(sum, Spend::plus);
    }
}
