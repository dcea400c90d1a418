package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.runtime.store.Hurry;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The tools that work in a sandbox. A call has one id for all attempts, and the daemon runs an id once; what it cannot
 * know, because its pod is gone, is said to have been lost and never tried again by itself.
 */
public final class SandboxTool implements ToolPort {
    private final Acquisition acquisition;
    private final CallInPod calls;
    private final InputFiles files;
    private final ArtifactTool artifacts;
    private final SandboxEgress egress;
    private final Hurry hurry;
    private final NeverSent neverSent = new NeverSent();
    private final SandboxMeters meters;
    private final Duration comingUp;

    /** @param comingUp how long a call waits for a sandbox before its run waits instead of it */
    SandboxTool(
            Acquisition acquisition,
            CallInPod calls,
            InputFiles files,
            Artifacts artifacts,
            SandboxEgress egress,
            Hurry hurry,
            SandboxMeters meters,
            Duration comingUp) {
        this.acquisition = acquisition;
        this.calls = calls;
        this.files = files;
        this.artifacts = new ArtifactTool(calls, artifacts);
        this.egress = egress;
        this.hurry = hurry;
        this.meters = meters;
        this.comingUp = comingUp;
    }

    @Override
    public String place(RunId run, PinnedTool tool, String last) throws InterruptedException {
        hurry.begin(run.uid());
        Optional<SandboxPlace> place = Optional.empty();
        try {
            place = acquisition.place(run, SandboxBinding.of(tool.binding()), SandboxPlace.of(last));
        } finally {
            if (place.isEmpty()) {
                hurry.over(run.uid());
            }
        }
        return place.map(SandboxPlace::text).orElse(null);
    }

    @Override
    public void prepare(RunId run, PinnedTool tool) {
        acquisition.prepare(run, SandboxBinding.of(tool.binding()));
    }

    @Override
    public ToolResult call(ToolInvocation call) throws InterruptedException {
        try {
            return made(call);
        } finally {
            hurry.over(call.run().uid());
        }
    }

    private ToolResult made(ToolInvocation call) throws InterruptedException {
        Optional<BuiltinTool> tool = BuiltinTool.named(call.tool().name());
        if (tool.isEmpty()) {
            return new ToolResult.NotSent("this runtime has no sandbox tool of that name; upgrade it");
        }
        SandboxBinding need = SandboxBinding.of(call.tool().binding());
        neverSent.take(call); // From now on it may be.
        if (call.place() != null) {
            return inPod(tool.get(), call, need, SandboxPlace.of(call.place()));
        }
        return switch (acquisition.get(call.run(), need, SandboxPlace.of(call.lastPlace()), comingUp)) {
            case Acquisition.Got.Ready(var place) -> inPod(tool.get(), call, need, place);
            case Acquisition.Got.Refused(var why) -> new ToolResult.NotSent(why);
            case Acquisition.Got.Cancelled() -> new ToolResult.NotSent("the run is cancelled");
            case Acquisition.Got.Late(var why) -> late(call, need, why);
        };
    }

    private ToolResult late(ToolInvocation call, SandboxBinding need, String why) {
        String what = "the sandbox is not there: " + why;
        if (call.tool().effect() != EffectClass.RECONCILABLE) {
            return new ToolResult.NotSent(what);
        }
        neverSent.add(call);
        return new ToolResult.Pending(
                new WaitReason.ForResources(List.of("Sandbox/" + need.request().key()), CommandText.cut(what, 250)));
    }

    private ToolResult inPod(BuiltinTool tool, ToolInvocation call, SandboxBinding need, SandboxPlace place)
            throws InterruptedException {
        try {
            files.put(call.run(), need, place);
        } catch (InputFiles.NotPut e) {
            return new ToolResult.NotSent(e.getMessage());
        }
        if (tool == BuiltinTool.SAVE_ARTIFACT) {
            return artifacts.save(call, place);
        }
        FileOp op = switch (tool) {
            case SHELL, PYTHON, SAVE_ARTIFACT -> null;
            case READ_FILE, WRITE_FILE, EDIT_FILE, LIST_FILES -> FileCalls.op(tool, call.arguments());
        };
        if (op != null && !FileCalls.fits(op)) {
            return new ToolResult.NotSent("the old and the new text are too long together; edit in smaller parts");
        }
        Frame.ToSandbox frame = switch (tool) {
            case SHELL -> Commands.shell(id(call), call.arguments());
            case PYTHON -> Commands.python(id(call), call.arguments());
            case READ_FILE, WRITE_FILE, EDIT_FILE, LIST_FILES, SAVE_ARTIFACT ->
                new Frame.FileCall(fileId(tool, call), op);
        };
        return result(tool, call, need, perform(tool, call, need, place, frame));
    }

    private CallInPod.Outcome perform(
            BuiltinTool tool, ToolInvocation call, SandboxBinding need, SandboxPlace place, Frame.ToSandbox frame)
            throws InterruptedException {
        Duration limit = switch (tool) {
            case SHELL, PYTHON ->
                Duration.ofSeconds(Commands.seconds(call.arguments())).plusSeconds(30);
            case READ_FILE, WRITE_FILE, EDIT_FILE, LIST_FILES, SAVE_ARTIFACT -> BuiltinTool.FILE_LIMIT;
        };
        String id = frame instanceof Frame.FileCall(var callId, FileOp _) ? callId : id(call);
        Runnable close = tool == BuiltinTool.SHELL || tool == BuiltinTool.PYTHON
                ? egress.open(place.podUid(), place.pod(), call, need)
                : () -> {};
        try {
            return calls.perform(call.run(), place, id, frame, Commands.MAX_OUTPUT, limit);
        } finally {
            close.run();
        }
    }

