package dev.wheelhouse.core.drive;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Ruling;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.guard.JsonSchema;
import dev.wheelhouse.core.harness.Backoff;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.State;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.Entry.ApprovalResolved.How;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.core.money.Prices;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Puts questions to people and uses up their decisions. It stages what was found; what follows from it is the harness's
 * business, and is durable together with the decision's use.
 */
final class ApprovalStep {
    /** Somebody may change an Approval between our look and our write; not for ever. */
    private static final int LOOKS = 20;

    private final Ports ports;
    private final RunId run;
    private final long epoch;
    private final Signals signals;
    private final Pause pause;
    private final Recorder recorder;

    ApprovalStep(Ports ports, RunId run, long epoch, Signals signals, Pause pause, Recorder recorder) {
        this.ports = ports;
        this.run = run;
        this.epoch = epoch;
        this.signals = signals;
        this.pause = pause;
        this.recorder = recorder;
    }

    /** Whether an approval, and the tool that it is for, can be used. */
    private sealed interface Found {
        record Undecided() implements Found {}

        record Settled(Entry entry) implements Found {}

        record Elsewhere(ToolNow.Unreachable tool) implements Found {}
    }

    /** Tries once, while calls are under way; {@link #perform} tries again for as long as it takes. */
    void announce(List<Step.Planned.Ask> asks) throws LetGo, InterruptedException {
        for (Step.Planned.Ask ask : asks) {
            refuseIfFenced();
            try {
                stageCreated(ask.asked().id(), ask.name(), ports.approvals().create(run, ask.name(), ask.request()));
            } catch (ApprovalPort.Unavailable e) {
                return;
            }
        }
    }

    Optional<RunEnd> perform(Step.Decide step) throws LetGo, InterruptedException {
        List<State.Consent> undecided = new ArrayList<>();
        List<ToolNow.Unreachable> unreachable = new ArrayList<>();
        boolean progress = false;
        for (State.Call call : step.calls()) {
            if (signals.cancelled() || signals.draining()) {
                return Optional.empty();
            }
            switch (find(call)) {
                case Found.Undecided _ -> undecided.add(call.consent());
                case Found.Elsewhere(var tool) -> unreachable.add(tool);
                case Found.Settled(var entry) -> {
                    recorder.stage(entry);
                    progress = true;
                }
            }
        }
        if (progress) {
            lookAtPrices();
            return Optional.empty();
        }
        recorder.flush();
        return Optional.of(new RunEnd.Waiting(reason(undecided, unreachable), recorder.summary()));
    }

    /** The wait may have been long, and what follows is paid at the prices of now. */
    private void lookAtPrices() {
        PinnedRun pinned = recorder.state().run();
        if (pinned.limits().costMicros() == null) {
            return;
        }
        var now = ports.pinCheck()
                .prices(run, pinned.models().stream().map(PinnedModel::name).toList());
        for (PinnedModel model : pinned.models()) {
            Optional<Prices> price = now.get(model.name());
            if (price != null && !Objects.equals(price.orElse(null), model.prices())) {
                recorder.stage(new Entry.PricesChanged(model.name(), price.orElse(null)));
            }
        }
    }

