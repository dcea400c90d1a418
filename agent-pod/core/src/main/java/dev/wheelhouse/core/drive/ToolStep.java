package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.Allowances;
import dev.wheelhouse.core.harness.Backoff;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.Step;
import dev.wheelhouse.core.harness.Step.Planned;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Does what is planned for the calls of one answer: intents recorded, calls made in parallel, outcomes recorded. */
final class ToolStep implements AutoCloseable {
    /** Lookups that may fail before a person is asked. */
    private static final int LOOKUPS = 5;

    private static final int MAX_RESULT_BYTES = 1024 * 1024;

    private final Ports ports;
    private final RunId run;
    private final long epoch;
    private final Signals signals;
    private final Pause pause;
    private final Recorder recorder;
    private final ApprovalStep approvals;
    private final Foresight foresight;
    private final Flights flights;
    private final Map<String, Planned.Lookup> lookups = new LinkedHashMap<>();
    private final Map<String, String> unknown = new HashMap<>();
    private final Map<String, Integer> failedLookups = new HashMap<>();

    ToolStep(
            Ports ports,
            RunId run,
            long epoch,
            Signals signals,
            Pause pause,
            Recorder recorder,
            ApprovalStep approvals,
            Foresight foresight) {
        this.ports = ports;
        this.run = run;
        this.epoch = epoch;
        this.signals = signals;
        this.pause = pause;
        this.recorder = recorder;
        this.approvals = approvals;
        this.foresight = foresight;
        this.flights = new Flights(ports, signals);
    }

    Optional<RunEnd> perform(Step.CallTools step) throws LetGo, InterruptedException {
        if (!pauseBefore(step.calls())) {
            return Optional.empty();
        }
        List<Planned.Execute> calls = new ArrayList<>();
        List<Planned.Ask> asks = new ArrayList<>();
        lookups.clear();
        for (Planned planned : step.calls()) {
            switch (planned) {
                case Planned.Execute execute -> calls.add(execute);
                case Planned.Lookup lookup -> lookups.put(lookup.asked().id(), lookup);
                case Planned.Refuse refuse -> stageRefusal(refuse);
                case Planned.Answer(var asked, var content) -> stageAnswer(asked, content);
                case Planned.Ask ask -> {
                    asks.add(ask);
                    recorder.stage(new Entry.ApprovalRequested(
                            ask.asked().id(), ask.asked().tool(), ask.number(), ask.name(), ask.request()));
                }
                case Planned.Hold(var asked, var why) ->
                    throw new IllegalStateException(asked.tool() + " must be held: " + why);
                case Planned.Doubt(var asked, var reason) -> stageDoubt(asked.id(), asked.tool(), reason);
                case Planned.Unchecked(var asked) ->
                    throw new IllegalStateException("no guard checked the call of " + asked.tool());
            }
        }
        Set<String> nowhere = new HashSet<>();
        for (Planned.Execute call : calls) {
            recorder.stage(intent(call, nowhere));
        }
        if (!calls.isEmpty() || !asks.isEmpty()) {
            recorder.flush();
        }
        for (Planned.Execute call : calls) {
            start(invocation(call), false);
        }
        for (Planned.Lookup lookup : lookups.values()) {
            start(invocation(lookup.again()), true);
        }
        approvals.announce(asks);
        return settleAll();
    }

    /** @return whether to go on, rather than to look at the signals first */
    private boolean pauseBefore(List<Planned> calls) throws LetGo, InterruptedException {
        Duration longest = Duration.ZERO;
        for (Planned planned : calls) {
            Duration delay = switch (planned) {
                case Planned.Execute execute -> execute.delay();
                case Planned.Lookup lookup -> lookupDelay(lookup);
                default -> Duration.ZERO;
            };
            longest = delay.compareTo(longest) > 0 ? delay : longest;
        }
        if (!longest.isPositive()) {
            return true;
        }
        recorder.flush();
        pause.sleep(longest);
        return !signals.cancelled() && !signals.draining();
    }

    private Duration lookupDelay(Planned.Lookup lookup) {
        String callId = lookup.asked().id();
        int failed = failedLookups.getOrDefault(callId, 0);
        return failed == 0 ? Duration.ZERO : Backoff.TOOL.delay(run.uid() + callId, failed, null);
    }

    private void stageRefusal(Planned.Refuse refuse) {
        String reason = unknown.get(refuse.asked().id());
        String message = reason == null ? refuse.message() : refuse.message() + " Last: " + reason;
        recorder.stage(new Entry.ToolOutcome(
                refuse.asked().id(), refuse.asked().tool(), true, refuse.rejected(), message, false, null));
    }

    private void stageAnswer(ToolCall asked, String content) {
        var text = Texts.cut(content, MAX_RESULT_BYTES);
        recorder.stage(new Entry.ToolOutcome(asked.id(), asked.tool(), false, false, text.text(), text.cut(), null));
    }

    private void stageDoubt(String callId, String tool, String reason) {
        recorder.stage(new Entry.InDoubt(callId, tool, reason));
    }

    /** @param nowhere kinds of tools that had no place in this step: they are not asked again */
    private Entry.ToolIntent intent(Planned.Execute call, Set<String> nowhere) throws InterruptedException {
        String callId = call.asked().id();
        return new Entry.ToolIntent(
                callId,
                call.tool().name(),
                call.tool().effect(),
                call.arguments(),
                Canonical.digest(call.arguments()),
                key(callId),
                call.attempt(),
                call.attempt() == 1 ? null : unknown.getOrDefault(callId, call.retryOf()),
                call.allowance(),
                place(call.tool(), nowhere));
    }