    private ToolResult result(BuiltinTool tool, ToolInvocation call, SandboxBinding need, CallInPod.Outcome outcome) {
        return switch (outcome) {
            case CallInPod.Outcome.Over(Frame.Exited exited, byte[] out, byte[] err) ->
                CommandText.of(exited, out, err);
            case CallInPod.Outcome.Over(Frame.FileDone done, byte[] _, byte[] _) ->
                FileCalls.result(tool, FileCalls.op(tool, call.arguments()), done);
            case CallInPod.Outcome.Over(var other, byte[] _, byte[] _) ->
                new ToolResult.Unknown(
                        "the sandbox answered " + other.getClass().getSimpleName());
            case CallInPod.Outcome.Lost(var why) -> lost(need, why);
            case CallInPod.Outcome.Gone(var why) -> gone(call, why);
            case CallInPod.Outcome.Cancelled() -> new ToolResult.Failed("Cancelled with the run.");
            case CallInPod.Outcome.NotKnown() -> new ToolResult.Unknown("the sandbox does not know the call");
            case CallInPod.Outcome.Late() -> new ToolResult.Unknown("the sandbox does not answer");
        };
    }

    /** What may be made again is; the rest is made once, and this attempt was none. */
    private static ToolResult gone(ToolInvocation call, String why) {
        String what = "the sandbox was lost before it (" + CommandText.cut(why, 300) + ")";
        return call.tool().effect() == EffectClass.RECONCILABLE
                ? new ToolResult.NotSent(what + "; the next command gets a fresh one")
                : new ToolResult.Unknown(what);
    }

    private ToolResult lost(SandboxBinding need, String why) {
        meters.lost();
        return new ToolResult.Failed("The sandbox was lost while the command may have run (" + CommandText.cut(why, 300)
                + "); whether it had an effect is not known. The next command gets a fresh sandbox, "
                + (need.keepsWorkspace() ? "with the files of /workspace." : "without the files of this one."));
    }

    @Override
    public Optional<ToolResult> lookup(ToolInvocation call) throws InterruptedException {
        Optional<BuiltinTool> tool = BuiltinTool.named(call.tool().name());
        if (tool.isEmpty()) {
            return Optional.of(new ToolResult.Unknown("this runtime has no sandbox tool of that name; upgrade it"));
        }
        SandboxBinding need = SandboxBinding.of(call.tool().binding());
        acquisition.watch();
        acquisition.know(call.run(), need, SandboxPlace.of(call.lastPlace()));
        boolean unsent = neverSent.take(call);
        Optional<SandboxPlace> place = Optional.ofNullable(SandboxPlace.of(call.place()))
                .or(() -> acquisition.used(call.run()).filter(_ -> !unsent));
        // To keep an artifact again is harmless; it has no one id that the daemon could know.
        if (place.isEmpty() || tool.get() == BuiltinTool.SAVE_ARTIFACT) {
            return didNotHappen(call, need);
        }
        String id = switch (tool.get()) {
            case SHELL, PYTHON, SAVE_ARTIFACT -> id(call);
            case READ_FILE, WRITE_FILE, EDIT_FILE, LIST_FILES -> fileId(tool.get(), call);
        };
        return switch (perform(tool.get(), call, need, place.get(), new Frame.Find(id))) {
            // Only there was it to be sent: by its intent, or because the run has had no other sandbox.
            case CallInPod.Outcome.NotKnown()
            when call.place() != null || place.get().number() == 1 -> Optional.empty();
            case CallInPod.Outcome.NotKnown() ->
                Optional.of(lost(need, "an earlier sandbox of this run may have had it"));
            case CallInPod.Outcome.Gone(var why) -> Optional.of(lost(need, why));
            case CallInPod.Outcome outcome -> Optional.of(result(tool.get(), call, need, outcome));
        };
    }

    /** It may be made, but only where it can be: a run that waits for its sandbox uses up no attempts. */
    private Optional<ToolResult> didNotHappen(ToolInvocation call, SandboxBinding need) throws InterruptedException {
        return switch (acquisition.get(call.run(), need, SandboxPlace.of(call.lastPlace()), comingUp)) {
            case Acquisition.Got.Ready _, Acquisition.Got.Cancelled _ -> Optional.empty();
            case Acquisition.Got.Refused(var why) -> Optional.of(new ToolResult.NotSent(why));
            case Acquisition.Got.Late(var why) -> Optional.of(late(call, need, why));
        };
    }

    /** The same for every attempt; of no other run's call, since runs may share a sandbox. */
    private static String id(ToolInvocation call) {
        return call.idempotencyKey();
    }

    /** Reading again shall read again: an attempt of its own each time. */
    private static String fileId(BuiltinTool tool, ToolInvocation call) {
        return tool.effect() == EffectClass.READ_ONLY
                ? id(call) + "-" + call.epoch() + "-" + System.nanoTime()
                : id(call);
    }
}