    private Found find(State.Call call) throws LetGo, InterruptedException {
        State.Consent consent = call.consent();
        if (consent.uid() == null) {
            var uid = answered(() -> ports.approvals().create(run, consent.name(), consent.request()));
            if (uid.isEmpty()) {
                return anew(consent, "an Approval of its name asks something else", null);
            }
            stageCreated(call.asked().id(), consent.name(), uid);
        }
        for (int look = 0; look < LOOKS; look++) {
            State.Consent current = current(call);
            var seen = answered(() -> ports.approvals().look(run, current.name()));
            Optional<Found> found = found(current, seen.orElse(null));
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new Found.Undecided();
    }

    private State.Consent current(State.Call call) {
        return recorder.state().lastTurn().orElseThrow().calls().stream()
                .filter(candidate -> candidate.asked().equals(call.asked()))
                .findFirst()
                .orElseThrow()
                .consent();
    }

    private void stageCreated(String callId, String name, Optional<String> uid) {
        uid.ifPresent(known -> recorder.stage(new Entry.ApprovalCreated(callId, name, known)));
    }

    /** Empty if it must be looked at again. */
    private Optional<Found> found(State.Consent consent, Standing seen) throws LetGo, InterruptedException {
        return switch (Ruling.of(consent, seen, run.uid(), epoch)) {
            case Ruling.Open _ -> Optional.of(new Found.Undecided());
            case Ruling.Closed(var entry) -> Optional.of(new Found.Settled(entry));
            case Ruling.Unusable(var why) -> withdrawn(consent, seen, How.ASK_ANEW, why, null);
            case Ruling.Granted(var consumed) -> granted(consent, seen, consumed);
        };
    }

    private Optional<Found> granted(State.Consent consent, Standing seen, boolean consumed)
            throws LetGo, InterruptedException {
        if (seen.verdict() == Verdict.Approve || seen.verdict() == Verdict.DidNotHappen) {
            Optional<PinnedTool> tool =
                    recorder.state().run().tool(consent.request().tool().name());
            ToolNow now = tool.isPresent() ? ports.pinCheck().now(run, tool.get()) : null;
            switch (now) {
                case ToolNow.Unreachable unreachable -> {
                    return Optional.of(new Found.Elsewhere(unreachable));
                }
                case ToolNow.Gone(var why) -> {
                    return withdrawn(consent, seen, How.TOOL_GONE, why + ".", null);
                }
                case ToolNow.There there
                when !there.digest().equals(consent.request().tool().schemaDigest()) -> {
                    String wrong = misfit(consent.request(), there);
                    return wrong == null
                            ? withdrawn(consent, seen, How.ASK_ANEW, "the tool's schema changed", there.digest())
                            : withdrawn(consent, seen, How.TOOL_GONE, "the tool changed: " + wrong + ".", null);
                }
                case null, default -> {}
            }
        }
        refuseIfFenced();
        if (!consumed && !answered(() -> ports.approvals().consume(run, seen, epoch))) {
            return Optional.empty();
        }
        return Optional.of(new Found.Settled(new Entry.ApprovalConsumed(
                consent.request().callId(),
                consent.name(),
                seen.verdict(),
                seen.decidedBy(),
                seen.decidedAt(),
                seen.reason(),
                seen.verdict() == Verdict.Respond ? seen.text() : null)));
    }

    /** What is wrong with the arguments by the tool's schema of now, or null. */
    private static String misfit(Request request, ToolNow.There there) {
        try {
            List<String> wrong = JsonSchema.of(there.schema()).violations(Json.parse(request.arguments()));
            return wrong.isEmpty() ? null : String.join("; ", wrong);
        } catch (JsonSchema.Unusable | JsonProcessingException e) {
            return "its schema is unusable";
        }
    }

    private Optional<Found> withdrawn(State.Consent consent, Standing seen, How how, String why, String digest)
            throws LetGo, InterruptedException {
        refuseIfFenced();
        // One that is used up already is of no use to anybody.
        if (seen.phase() == Standing.Phase.Consumed
                || answered(() -> ports.approvals().withdraw(run, seen, why))) {
            return Optional.of(new Found.Settled(Entry.ApprovalResolved.of(consent, how, why, digest)));
        }
        return Optional.empty();
    }

    private static Found anew(State.Consent consent, String why, String digest) {
        return new Found.Settled(Entry.ApprovalResolved.of(consent, How.ASK_ANEW, why, digest));
    }

    private static WaitReason reason(List<State.Consent> undecided, List<ToolNow.Unreachable> unreachable) {
        if (!unreachable.isEmpty()) {
            // These cannot be watched: the run comes back by itself, and looks at its questions too.
            return new WaitReason.ForResources(
                    unreachable.stream()
                            .map(ToolNow.Unreachable::resource)
                            .distinct()
                            .toList(),
                    "a call is approved, but its tool must be looked at again first: "
                            + unreachable.getFirst().reason());
        }
        Request first = undecided.getFirst().request();
        String who = first.approverGroups() == null
                ? "somebody"
                : "one of group " + String.join(", ", first.approverGroups());
        String about = switch (first.kind()) {
            case ToolCall -> " must decide about ";
            case InDoubt -> " must find out: ";
            case Question -> " must answer: ";
        };
        String more = undecided.size() == 1 ? "" : " (and " + (undecided.size() - 1) + " more)";
        return new WaitReason.ForApprovals(
                undecided.stream().map(State.Consent::name).toList(), who + about + first.summary() + more);
    }

    private void refuseIfFenced() throws LetGo {
        if (signals.fenced()) {
            throw new LetGo(new RunEnd.Fenced());
        }
    }

    private <T> T answered(Attempt<T> attempt) throws LetGo, InterruptedException {
        for (int failures = 1; ; failures++) {
            refuseIfFenced();
            try {
                return attempt.call();
            } catch (ApprovalPort.Unavailable e) {
                if (signals.draining()) {
                    recorder.flush();
                    throw new LetGo(new RunEnd.Drained(recorder.summary()));
                }
                pause.sleep(Backoff.STORE.delay(run.uid(), failures, null));
            }
        }
    }

    private interface Attempt<T> {
        T call() throws ApprovalPort.Unavailable, InterruptedException;
    }
}
