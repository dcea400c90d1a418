package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.ByteArrayOutputStream;

/** Fetches a file out of a sandbox, piece by piece, and keeps it. */
final class ArtifactTool {
    private static final int CHUNK = 512 * 1024;

    private final CallInPod calls;
    private final Artifacts artifacts;

    ArtifactTool(CallInPod calls, Artifacts artifacts) {
        this.calls = calls;
        this.artifacts = artifacts;
    }

    ToolResult save(ToolInvocation call, SandboxPlace place) throws InterruptedException {
        String path = call.arguments().path("path").asText();
        String name = call.arguments().path("name").asText(path.substring(path.lastIndexOf('/') + 1));
        try {
            artifacts.check(call.run(), name, 0);
            byte[] content = fetch(call, place, name, path);
            RunStatus.Artifact kept = artifacts.keep(call.run(), name, content);
            return new ToolResult.Succeeded(
                    "kept as '" + kept.name() + "', " + kept.size() + " bytes, " + kept.digest());
        } catch (Artifacts.NotKept e) {
            return new ToolResult.Failed(e.getMessage());
        }
    }

    private byte[] fetch(ToolInvocation call, SandboxPlace place, String name, String path)
            throws Artifacts.NotKept, InterruptedException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (true) {
            Frame.FileDone piece = piece(call, place, path, content.size());
            byte[] bytes = piece.content() == null ? new byte[0] : piece.content();
            if (bytes.length > CHUNK) {
                throw new Artifacts.NotKept("The sandbox answered with more than was asked for.");
            }
            artifacts.check(call.run(), name, Math.max(piece.size(), content.size() + bytes.length));
            content.writeBytes(bytes);
            if (bytes.length == 0 || content.size() >= piece.size()) {
                return content.toByteArray();
            }
        }
    }

    /** Each piece is a call of its own, new for each attempt: the file may have changed since the last one. */
    private Frame.FileDone piece(ToolInvocation call, SandboxPlace place, String path, int offset)
            throws Artifacts.NotKept, InterruptedException {
        String id = call.idempotencyKey() + "-" + System.nanoTime() + "-" + offset;
        FileOp op = new FileOp.Read(path, offset, CHUNK);
        return switch (calls.perform(call.run(), place, id, new Frame.FileCall(id, op), 0, BuiltinTool.FILE_LIMIT)) {
            case CallInPod.Outcome.Over(Frame.FileDone done, byte[] _, byte[] _) -> {
                if (done.error() != null) {
                    throw new Artifacts.NotKept(CommandText.cut(done.error(), 1000));
                }
                yield done;
            }
            case CallInPod.Outcome.Lost(var why) ->
                throw new Artifacts.NotKept("The sandbox was lost: " + CommandText.cut(why, 300));
            case CallInPod.Outcome.Gone(var why) ->
                throw new Artifacts.NotKept("The sandbox was lost: " + CommandText.cut(why, 300));
            case CallInPod.Outcome.Cancelled() -> throw new Artifacts.NotKept("Cancelled with the run.");
            case CallInPod.Outcome.Over _, CallInPod.Outcome.NotKnown _, CallInPod.Outcome.Late _ ->
                throw new Artifacts.NotKept("The sandbox does not answer.");
        };
    }
}