    private String place(PinnedTool tool, Set<String> nowhere) throws InterruptedException {
        if (nowhere.contains(tool.kind())) {
            return null;
        }
        String place = null;
        try {
            place = ports.tools().place(run, tool, recorder.state().place());
        } catch (RuntimeException e) {
            // The adapter decides when the call is made, and if it fails then too, that is the call's outcome.
        }
        if (place == null) {
            nowhere.add(tool.kind());
        } else {
            foresight.placed(tool.name());
        }
        return place;
    }

    private String key(String callId) {
        return Canonical.sha256((run.uid() + "\n" + callId).getBytes(StandardCharsets.UTF_8));
    }

    private ToolInvocation invocation(Planned.Execute call) {
        PinnedRun pinned = recorder.state().run();
        Limits remaining =
                call.allowance() == null ? Allowances.remaining(recorder.state(), recorder.now(), 1) : call.allowance();
        return new ToolInvocation(
                run,
                call.tool(),
                call.asked().id(),
                call.arguments(),
                key(call.asked().id()),
                epoch,
                pinned.requester(),
                pinned.depth(),
                pinned.root(),
                remaining,
                call.tool().timeout(),
                recorder.state().placeOf(call.asked().id()),
                recorder.state().place(),
                Notes.CLOSED);
    }

    /** Nothing may start once the process may have lost the run. */
    private void start(ToolInvocation invocation, boolean lookup) throws LetGo {
        refuseIfFenced();
        flights.start(invocation, lookup, recorder.state().egress());
    }

    private void refuseIfFenced() throws LetGo {
        if (signals.fenced()) {
            throw new LetGo(new RunEnd.Fenced());
        }
    }

    private Optional<RunEnd> settleAll() throws LetGo, InterruptedException {
        List<WaitReason> pending = new ArrayList<>();
        while (!flights.isEmpty()) {
            Flights.Arrived arrived = flights.next();
            arrived.notes().forEach(recorder::stage);
            boolean urgent = false;
            for (Flights.Landed landed : arrived.landed()) {
                settle(landed, pending);
                urgent |= landed.invocation().tool().effect() != EffectClass.READ_ONLY;
            }
            // What must not be repeated must not wait for its slower siblings; what is announced waits for us.
            if (urgent && !flights.isEmpty() || arrived.notes().stream().anyMatch(NoteBox::announces)) {
                recorder.flush();
                refuseIfFenced();
                flights.noted();
            }
        }
        if (pending.isEmpty()) {
            return Optional.empty();
        }
        recorder.flush();
        return Optional.of(new RunEnd.Waiting(merged(pending), recorder.summary()));
    }

    private void settle(Flights.Landed landed, List<WaitReason> pending) throws LetGo, InterruptedException {
        ToolInvocation invocation = landed.invocation();
        if (landed.result().isEmpty()) {
            didNotHappen(invocation);
            return;
        }
        switch (landed.result().get()) {
            case ToolResult.Succeeded(var content, var cut, var spend) ->
                stageOutcome(invocation, false, content, cut, spend);
            case ToolResult.Failed(var content, var cut, var spend) ->
                stageOutcome(invocation, true, content, cut, spend);
            case ToolResult.NotSent(var reason) ->
                stageOutcome(invocation, true, "The call was not made: " + reason, false, null);
            case ToolResult.Unknown(var reason) -> unknown(landed, reason);
            case ToolResult.Pending(var waitFor) -> {
                if (invocation.tool().effect() == EffectClass.RECONCILABLE) {
                    pending.add(waitFor);
                } else {
                    unknown(landed, "it is said to go on elsewhere, but cannot be looked up");
                }
            }
        }
    }

    private void stageOutcome(
            ToolInvocation invocation, boolean error, String content, boolean alreadyCut, Spend spend) {
        PinnedTool tool = invocation.tool();
        // The adapter already kept to the bound; the rest is for its own marker.
        int most = Math.min(MAX_RESULT_BYTES, Math.addExact(Math.max(0, tool.maxResponseBytes()), 1024));
        var text = Texts.cut(content == null ? "" : content, most);
        Spend spent = tool.delegates() ? spend : null;
        recorder.stage(new Entry.ToolOutcome(
                invocation.callId(), tool.name(), error, false, text.text(), alreadyCut || text.cut(), spent));
    }

    private void unknown(Flights.Landed landed, String reason) {
        String callId = landed.invocation().callId();
        PinnedTool tool = landed.invocation().tool();
        unknown.put(callId, reason);
        boolean hopeless = landed.lookup() && failedLookups.merge(callId, 1, Integer::sum) >= LOOKUPS;
        if (hopeless || tool.effect() == EffectClass.AT_MOST_ONCE) {
            stageDoubt(callId, tool.name(), reason);
        }
    }

    /** A lookup found that the attempt never happened, so there may be another one. */
    private void didNotHappen(ToolInvocation invocation) throws LetGo, InterruptedException {
        Planned.Execute again = lookups.get(invocation.callId()).again();
        if (again.attempt() > Harness.TOOL_ATTEMPTS) {
            stageOutcome(
                    invocation,
                    true,
                    "The call did not happen in " + Harness.TOOL_ATTEMPTS + " attempts.",
                    false,
                    null);
            return;
        }
        if (signals.cancelled() || signals.draining()) {
            return;
        }
        recorder.stage(intent(again, new HashSet<>()));
        recorder.flush();
        start(invocation, false);
    }

    private static WaitReason merged(List<WaitReason> pending) {
        List<String> runs = pending.stream()
                .filter(WaitReason.ForRuns.class::isInstance)
                .flatMap(reason -> ((WaitReason.ForRuns) reason).names().stream())
                .distinct()
                .toList();
        return runs.isEmpty() ? pending.getFirst() : new WaitReason.ForRuns(runs);
    }

    @Override
    public void close() {
        flights.close();
    }
}
